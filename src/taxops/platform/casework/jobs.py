"""Background work of casework (事项的后台作业)."""

from __future__ import annotations

from taxops.platform.jobs.registry import JobContext, job

from . import services


@job("casework.escalate", title="事项时限升级", cron="* * * * *", lease_s=120, max_attempts=3)
def escalate(ctx: JobContext) -> dict[str, int]:
    """Tell people of clocks that have come far; a rung is told once however often this runs."""
    return {"told": services.escalate(now=ctx.now())}


@job("casework.renew", title="工作日历变动后重算时限", lease_s=120, max_attempts=5)
def renew(ctx: JobContext, path: str) -> dict[str, int]:
    """Compute the clocks of an organisation's open cases again after its calendar changed."""
    return {"renewed": services.renew_open(path, now=ctx.now(), check=ctx.check)}
