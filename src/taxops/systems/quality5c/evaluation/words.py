"""Words of evaluation (评价用词)."""

from __future__ import annotations

from taxops.engines.base import Choices


class SchemeState(Choices):
    """Whether a scheme may still be computed anew (方案状态)."""

    OPEN = "open", "计算中"
    PUBLISHED = "published", "已发布"
