"""The watch and its incidents (监控与故障): an outage opens or joins an incident, its end restores it, thirty minutes
propose a major matter.

The outage rows are the truth: `catch_up` looks for those nobody took yet, so an event that was lost (a process
killed between commit and telling) costs a minute and nothing else. What is told at once goes the same way.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q

from taxops.engines.base import CHINA, Scope, TaxopsError
from taxops.platform.casework import queries as casework
from taxops.platform.casework import services
from taxops.platform.casework.models import Case
from taxops.systems.operations.cases import catalogue, rules
from taxops.systems.operations.cases.models import OutageCase
from taxops.systems.operations.monitoring.models import MaintenanceWindow, Outage

_log = logging.getLogger("taxops.cases")
_SCOPE = Scope.system("运行监控")
KNOWN = timedelta(days=7)
"""Outages that were over longer ago than this when they came to be known open no incident."""


def fingerprint(outage: Outage) -> str:
    """Return which problem an outage is (指纹): its system's."""
    return f"outage:{outage.system_id}"


def catch_up(*, now: datetime) -> dict[str, int]:
    """Take every outage of a system that nobody took yet, and every end of one that was taken; harmless to repeat."""
    counts = {"opened": 0, "ended": 0, "major": 0, "failed": 0}
    fresh = (
        Outage.objects.filter(system__isnull=False, withdrawn_at=None, case_row=None)
        .filter(Q(ended_at=None) | Q(ended_at__gt=now - KNOWN))
        .select_related("system__org")
        .order_by("detected_at")[:500]
    )
    for outage in fresh:
        counts["opened"] += _tried(lambda o=outage: take_outage(o, now=now), counts)
    open_rows = OutageCase.objects.filter(ended=False).select_related("outage__system__org", "case__org")
    for row in open_rows.order_by("taken_at")[:500]:
        counts["major"] += _tried(lambda r=row: propose_major(r, now=now), counts)
        counts["ended"] += _tried(lambda r=row: take_end(r, now=now), counts)
    return counts


def _tried(act: object, counts: dict[str, int]) -> int:
    """Do one thing in its own transaction; one that fails must not stop the others, and is logged."""
    try:
        return int(bool(act()))  # type: ignore[operator]
    except (TaxopsError, IntegrityError):
        _log.exception("the watch could not hand over an outage")
        counts["failed"] += 1
        return 0


def _windows(outage: Outage, until: datetime) -> list[tuple[datetime, datetime]]:
    """Return the approved windows of an outage's system; a window that is only asked for excuses nothing (A02)."""
    rows = MaintenanceWindow.objects.filter(
        systems=outage.system_id, state="approved", starts_at__lte=until, ends_at__gt=outage.started_at
    )
    return list(rows.values_list("starts_at", "ends_at"))


def take_outage(outage: Outage, *, now: datetime) -> bool:
    """Open an incident for an outage, or let it join the open one of the same system; False when excused or taken.

    The clock starts with the detection (spec §1.2 no. 4); an outage that outlasts its window starts it then.
    """
    assert outage.system is not None
    excused = rules.within_windows(outage.detected_at, _windows(outage, outage.ended_at or now))
    if excused is not None and (
        excused > now or (outage.ended_at is not None and outage.ended_at <= excused)
    ):
        return False
    at = min(max(outage.detected_at, excused or outage.detected_at), now)
    with transaction.atomic():
        if OutageCase.objects.filter(outage=outage).exists():
            return False
        known = casework.open_with(fingerprint(outage), ["incident"])
        case = _join(known, outage, at, now) if known else _open(outage, at, now)
        OutageCase.objects.create(outage=outage, case=case, taken_at=now)
    return True


def _open(outage: Outage, at: datetime, now: datetime) -> Case:
    assert outage.system is not None
    return services.open_new(
        _SCOPE,
        now=now,
        type_code="incident",
        org_id=outage.system.org_id,
        data={
            "title": f"{outage.system.name} 中断"[:120],
            "description": f"{_clock(outage.started_at)} 起：{outage.cause}"[:2000],
            "requester": "运行监控",
            "channel": "monitoring",
            "level": rules.LEVEL_OF.get(outage.severity, "L3"),
            "system": outage.system.code,
        },
        at=at,
        key=f"outage-{outage.pk}",
        fingerprint=fingerprint(outage),
    )


def _join(case: Case, outage: Outage, at: datetime, now: datetime) -> Case:
    words = f"再次中断：{_clock(outage.started_at)} 起，{outage.cause}"[:1000]
    if case.state in ("restored", "resolved", "reported"):
        return services.take(
            _SCOPE, now=now, case_id=case.pk, step="fail_again", data={"why": words}, at=_after(case, at),
            key=f"outage-{outage.pk}",
        )  # fmt: skip
    return services.comment(_SCOPE, now=now, case_id=case.pk, text=_plain(words), key=f"outage-{outage.pk}")


def _after(case: Case, at: datetime) -> datetime:
    """Return the instant, or that of the case's last step when it lies before it: steps keep their order."""
    last = case.events.filter(kind__in=("open", "move")).order_by("-at").values_list("at", flat=True).first()
    return max(at, last) if last else at


def take_end(row: OutageCase, *, now: datetime) -> bool:
    """Restore the incident of an outage that is over, once all of its outages are; False while one lasts."""
    outage = row.outage
    if outage.ended_at is None and outage.withdrawn_at is None:
        return False
    with transaction.atomic():
        locked = OutageCase.objects.select_for_update(of=("self",)).get(pk=row.pk)
        if locked.ended:
            return False
        case = Case.objects.select_related("org").get(pk=row.case_id)
        if outage.withdrawn_at is not None:
            words = f"监控：{_clock(outage.started_at)} 起的中断经重新计算不成立。{outage.withdrawn_why}"
            services.comment(_SCOPE, now=now, case_id=case.pk, text=_plain(words), key=f"gone-{outage.pk}")
        elif not _others_last(row) and case.state in ("new", "working", "waiting"):
            assert outage.ended_at is not None
            services.take(
                _SCOPE, now=now, case_id=case.pk, step="restore",
                data={"how_restored": f"监控确认 {_clock(outage.ended_at)} 恢复。"},
                at=_after(case, outage.ended_at), key=f"end-{outage.pk}",
            )  # fmt: skip
        locked.ended = True
        locked.save(update_fields=["ended"])
    return True


def _others_last(row: OutageCase) -> bool:
    return (
        OutageCase.objects.filter(case_id=row.case_id, outage__ended_at=None, outage__withdrawn_at=None)
        .exclude(pk=row.pk)
        .exists()
    )


def propose_major(row: OutageCase, *, now: datetime) -> bool:
    """Propose a major matter for an outage that has lasted thirty minutes (JL:223); a person confirms or rejects it."""
    outage = row.outage
    if row.major_id is not None or outage.withdrawn_at is not None or outage.system is None:
        return False
    until = outage.ended_at or now
    minutes = catalogue.parameters(now.astimezone(CHINA).date()).major_minutes
    began = _counted_from(outage, until)
    if not rules.is_major(began, until, minutes):
        return False
    with transaction.atomic():
        case = services.open_new(
            _SCOPE,
            now=now,
            type_code="major",
            org_id=outage.system.org_id,
            data={
                "title": f"{outage.system.name} 中断已满 {minutes} 分钟"[:120],
                "description": outage.cause or "监控判定中断。",
                "system": outage.system.code,
                "ground": "stopped",
                "began_at": int(outage.started_at.timestamp()),
                "levy_period": False,
                "incident": row.case.number,
            },
            at=min(now, began + timedelta(minutes=minutes)),  # when it became one, however late we look
            key=f"major-{outage.pk}",
        )
        services.link(_SCOPE, now=now, source_id=case.pk, kind="parent", target_id=row.case_id)
        OutageCase.objects.filter(pk=row.pk).update(major=case)
        row.major = case
    return True


def _counted_from(outage: Outage, until: datetime) -> datetime:
    """Return from when an outage counts: behind the approved window that covers its beginning."""
    return rules.within_windows(outage.started_at, _windows(outage, until)) or outage.started_at


def _clock(instant: datetime) -> str:
    return instant.astimezone(CHINA).strftime("%m-%d %H:%M:%S")


def _plain(words: str) -> str:
    """Return words in which nobody is called: a cause may hold an @."""
    return words.replace("@", "＠")


__all__ = ["catch_up", "fingerprint", "propose_major", "take_end", "take_outage"]
