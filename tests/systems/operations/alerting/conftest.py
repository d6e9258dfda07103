"""What alerting's tests share: a province, people, a system, and a timeline that may be restarted at any tick."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit, Person
from taxops.systems.operations.alerting import services
from taxops.systems.operations.alerting.models import Alert, AlertNotice
from taxops.systems.operations.alerting.services import turning
from taxops.systems.operations.monitoring import services as monitoring
from taxops.systems.operations.monitoring.models import MonitoredSystem
from tests import factories


@pytest.fixture(autouse=True)
def _no_desk_in_memory() -> Iterator[None]:
    """A test's database begins empty, whatever this process remembers."""
    turning._kept.desk = None
    yield
    turning._kept.desk = None


@pytest.fixture
def province(db: None) -> dict[str, OrgUnit]:
    """Return a small province by code."""
    return factories.province()


@pytest.fixture
def top(province: dict[str, OrgUnit]) -> OrgUnit:
    """Return its root."""
    return province["145000"]


@pytest.fixture
def engineer(top: OrgUnit) -> Person:
    """Return an on-site engineer of the whole province."""
    return factories.person("engineer", top, "onsite_engineer")


@pytest.fixture
def boss(top: OrgUnit) -> Person:
    """Return the project manager, whom the first escalation wakes."""
    return factories.person("boss", top, "ops_manager")


@pytest.fixture
def bureau(top: OrgUnit) -> Person:
    """Return the bureau's administrator, whom the second one wakes."""
    return factories.person("bureau", top, "bureau_admin")


def system_of(org: OrgUnit, now: datetime, code: str, severity: str = "major") -> MonitoredSystem:
    """Return a stored system."""
    scope = Scope.system("测试", via="cli")
    return monitoring.create_system(
        scope, now=now, code=code, name=f"系统{code}", org_id=org.pk, severity=severity
    )


@dataclass
class Timeline:
    """Push at t1, expect between t2 and t3 (in seconds); the process may be restarted at any tick."""

    start: datetime
    org: OrgUnit
    restart_every: int = 0
    at: int = 0
    seen: int = 0
    told: list[tuple[int, str, list[str]]] = field(default_factory=list)

    def now(self) -> datetime:
        """Return the instant of the present second."""
        return self.start + timedelta(seconds=self.at)

    def run(self, until: int, step: int = 5) -> None:
        """Let time pass, a turn every `step` seconds, and keep what was told at which second."""
        while self.at < until:
            self.at = min(until, self.at + step)
            if self.restart_every and self.at % self.restart_every == 0:
                turning._kept.desk = None  # what a kill -9 leaves: the database
            self.turn()

    def turn(self) -> None:
        """Take one turn."""
        services.turn(now=self.now())
        fresh = AlertNotice.objects.filter(pk__gt=self.seen).order_by("pk")
        for notice in fresh:
            self.seen = notice.pk
            titles = sorted(alert.title for alert in notice.alerts.all())
            self.told.append((self.at, notice.reason, titles))

    def push(self, name: str, *, key: str = "", system: MonitoredSystem | None = None, **more: Any) -> Alert:
        """Make an alert now and take a turn."""
        severity = more.pop("severity", "major")
        labels = {"source": "test", "system": system.code if system else "s", "level": "check", "check": name}
        labels.update(more.pop("labels", {}))
        made = services.raise_alerts(
            [
                services.Trouble(
                    key=key or f"t-{name}-{self.at}",
                    labels=labels,
                    org_id=self.org.pk,
                    org_path=self.org.path,
                    severity=severity,
                    title=name,
                    since_at=self.now(),
                    source="events",
                    system_id=system.pk if system else None,
                    **more,
                )
            ],
            now=self.now(),
        )
        self.turn()
        return made[0]

    def end(self, alert: Alert) -> None:
        """End an alert now and take a turn."""
        services.resolve_alerts([Alert.objects.get(pk=alert.pk)], now=self.now())
        self.turn()

    def reasons(self) -> list[tuple[int, str]]:
        """Return `(second, reason)` of everything told."""
        return [(at, reason) for at, reason, _ in self.told]


@pytest.fixture(params=[0, 5], ids=["steady", "restart each turn"])
def timeline(request: pytest.FixtureRequest, top: OrgUnit, now: datetime) -> Timeline:
    """Return a timeline told twice: without restarts, and with one before each turn."""
    services.ensure_defaults(now=now)
    return Timeline(now, top, restart_every=request.param)
