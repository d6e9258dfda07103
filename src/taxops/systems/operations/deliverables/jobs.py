"""Background work of deliverables (后台作业): the day's reports, and new versions when something became known."""

from __future__ import annotations

from datetime import datetime, timedelta

from taxops.engines.base import CHINA, Interval, Scope, parse_instant
from taxops.platform.jobs.registry import JobContext, job
from taxops.systems.operations.availability import telling

from . import services

LOOK_BACK = timedelta(days=7)
"""Raw results are kept for a week; what comes later than that is refused."""


@job(
    "operations.deliverables.daily",
    title="出具系统运行监控报告",
    cron="30 0 * * *",
    lease_s=600,
    max_attempts=3,
)
def daily(ctx: JobContext) -> dict[str, int]:
    """Make yesterday's reports, and look at those of the week before for results that came late."""
    now = ctx.now()
    yesterday = (now.astimezone(CHINA) - timedelta(days=1)).date()
    made = services.make_all(ctx.scope, now=now, day=yesterday)["made"]
    ctx.check()
    found = services.revise(ctx.scope, now=now, start=now - LOOK_BACK, end=now - timedelta(days=1))
    return {"made": made, "revised": found["made"]}


@job("operations.deliverables.revise", title="因剔除变更修订报告", lease_s=600, max_attempts=3)
def revise(ctx: JobContext, start: str, end: str) -> dict[str, int]:
    """Make new versions of the papers of these days where they differ; harmless to repeat."""
    found = services.revise(ctx.scope, now=ctx.now(), start=parse_instant(start), end=parse_instant(end))
    return dict(found)


def ask_revision(interval: Interval, now: datetime) -> None:
    """Ask for the papers of an interval to be looked at, in the caller's transaction."""
    from taxops.platform.jobs.services import enqueue  # models: not at import time

    enqueue(
        "operations.deliverables.revise",
        {"start": interval.start.isoformat(), "end": interval.end.isoformat()},
        scope=Scope.system("剔除变更"),
        now=now,
    )


telling.listen(ask_revision)
