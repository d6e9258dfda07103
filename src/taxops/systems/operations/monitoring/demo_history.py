"""Thirty invented days before the demonstration began (演示历史), so that trends and timelines are not empty.

Everything is marked as invented (「演示历史」) in the outages it makes; what a visitor sees from the first minute on
is real. Deterministic, stored in bulk, once: repeating it changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, pi
from random import Random

from django.db import connection

from taxops.engines.base import CHINA, to_millis
from taxops.platform.identity.models import Person
from taxops.systems.operations.alerting.models import Alert
from taxops.systems.operations.alerting.rules import mark_of
from taxops.systems.operations.alerting.words import AlertState

from .models import Check, MonitoredSystem, Outage, Rollup5m, StateChange
from .rules import SLOT_MS
from .words import Cause, Turn

DAYS = 30
MARK = "（演示历史）"
_FAULTS = (
    ("tysl", "tysl-health", "连接被拒绝", 23, True),
    ("dzdz", "dzdz-kafka", "积压 48,210 条，停滞 340 秒", 41, False),
    ("fpcy", "fpcy-portal", "HTTP 502", 12, True),
    ("zhfw", "zhfw-transfer-fresh", "距最近一批 1,130 秒", 35, False),
    ("aqjr", "aqjr-login", "步骤「换取令牌」HTTP 500", 18, True),
    ("dzdz", "dzdz-db", "连接超时", 9, True),
    ("tysl", "tysl-log-cache", "连接被拒绝", 6, False),
    ("fpcy", "fpcy-dns", "没有应答", 4, True),
    ("tysl", "tysl-lb-b", "连接被拒绝", 52, False),
    ("zhfw", "zhfw-upload-job", "任务在期限内没有上报", 27, False),
)
"""System, check, what was seen, minutes, whether the system went down with it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One invented fault (演示故障)."""

    check: Check
    start: datetime
    end: datetime
    seen: str
    brings_down: bool


def seed_history(now: datetime) -> int:
    """Store the invented days; return how many outages they have, 0 when there is history already."""
    if Outage.objects.exists() or Rollup5m.objects.exists():
        return 0
    checks = list(
        Check.objects.filter(archived_at=None, enabled=True).select_related("system").order_by("pk")
    )
    if not checks:
        return 0
    born = now - timedelta(days=DAYS)
    MonitoredSystem.objects.filter(archived_at=None).update(created_at=born)
    Check.objects.filter(pk__in=[check.pk for check in checks]).update(created_at=born)
    faults = _faults(checks, now)
    StateChange.objects.bulk_create(
        [
            StateChange(check_row=check, kind=Turn.FIRST_GOOD.value, at_ms=to_millis(born), known_ms=to_millis(born),
                        entered_at=now, cause=Cause.RESULT.value, message=f"首次正常{MARK}")
            for check in checks
        ]
    )  # fmt: skip
    _outages(faults, now)
    _store(_rollups(checks, faults, now))
    return len(faults)


def _faults(checks: Sequence[Check], now: datetime) -> list[Fault]:
    random = Random(145)  # noqa: S311 -- a demonstration's noise, not a secret
    known = {check.code: check for check in checks}
    city = [check for check in checks if check.code.startswith("city-")]
    found: list[Fault] = []
    for day in range(DAYS - 1, 0, -1):
        midnight = (
            (now - timedelta(days=day)).astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
        )
        for _ in range(random.choice((0, 1, 1, 1, 2, 3))):
            start = midnight + timedelta(seconds=random.randrange(8 * 3600, 21 * 3600))
            if city and random.random() < 0.3:
                check, seen, minutes, down = (
                    random.choice(city),
                    "专线连接超时",
                    random.randrange(5, 40),
                    True,
                )
            else:
                _, code, seen, minutes, down = random.choice(_FAULTS)
                if code not in known:
                    continue
                check = known[code]
            end = start + timedelta(minutes=minutes * random.uniform(0.5, 1.6))
            clear = all(f.check != check or f.end < start or end < f.start for f in found)
            if clear and end < now - timedelta(hours=1):
                found.append(Fault(check, start, end, seen, down))
    return sorted(found, key=lambda fault: fault.start)


def _outages(faults: Sequence[Fault], now: datetime) -> None:
    """Store each fault as an outage with its lines, its alert, and its system's outage where it had one."""
    person = Person.objects.filter(username="engineer").first()
    rows: list[tuple[Outage, MonitoredSystem]] = []
    for fault in faults:
        system = fault.check.system
        rows.append((_row(fault, now, check_row=fault.check), system))
        taken = any(o.system_id == system.pk and (o.ended_at or now) > fault.start for o, _ in rows)
        if fault.brings_down and not taken:
            rows.append((_row(fault, now, system=system), system))
    made = Outage.objects.bulk_create([outage for outage, _ in rows])
    lines, alerts = [], []
    for outage, (_, system) in zip(made, rows, strict=True):
        subject = {"check_row": outage.check_row, "system": outage.system}
        cause = (Cause.TREE if outage.system_id else Cause.RESULT).value
        for kind, at, known in (
            (Turn.OUTAGE_OPENED, outage.started_at, outage.detected_at),
            (Turn.OUTAGE_CLOSED, outage.ended_at, outage.recovered_at),
        ):
            assert at is not None
            assert known is not None
            lines.append(
                StateChange(**subject, kind=kind.value, at_ms=to_millis(at), known_ms=to_millis(known),
                            start_ms=to_millis(outage.started_at), entered_at=now, cause=cause,
                            message=outage.cause)
            )  # fmt: skip
        name = outage.system.name if outage.system else outage.check_row.name if outage.check_row else ""
        labels = {"source": "monitoring", "system": system.code, "org": system.org.path}
        if outage.check_row:
            labels |= {"level": "check", "check": outage.check_row.code}
        alerts.append(
            Alert(key=f"outage-{outage.pk}", labels=labels, fingerprint=mark_of(labels), org_id=system.org_id,
                  outage=outage, system=system, severity=outage.severity, title=f"{name} 中断"[:200],
                  summary=outage.cause, since_at=outage.started_at, last_at=outage.recovered_at or now,
                  state=AlertState.RESOLVED.value, opened_at=outage.detected_at, resolved_at=outage.recovered_at,
                  acknowledged_at=outage.detected_at + timedelta(minutes=3), acknowledged_by=person,
                  acknowledged_note=f"已联系处理{MARK}")
        )  # fmt: skip
    StateChange.objects.bulk_create(lines)
    Alert.objects.bulk_create(alerts)


def _row(fault: Fault, now: datetime, **subject: Check | MonitoredSystem) -> Outage:
    severity = next(iter(subject.values())).severity
    return Outage(
        **subject, started_at=fault.start, ended_at=fault.end, detected_at=fault.start + timedelta(seconds=30),
        recovered_at=fault.end + timedelta(seconds=15), severity=severity, cause=f"{fault.seen}{MARK}",
        entered_at=now,
    )  # fmt: skip


def _rollups(checks: Sequence[Check], faults: Sequence[Fault], now: datetime) -> Iterator[dict[str, int]]:
    """Return one slot an hour for the month and every slot of the last day: enough for every chart."""
    random = Random(217)  # noqa: S311 -- a demonstration's noise
    last = to_millis(now) // SLOT_MS - 1
    slots = sorted({*range(last - DAYS * 288, last, 12), *range(last - 288, last)})
    busy = {slot: 1 + 0.6 * max(0.0, -cos((slot * 5 / 60 + 8) % 24 * pi / 12)) for slot in slots}
    down = [
        (fault.check.pk, to_millis(fault.start) // SLOT_MS, to_millis(fault.end) // SLOT_MS)
        for fault in faults
    ]
    bad = {(pk, slot) for pk, first, over in down for slot in range(first, over + 1)}
    for check in checks:
        n = max(1, min(60, round(300 / max(1.0, check.interval_s))))
        base = 400 + 9000 * random.random() ** 2
        noise = [random.uniform(0.85, 1.25) for _ in range(211)]
        for slot in slots:
            mean = base * busy[slot] * noise[slot % 211]
            failed = n if (check.pk, slot) in bad else 0
            if failed:
                mean = min(mean * 40, check.timeout_s * 1e6)
            yield {
                "check_id": check.pk,
                "slot": slot,
                "n": n,
                "n_ok": n - failed,
                "n_critical": failed,
                "duration_sum_us": int(mean * n),
                "duration_max_us": int(mean * 1.8),
            }


def _store(rows: Iterable[dict[str, int]]) -> None:
    """Write roll-ups without making an object of each: forty thousand objects cost a start seven seconds."""
    fields = Rollup5m._meta.concrete_fields
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    names = [field.attname for field in fields]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {quote(Rollup5m._meta.db_table)} ({columns}) VALUES ({places})",  # noqa: S608 -- our names
            [[row.get(name, 0) for name in names] for row in rows],  # all of them are numbers
        )
