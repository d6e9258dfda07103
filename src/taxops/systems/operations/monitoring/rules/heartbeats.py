"""When a job's silence becomes an outage (心跳期限)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from taxops.engines.base import BadInput, from_millis, to_millis
from taxops.engines.checks import Cron, Period, heartbeat_status

USUAL_GRACE_S = 300


def schedule_of(params: Mapping[str, Any]) -> Cron | Period:
    """Return when reports are due.

    Raises:
        BadInput: neither or both of cron and period are given, or the expression cannot be read.
    """
    cron, every = params.get("cron"), params.get("every_s")
    if bool(cron) == bool(every):
        raise BadInput("「计划」与「间隔秒数」应填写其中一个。", field="params.cron")
    return Cron(str(cron)) if cron else Period(timedelta(seconds=float(every or 0)))


def deadline_ms(
    params: Mapping[str, Any], last_ping_ms: int | None, started_ms: int | None, now: datetime
) -> int | None:
    """Return when the silence of a job becomes an outage; None while nothing is expected.

    Args:
        params: of the heartbeat check.
        last_ping_ms: when it last reported the end of a run.
        started_ms: when it reported the start of a run whose end is not in yet.
        now: the present instant.
    """
    grace = params.get("grace_s")
    found = heartbeat_status(
        None if last_ping_ms is None else from_millis(last_ping_ms),
        schedule_of(params),
        timedelta(seconds=float(USUAL_GRACE_S if grace is None else grace)),
        now,
    )
    due = None if found.down_at is None else to_millis(found.down_at)
    most_run = params.get("most_run_s")
    if started_ms is not None and most_run and (last_ping_ms is None or started_ms > last_ping_ms):
        ends = started_ms + round(float(most_run) * 1000)
        due = ends if due is None else min(due, ends)
    return due
