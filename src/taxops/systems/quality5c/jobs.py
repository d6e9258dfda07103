"""Background work of quality5c (后台作业)."""

from __future__ import annotations

from taxops.platform.jobs.registry import JobContext, job

from .evaluation import services


@job("quality5c.clear_trials", title="清除到期的试算", cron="23 4 * * *", lease_s=60, max_attempts=3)
def clear_trials(ctx: JobContext) -> dict[str, int]:
    """Remove the trials that have expired."""
    return {"removed": services.clear_trials(now=ctx.now())}
