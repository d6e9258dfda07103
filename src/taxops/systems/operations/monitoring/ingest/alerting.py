"""Telling people (告警): an alert for each outage, a notice when it opens and when it is over, pages refreshed."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from taxops.engines.base import CHINA, Scope, TaxopsError, duration_words
from taxops.platform.audit import services as audit
from taxops.platform.notify import services as notify
from taxops.systems.operations.monitoring.exchanging import tell_outages
from taxops.systems.operations.monitoring.models import (
    Alert,
    Check,
    MonitoredSystem,
    Outage,
)
from taxops.systems.operations.monitoring.queries.people import responders
from taxops.systems.operations.monitoring.queries.windows import agreed_between
from taxops.systems.operations.monitoring.telling import tell_pages
from taxops.systems.operations.monitoring.words import AlertState, Severity

from .turns import Happened

_log = logging.getLogger("taxops.monitoring")

STALE = timedelta(minutes=10)
"""An outage that was over longer ago than this when it came to be known wakes nobody up."""

_SCOPE = Scope.system("监控判定")


def announce(happened: Happened, now: datetime) -> None:
    """Make and close alerts for what happened, notify those in charge, refresh open pages."""
    if not happened:
        return
    subjects = _Subjects(
        [*happened.opened, *happened.closed, *happened.withdrawn, *(row for row, _, _ in happened.corrected)]
    )
    _open(happened.opened, subjects, now)
    ended = [row for row, _, span in happened.corrected if span.ended_at is not None]
    _resolve([*happened.closed, *happened.withdrawn, *ended], subjects, now)
    _reopen(
        [row for row, was, span in happened.corrected if was.ended_at is not None and span.ended_at is None]
    )
    _trail(happened, subjects, now)
    tell_outages(happened.opened, [*happened.closed, *happened.withdrawn, *ended])
    paths = {path for path in subjects.paths.values() if path}
    paths.update(
        Check.objects.filter(pk__in=list(happened.checks))
        .values_list("system__org__path", flat=True)
        .distinct()
    )
    for path in sorted(paths):
        tell_pages("state", scope_path=path)


class _Subjects:
    """What outages are about (中断对象): names, systems and organisations, loaded in two queries."""

    def __init__(self, outages: Iterable[Outage]) -> None:
        rows = list(outages)
        self.checks = {
            check.pk: check
            for check in Check.objects.filter(
                pk__in={o.check_row_id for o in rows if o.check_row_id}
            ).select_related("system__org")
        }
        self.systems = {
            system.pk: system
            for system in MonitoredSystem.objects.filter(
                pk__in={o.system_id for o in rows if o.system_id}
            ).select_related("org")
        }
        self.paths = {outage.pk: self.system(outage).org.path for outage in rows}

    def system(self, outage: Outage) -> MonitoredSystem:
        """Return the system that an outage concerns."""
        if outage.system_id is not None:
            return self.systems[outage.system_id]
        assert outage.check_row_id is not None
        return self.checks[outage.check_row_id].system

    def title(self, outage: Outage) -> str:
        """Return what is down: 「系统」 or 「系统 · 检查项」."""
        if outage.check_row_id is None:
            return self.system(outage).name
        return f"{self.system(outage).name} · {self.checks[outage.check_row_id].name}"


def _open(opened: Sequence[Outage], subjects: _Subjects, now: datetime) -> None:
    """Make alerts for new outages and tell those in charge, once a system and batch."""
    if not opened:
        return
    quiet = _under_maintenance(opened, subjects)
    known = {alert.outage_id: alert for alert in Alert.objects.filter(outage__in=opened)}
    Alert.objects.bulk_create(
        Alert(
            outage=outage,
            system=subjects.system(outage),
            severity=outage.severity,
            title=f"{subjects.title(outage)} 中断"[:200],
            quiet=outage.pk in quiet,
            state=(AlertState.RESOLVED if outage.ended_at else AlertState.OPEN).value,
            opened_at=now,
            resolved_at=now if outage.ended_at else None,
        )
        for outage in opened
        if outage.pk not in known
    )
    _reopen([outage for outage in opened if outage.pk in known and outage.ended_at is None])
    loud = [
        outage
        for outage in opened
        if outage.pk not in quiet and (outage.ended_at is None or now - outage.ended_at < STALE)
    ]
    for system, outages in _by_system(loud, subjects):
        worst = _worst(outages)
        whole = next((o for o in outages if o.system_id is not None), None)
        first = whole or outages[0]
        others = len(outages) - 1
        title = f"{'系统' if whole else ''}中断：{subjects.title(first)}" + (
            f" 等 {len(outages)} 项" if others else ""
        )
        lines = [f"{_clock(o.started_at)} 起 {subjects.title(o)}：{o.cause}" for o in outages[:20]]
        _tell(system, now, title, "\n".join(lines), worst, first, "open")


def _resolve(ended: Sequence[Outage], subjects: _Subjects, now: datetime) -> None:
    """Close alerts of outages that are over and say so to those who were told of them."""
    if not ended:
        return
    alerts = list(Alert.objects.filter(outage__in=ended).exclude(state=AlertState.RESOLVED))
    if not alerts:
        return
    Alert.objects.filter(pk__in=[alert.pk for alert in alerts]).update(
        state=AlertState.RESOLVED.value, resolved_at=now
    )
    loud = {alert.outage_id for alert in alerts if not alert.quiet}
    for system, outages in _by_system([o for o in ended if o.pk in loud], subjects):
        first = next((o for o in outages if o.system_id is not None), outages[0])
        title = f"恢复：{subjects.title(first)}" + (f" 等 {len(outages)} 项" if len(outages) > 1 else "")
        lines = []
        for outage in outages[:20]:
            if outage.withdrawn_at is not None:
                lines.append(f"{subjects.title(outage)}：经重新计算，该中断不成立。")
            elif outage.ended_at is not None:
                lasted = duration_words((outage.ended_at - outage.started_at).total_seconds())
                lines.append(f"{subjects.title(outage)}：{_clock(outage.ended_at)} 恢复，中断 {lasted}。")
        _tell(system, now, title, "\n".join(lines), Severity.MINOR.value, first, "over")


def _reopen(outages: Sequence[Outage]) -> None:
    """Put alerts back whose outage goes on after all."""
    if outages:
        Alert.objects.filter(outage__in=outages, state=AlertState.RESOLVED).update(
            state=AlertState.OPEN.value, resolved_at=None
        )


def _trail(happened: Happened, subjects: _Subjects, now: datetime) -> None:
    """Leave an audit entry for each outage whose known facts were changed or withdrawn (更正留痕)."""
    for outage in happened.withdrawn:
        _record(
            outage,
            subjects,
            now,
            "outage.withdraw",
            {"withdrawn": False},
            {"withdrawn": True, "why": outage.withdrawn_why},
        )
    for outage, was, span in happened.corrected:
        _record(
            outage,
            subjects,
            now,
            "outage.correct",
            {"ended_at": _iso(was.ended_at), "detected_at": _iso(was.detected_at)},
            {"ended_at": _iso(span.ended_at), "detected_at": _iso(span.detected_at)},
        )


def _record(
    outage: Outage,
    subjects: _Subjects,
    now: datetime,
    action: str,
    before: dict[str, object],
    after: dict[str, object],
) -> None:
    audit.record(
        _SCOPE,
        now=now,
        action=action,
        kind="outage",
        object_id=outage.pk,
        label=f"{subjects.title(outage)} {_clock(outage.started_at)}",
        before=before,
        after=after,
        org_path=subjects.paths[outage.pk],
    )


def _under_maintenance(outages: Sequence[Outage], subjects: _Subjects) -> set[int]:
    """Return the ids of outages that began inside an approved window of their check or system."""
    first, last = min(o.started_at for o in outages), max(o.detected_at for o in outages)
    found: set[int] = set()
    for one in agreed_between(first, last + timedelta(microseconds=1)):
        found.update(
            o.pk
            for o in outages
            if one.interval.start <= o.detected_at
            and one.interval.end > o.started_at
            and one.names(check_id=o.check_row_id, system_id=subjects.system(o).pk)
        )
    return found


def _by_system(
    outages: Sequence[Outage], subjects: _Subjects
) -> Iterable[tuple[MonitoredSystem, list[Outage]]]:
    grouped: dict[int, list[Outage]] = defaultdict(list)
    for outage in outages:
        grouped[subjects.system(outage).pk].append(outage)
    for pk in sorted(grouped):
        yield subjects.system(grouped[pk][0]), grouped[pk]


_NOTICE = {
    Severity.CRITICAL.value: "critical",
    Severity.MAJOR.value: "warning",
    Severity.MINOR.value: "info",
}
"""What an outage's importance (重要程度) is as a notice's level (通知级别)."""


def _worst(outages: Sequence[Outage]) -> str:
    order = [severity.value for severity in Severity]
    return min((outage.severity for outage in outages), key=order.index)


def _tell(
    system: MonitoredSystem, now: datetime, title: str, body: str, severity: str, outage: Outage, what: str
) -> None:
    """Tell those in charge. A notice that cannot be made must not stop results from being taken in: the
    outage and its alert stand, and the fault is logged."""
    people = responders(system.org.path, now)
    if not people:
        return
    try:
        with transaction.atomic():
            notify.tell(
                _SCOPE,
                now=now,
                people=people,
                title=title,
                body=body,
                link=f"/operations/outages/{outage.pk}/",
                severity=_NOTICE[severity],
                key=f"outage-{outage.pk}-{what}",
            )
    except TaxopsError:
        _log.exception("notice of outage %s could not be made", outage.pk)


def _clock(instant: datetime) -> str:
    return instant.astimezone(CHINA).strftime("%m-%d %H:%M:%S")


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()
