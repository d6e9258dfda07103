"""What monitoring's tests share: a province, a watched system, checks, a prober that reports by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from taxops.engines.base import Scope, from_millis, to_millis
from taxops.platform.identity.models import OrgUnit, Person
from taxops.systems.operations.monitoring import ingest, services
from taxops.systems.operations.monitoring.ingest import ticking
from taxops.systems.operations.monitoring.models import Check, MonitoredSystem, Outage, Prober
from taxops.systems.operations.monitoring.rules import parse_batch
from tests import factories


@pytest.fixture(autouse=True)
def _fresh_ticks() -> None:
    """The process remembers when it last looked at the time; tests begin anew."""
    ticking._last.update(beats=0, silence=0)


@pytest.fixture
def province(db: None) -> dict[str, OrgUnit]:
    """Return a small province by code."""
    return factories.province()


@pytest.fixture
def top(province: dict[str, OrgUnit]) -> OrgUnit:
    """Return its root."""
    return province["145000"]


@pytest.fixture
def root() -> Scope:
    """Return the scope of the platform itself."""
    return Scope.system("测试", via="cli")


@pytest.fixture
def engineer(top: OrgUnit) -> Person:
    """Return an on-site engineer of the whole province."""
    return factories.person("engineer", top, "onsite_engineer")


@pytest.fixture
def bureau(top: OrgUnit) -> Person:
    """Return a bureau administrator of the whole province."""
    return factories.person("bureau", top, "bureau_admin")


@pytest.fixture
def system(root: Scope, top: OrgUnit, now: datetime) -> MonitoredSystem:
    """Return a watched system."""
    return make_system(root, top, now, "einvoice")


def make_system(scope: Scope, org: OrgUnit, now: datetime, code: str, **more: Any) -> MonitoredSystem:
    """Return a stored system."""
    return services.create_system(scope, now=now, code=code, name=f"系统{code}", org_id=org.pk, **more)


MakeCheck = Callable[..., Check]


@pytest.fixture
def make_check(root: Scope, system: MonitoredSystem, now: datetime) -> MakeCheck:
    """Return a function that stores a check of the system; by default tcp, 3 to confirm, 2 to recover."""
    count = iter(range(1, 10_000))

    def make(name: str = "", **fields: Any) -> Check:
        n = next(count)
        of = fields.pop("of", system)
        values: dict[str, Any] = {
            "name": name or f"检查{n}",
            "kind": "tcp",
            "target": f"127.0.0.1:{9000 + n}",
            "interval_s": 10,
            "retry_interval_s": 10,
            "timeout_s": 5,
            "code": f"C{n}",
        }
        values.update(fields)
        at = values.pop("at", now)
        return services.create_check(root, now=at, system_id=of.pk, definition=services.Definition(**values))

    return make


@dataclass
class Reporter:
    """Reports results as a prober does."""

    prober: Prober
    now: datetime
    boot: str = "boot-1"
    seq: int = 0
    sent: list[bytes] = field(default_factory=list)

    def at(self, seconds: float) -> int:
        """Return the milliseconds of an instant so many seconds after the beginning."""
        return to_millis(self.now) + round(seconds * 1000)

    def send(
        self, rows: Iterable[Sequence[Any]], *, at: float | None = None, seq: int | None = None
    ) -> ingest.Taken:
        """Send rows `(check, seconds, code, …)`; the centre's clock stands just after the last of them."""
        results = [self.row(*row) for row in rows]
        last = max((r[2] for r in results), default=self.at(0)) + 100
        instant = from_millis(last) if at is None else self.now + timedelta(seconds=at)
        if seq is None:
            self.seq += 1
            seq = self.seq
        body = json.dumps(
            {"boot": self.boot, "seq": seq, "sent_at_ms": to_millis(instant), "results": results}
        )
        self.sent.append(body.encode())
        return ingest.report(self.prober, parse_batch(body.encode()), now=instant)

    def row(
        self,
        check: Check,
        seconds: float,
        code: int,
        message: str | None = None,
        late_ms: int = 0,
        **more: Any,
    ) -> list[Any]:
        """Return one result as the protocol has it."""
        return [
            check.pk,
            more.get("version", check.version),
            self.at(seconds),
            code,
            more.get("took_us", 1500),
            late_ms,
            message,
            more.get("metrics"),
            more.get("trace"),
        ]

    def run(self, check: Check, codes: str, *, start: float = 0, step: float = 10) -> None:
        """Send one result after the other, each in a batch of its own: `.` ok, `!` critical, `w`, `?`, `_` none."""
        for i, char in enumerate(codes):
            if char != "_":
                self.send([(check, start + i * step, ".w!?".index(char), None if char == "." else f"坏{i}")])


@pytest.fixture
def reporter(root: Scope, top: OrgUnit, now: datetime) -> Reporter:
    """Return a prober that reports by hand."""
    token, _ = factories.token(["probers.report"], top)
    prober = services.register(root, now=now, code="p1", name="探测器一", token=token)
    return Reporter(prober, now)


def outages(now: datetime, **subject: Any) -> list[tuple[float, float | None, float, float | None]]:
    """Return the outages that stand, as seconds since the beginning: start, end, detected, recovered."""
    rows = Outage.objects.filter(withdrawn_at=None, **subject).order_by("started_at")

    def s(instant: datetime | None) -> float | None:
        return None if instant is None else (instant - now).total_seconds()

    return [(s(o.started_at) or 0.0, s(o.ended_at), s(o.detected_at) or 0.0, s(o.recovered_at)) for o in rows]
