"""The nightly clearing of identity (身份数据清理); identity stands beneath jobs, so the job is declared here."""

from __future__ import annotations

from typing import Any

from taxops.platform.identity import services
from taxops.platform.jobs.registry import JobContext, job


@job("identity.tidy", title="清理过期会话和登录记录", cron="30 3 * * *", lease_s=300)
def tidy(ctx: JobContext) -> dict[str, Any]:
    """Delete what nobody needs any more; doing it twice changes nothing."""
    return dict(services.tidy(now=ctx.now()))
