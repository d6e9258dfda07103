"""Background work of intake (后台作业): what syslog never says is over, and receipts that are old."""

from __future__ import annotations

from taxops.platform.jobs.registry import JobContext, job

from . import services


@job(
    "operations.intake.settle", title="结束不再出现的日志告警", cron="*/5 * * * *", lease_s=60, max_attempts=1
)
def settle(ctx: JobContext) -> dict[str, int]:
    """End alerts whose lines stopped coming."""
    return {"ended": services.end_silent_lines(now=ctx.now())}


@job("operations.intake.forget", title="清理接收回执", cron="40 3 * * *", lease_s=120, max_attempts=2)
def forget(ctx: JobContext) -> dict[str, int]:
    """Forget receipts that are older than is kept."""
    return {"receipts": services.forget_old(now=ctx.now())}
