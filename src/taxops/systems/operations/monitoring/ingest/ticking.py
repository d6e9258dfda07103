"""What the passing of time decides (计时判定): silent checks and overdue heartbeats.

Who keeps the time? The probers do: each of their calls, at least one every few seconds, asks for what is
due; so do pings, and a job once a minute for the case that every prober is dead. Judging is a
compare-and-set under the check's row lock, so it does not matter how many ask at once, no process has to
be elected, and nothing runs that could be forgotten. Pages judge silence themselves when they are read.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Greatest

from taxops.engines.base import duration_words, to_millis
from taxops.systems.operations.alerting import services as alerting
from taxops.systems.operations.monitoring.models import Check, CheckState, StateChange
from taxops.systems.operations.monitoring.queries.windows import agreed_between
from taxops.systems.operations.monitoring.rules import Row
from taxops.systems.operations.monitoring.words import PASSIVE_KINDS, Cause, Turn

from . import suppressing, turns
from . import systems as trees
from .alerting import announce
from .reporting import take_rows

_LEAST_MS = 1_000
_SILENCE_EVERY_MS = 5_000
_LOOK_BACK = timedelta(minutes=10)
_last = {"beats": 0, "silence": 0}
"""When this process last asked (a saving, not a lock: another process may ask meanwhile)."""


def tick(*, now: datetime) -> None:
    """Judge what has come due by `now`; cheap when nothing has, and at most once a second per process."""
    now_ms = to_millis(now)
    if 0 <= now_ms - _last["beats"] < _LEAST_MS:
        return
    _last["beats"] = now_ms
    judge_heartbeats(now=now)
    alerting.turn_quietly(now)
    if not 0 <= now_ms - _last["silence"] < _SILENCE_EVERY_MS:
        _last["silence"] = now_ms
        judge_silence(now=now)
        judge_suppressed(now=now)


def judge_heartbeats(*, now: datetime) -> int:
    """Make an outage of each heartbeat that is overdue (心跳逾期); return how many."""
    now_ms = to_millis(now)
    due = CheckState.objects.filter(
        deadline_ms__lte=now_ms, check_row__enabled=True, check_row__archived_at=None
    )
    if not due.exists():
        return 0
    with transaction.atomic():
        rows: list[Row] = []
        for state in _locked(due):
            deadline = state.deadline_ms
            assert deadline is not None
            message = f"任务在期限内没有上报（期限已过 {duration_words((now_ms - deadline) / 1000)}）。"
            rows.append(
                Row(
                    state.pk,
                    state.check_row.version,
                    max(deadline, state.last_at_ms + 1),
                    2,
                    0,
                    0,
                    message,
                    None,
                    None,
                )
            )
        CheckState.objects.filter(pk__in=[row.check_id for row in rows]).update(deadline_ms=None)
        happened = turns.Happened()
        take_rows(rows, happened, now=now, prober_id=None)
        announce(happened, now)
    return len(rows)


def judge_silence(*, now: datetime) -> int:
    """Note in history which checks' results stopped coming (无数据); return how many. Never an outage."""
    now_ms = to_millis(now)
    silent = (
        CheckState.objects.filter(silent_since_ms=None, check_row__enabled=True, check_row__archived_at=None)
        .exclude(check_row__kind__in=sorted(PASSIVE_KINDS))
        .annotate(heard=Greatest("last_at_ms", "alive_from_ms"))
        .filter(heard__lt=Value(now_ms) - F("check_row__silence_ms"))
    )
    if not silent.exists():
        return 0
    with transaction.atomic():
        lines: list[StateChange] = []
        for state in _locked(silent):
            at_ms = max(state.last_at_ms, state.alive_from_ms)
            known_ms = at_ms + state.check_row.silence_ms
            lines.append(
                StateChange(
                    check_row_id=state.pk,
                    kind=Turn.SILENT_BEGAN.value,
                    at_ms=at_ms,
                    known_ms=known_ms,
                    entered_at=now,
                    cause=Cause.SILENCE.value,
                    message=f"超过 {duration_words(state.check_row.silence_ms / 1000)} 没有新结果。",
                )
            )
        CheckState.objects.filter(pk__in=[line.check_row_id for line in lines]).update(
            silent_since_ms=Greatest("last_at_ms", "alive_from_ms")
        )
        StateChange.objects.bulk_create(lines)
        happened = turns.Happened(checks={line.check_row_id for line in lines if line.check_row_id})
        announce(happened, now)
    return len(lines)


def judge_suppressed(*, now: datetime) -> int:
    """Let outages count that go on though what explained them is over (抑制到期); return how many were judged."""
    happened = turns.Happened()
    with transaction.atomic():
        count = suppressing.release(now=now, happened=happened)
        if happened:
            trees.recompute(dict(happened.systems), happened, now, cause=Cause.TREE)
            announce(happened, now)
    return count


def judge_windows(*, now: datetime) -> int:
    """Judge the systems again whose members began or ended maintenance lately (维护起止); return how many windows.

    Idempotent: it looks back over more than one round, so that a missed minute costs nothing.
    """
    since = now - _LOOK_BACK
    edges = [
        one
        for one in agreed_between(since, now)
        if one.checks and (one.interval.start >= since or one.interval.end <= now)
    ]
    if edges:
        with transaction.atomic():
            happened = turns.Happened()
            checks = {pk for one in edges for pk in one.checks}
            trees.settle_windows(checks, min(one.interval.start for one in edges), now, happened)
            announce(happened, now)
    return len(edges)


def _locked(rows: QuerySet[CheckState]) -> list[CheckState]:
    """Return rows with their checks, locked in the order of their ids, as a batch locks them."""
    wanted = rows.select_related("check_row").order_by("pk")
    if connection.features.has_select_for_update_of:
        wanted = wanted.select_for_update(of=("self",), no_key=True)
    return list(wanted)


def overdue_checks(now: datetime) -> list[int]:
    """Return the ids of heartbeats past their deadline, for the health page."""
    return list(
        Check.objects.filter(state__deadline_ms__lte=to_millis(now), enabled=True).values_list(
            "pk", flat=True
        )
    )
