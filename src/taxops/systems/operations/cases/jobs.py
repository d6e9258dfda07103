"""Background work of the cases room (后台作业)."""

from __future__ import annotations

from taxops.platform.jobs.registry import JobContext, job

from . import services


@job(
    "operations.cases.watch", title="中断转故障、重大事项提请", cron="* * * * *", lease_s=120, max_attempts=3
)
def watch(ctx: JobContext) -> dict[str, int]:
    """Take outages that nobody took yet, their ends, and what has lasted thirty minutes."""
    return services.catch_up(now=ctx.now())
