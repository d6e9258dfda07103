"""Background work of alerting (后台作业): the desk's turn when nobody else takes it."""

from __future__ import annotations

from taxops.platform.jobs.registry import JobContext, job

from . import services


@job("operations.alerting.turn", title="处理到期的告警通知", cron="* * * * *", lease_s=60, max_attempts=1)
def turn(ctx: JobContext) -> dict[str, int]:
    """Decide what is due: repeats, escalations, silences that ended. Probers' calls do it every second."""
    return {"notices": services.turn(now=ctx.now())}
