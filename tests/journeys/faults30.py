"""Plays a day's scripted faults through the real ingest: results minute by minute, a clock that nobody waits for."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from taxops.engines.base import CHINA, Interval, Scope, to_millis
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.alerting import services as alerting
from taxops.systems.operations.monitoring import ingest, services
from taxops.systems.operations.monitoring.models import Check, MonitoredSystem, Prober
from taxops.systems.operations.monitoring.rules import parse_batch
from tests import factories

SCRIPT: dict[str, Any] = tomllib.loads((Path(__file__).parent / "faults30.toml").read_text(encoding="utf-8"))
FAULTS: list[dict[str, Any]] = SCRIPT["fault"]
ROOT = Scope.system("剧本", via="cli")
MINUTE, BATCH = timedelta(minutes=1), timedelta(minutes=10)
OK, WARNING, CRITICAL, UNKNOWN = range(4)
SUSPECT_MS = 5_000


@lru_cache(maxsize=1000)
def at(text: str) -> datetime:
    """Return the instant of a time of the day; `-1 ` and `+1 ` lead to the days beside it."""
    days = 0
    if text[0] in "+-":
        word, text = text.split(" ", 1)
        days = int(word)
    hour, minute, *second = map(int, text.split(":"))
    midnight = datetime.combine(SCRIPT["day"], time(), tzinfo=CHINA)
    return midnight + timedelta(days=days, hours=hour, minutes=minute, seconds=second[0] if second else 0)


def span(texts: list[str]) -> Interval:
    """Return a stretch of the script."""
    return Interval(at(texts[0]), at(texts[1]))


def checks_of(fault: dict[str, Any]) -> list[str]:
    """Return the codes of the checks that a fault is about."""
    named = fault["check"]
    return [named] if isinstance(named, str) else list(named)


def within(instant: datetime, texts: list[str] | None) -> bool:
    """Test whether an instant lies in a stretch of the script."""
    return texts is not None and at(texts[0]) <= instant < at(texts[1])


@dataclass
class Row:
    """One result, and when it reaches the centre."""

    check: str
    when: datetime
    code: int
    late_ms: int
    sent: datetime


@dataclass
class Day:
    """The day as it is played."""

    org: OrgUnit
    systems: dict[str, MonitoredSystem] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)
    seq: int = 0

    @cached_property
    def prober(self) -> Prober:
        """The prober that reports."""
        token, _ = factories.token(["probers.report"], self.org)
        return services.register(ROOT, now=at(SCRIPT["from"]), code="p1", name="探测器", token=token)

    def build(self) -> None:
        """Make the systems and their checks as people would, before the day begins."""
        made = at(SCRIPT["from"])
        for sort, (code, told) in enumerate(SCRIPT["systems"].items()):
            system = services.create_system(
                ROOT,
                now=made,
                code=code,
                name=told["name"],
                org_id=self.org.pk,
                severity="critical",
                sort=sort,
            )
            self.systems[code] = system
            for part in told["checks"]:
                name = f"{code}-{part}"
                self.checks[name] = services.create_check(
                    ROOT,
                    now=made,
                    system_id=system.pk,
                    definition=services.Definition(
                        code=name, name=f"{told['name']}{part}", kind="tcp", target="127.0.0.1:9", interval_s=60,
                        retry_interval_s=60, timeout_s=5, confirm=3, recover=2, item="M05",
                        severity="minor" if part in told.get("minor", []) else "critical",
                    ),
                )  # fmt: skip
        for code, told in SCRIPT["systems"].items():
            if "tree" in told:
                services.define_tree(ROOT, self.systems[code].pk, now=made, tree=told["tree"])

    def rows(self) -> Iterator[Row]:
        """Yield every result of the day, whatever became of it on the way."""
        start, end = at(SCRIPT["from"]), at(SCRIPT["to"])
        count = int((end - start) / MINUTE)
        for name in self.checks:
            mine = [fault for fault in FAULTS if name in checks_of(fault)]
            for n in range(count):
                when = start + n * MINUTE
                row = Row(name, when, OK, 0, when)
                if all(self._told(row, fault) for fault in mine):
                    yield row
            for fault in mine:
                if "extra_good" in fault:
                    extra = fault["extra_good"]
                    yield Row(name, at(extra["at"]), OK, 0, at(extra["sent"]))

    def _told(self, row: Row, fault: dict[str, Any]) -> bool:
        """Let a fault do to a result what it does; return whether there is a result at all."""
        when = row.when
        bad = fault.get("bad", [])
        if "bad_each" in fault:
            bad = fault["bad_each"][checks_of(fault).index(row.check)]
        if any(within(when, texts) for texts in bad):
            row.code = CRITICAL
        if within(when, fault.get("every_other")) and when.minute % 2 == 0:
            row.code = CRITICAL
        if within(when, fault.get("unknown")):
            row.code = UNKNOWN
        if within(when, fault.get("warning")):
            row.code = WARNING
        if any(within(when, texts) for texts in fault.get("suspect", [])):
            row.late_ms = SUSPECT_MS
        late = fault.get("late")
        if late and within(when, late["of"]):
            row.sent = at(late["at"])
        return not within(when, fault.get("silent"))

    def play(self) -> None:
        """Report everything in batches of ten minutes, each when the clock stands at its end."""
        batches: dict[datetime, list[Row]] = {}
        start = at(SCRIPT["from"])
        for row in self.rows():
            end = start + BATCH * ((row.sent - start) // BATCH + 1)
            batches.setdefault(end, []).append(row)
        silences = [at(fault["silent"][1]) - BATCH for fault in FAULTS if "silent" in fault]
        doubles = [fault["twice"] for fault in FAULTS if "twice" in fault]
        for end in sorted(batches):
            self._send(batches[end], end, twice=any(within(end, texts) for texts in doubles))
            if end in silences:
                ingest.judge_silence(now=end)
        ingest.roll_up(now=at(SCRIPT["to"]) + timedelta(minutes=10))

    def _send(self, rows: list[Row], now: datetime, *, twice: bool) -> None:
        self.seq += 1
        results = [
            [
                self.checks[row.check].pk, 1, to_millis(row.when), row.code, 1500, row.late_ms,
                None if row.code == OK else "不通", None, None,
            ]
            for row in sorted(rows, key=lambda one: one.when)
        ]  # fmt: skip
        body = json.dumps({"boot": "b", "seq": self.seq, "sent_at_ms": to_millis(now), "results": results})
        for _ in range(2 if twice else 1):
            ingest.report(self.prober, parse_batch(body.encode()), now=now)
        alerting.turn(now=now)
