"""Telling alerting (告警): an alert for each outage when it opens and when it is over; pages refreshed, trail kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from taxops.engines.base import CHINA, Scope
from taxops.platform.audit import services as audit
from taxops.systems.operations.alerting import services as alerting
from taxops.systems.operations.alerting.models import Alert
from taxops.systems.operations.alerting.words import AlertState
from taxops.systems.operations.monitoring.exchanging import tell_outages
from taxops.systems.operations.monitoring.models import (
    Check,
    MonitoredSystem,
    Outage,
)
from taxops.systems.operations.monitoring.queries.windows import agreed_between
from taxops.systems.operations.monitoring.telling import tell_pages

from .flapping import flapping_behind, tell_flapping
from .turns import Happened

_SCOPE = Scope.system("监控判定")


def announce(happened: Happened, now: datetime) -> None:
    """Make and close alerts for what happened, leave the trail, refresh open pages."""
    if not happened:
        return
    subjects = _Subjects(
        [
            *happened.opened,
            *happened.closed,
            *happened.withdrawn,
            *happened.suppressed,
            *(row for row, _, _ in happened.corrected),
        ]
    )
    tell_flapping(happened.flapped, now)
    _open(happened.opened, flapping_behind(happened.opened, happened.blame), subjects, now)
    ended = [row for row, _, span in happened.corrected if span.ended_at is not None]
    _resolve([*happened.closed, *happened.withdrawn, *ended, *happened.suppressed], now)
    _reopen(
        [row for row, was, span in happened.corrected if was.ended_at is not None and span.ended_at is None],
        now,
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


def _open(opened: Sequence[Outage], flapping: Mapping[int, str], subjects: _Subjects, now: datetime) -> None:
    """Make alerts for new outages; those under maintenance are kept and told to nobody."""
    if not opened:
        return
    quiet = _under_maintenance(opened, subjects)
    alerting.raise_alerts(
        [_trouble(o, subjects, o.pk in quiet, flapping.get(o.pk, "")) for o in opened], now=now
    )
    _reopen([outage for outage in opened if outage.ended_at is None], now)


def _trouble(outage: Outage, subjects: _Subjects, quiet: bool, flapping: str) -> alerting.Trouble:
    """Return an outage as alerting takes it; one that only a flapping check caused says so."""
    system = subjects.system(outage)
    labels = {"source": "monitoring", "level": "system", "system": system.code}
    if outage.check_row_id is not None:
        check = subjects.checks[outage.check_row_id]
        labels |= {"level": "check", "check": check.code, "kind": check.kind, "zone": check.zone}
        if check.item:
            labels["item"] = check.item
    if flapping:
        labels["flapping"] = flapping
    return alerting.Trouble(
        key=f"outage-{outage.pk}",
        labels=labels,
        org_id=system.org_id,
        org_path=system.org.path,
        severity=outage.severity,
        title=f"{subjects.title(outage)} 中断",
        summary=outage.cause,
        link=f"/operations/outages/{outage.pk}/",
        since_at=outage.started_at,
        system_id=system.pk,
        outage_id=outage.pk,
        quiet=quiet,
        ended_at=outage.ended_at,
    )


def _resolve(ended: Sequence[Outage], now: datetime) -> None:
    """Close alerts of outages that are over; those who were told of them are told so."""
    if not ended:
        return
    alerts = Alert.objects.filter(outage__in=ended).exclude(state=AlertState.RESOLVED)
    withdrawn = {o.pk for o in ended if o.withdrawn_at is not None}
    rows = list(alerts)
    notes = {a.pk: "经重新计算，该中断不成立。" for a in rows if a.outage_id in withdrawn}
    suppressed = {o.pk for o in ended if o.is_suppressed}
    notes |= {a.pk: "因上级中断而被抑制，不再单独告警。" for a in rows if a.outage_id in suppressed}
    alerting.resolve_alerts(rows, now=now, notes=notes)


def _reopen(outages: Sequence[Outage], now: datetime) -> None:
    """Put alerts back whose outage goes on after all."""
    if outages:
        rows = Alert.objects.filter(outage__in=outages, state=AlertState.RESOLVED)
        alerting.reopen_alerts(list(rows), now=now)


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


def _clock(instant: datetime) -> str:
    return instant.astimezone(CHINA).strftime("%m-%d %H:%M:%S")


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()
