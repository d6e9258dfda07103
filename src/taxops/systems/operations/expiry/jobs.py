"""Background work of what runs out (到期提醒后台作业)."""

from __future__ import annotations

from taxops.platform.jobs.registry import JobContext, job

from . import services


@job("operations.expiry.remind", title="提醒授权与保修到期", cron="10 8 * * *", lease_s=120, max_attempts=3)
def remind(ctx: JobContext) -> dict[str, int]:
    """Tell those who renew what comes near its end; harmless to repeat."""
    return {"told": services.remind(now=ctx.now())}
