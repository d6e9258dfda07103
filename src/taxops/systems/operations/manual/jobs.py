"""Background work of checks that people carry out (人工检查后台作业)."""

from __future__ import annotations

from taxops.platform.jobs.registry import JobContext, job

from . import services


@job("operations.manual.overdue", title="判定人工检查逾期", cron="*/5 * * * *", lease_s=60, max_attempts=1)
def overdue(ctx: JobContext) -> dict[str, int]:
    """Show as unknown what nobody looked at in time."""
    return {"overdue": services.judge_overdue(now=ctx.now())}
