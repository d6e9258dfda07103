"""Background work of casework (事项的后台作业)."""

from __future__ import annotations

from taxops.platform.jobs.registry import JobContext, job

from . import services


@job("casework.escalate", title="事项时限升级", cron="* * * * *", lease_s=120, max_attempts=3)
def escalate(ctx: JobContext) -> dict[str, int]:
    """Tell people of clocks that have come far; a rung is told once however often this runs."""
    return {"told": services.escalate(now=ctx.now())}
