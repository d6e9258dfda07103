"""Words of external data (外部数据用词)."""

from __future__ import annotations

from taxops.engines.base import Choices


class BatchState(Choices):
    """Whether a batch counts (批次状态)."""

    APPLIED = "applied", "已生效"
    ROLLED_BACK = "rolled_back", "已回退"
