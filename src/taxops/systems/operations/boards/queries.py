"""What the wall board asks (大屏数据): a fixed number of queries, however many checks there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BooleanField, Case, Count, OuterRef, Q, Subquery, When

from taxops.engines.base import CHINA, Scope, cartogram, division
from taxops.platform.identity.models import OrgLevel, OrgUnit, Person
from taxops.platform.identity.queries import within
from taxops.systems.operations import duty
from taxops.systems.operations.monitoring import queries as monitoring
from taxops.systems.operations.monitoring.models import Outage
from taxops.systems.operations.monitoring.rules import system_shown
from taxops.systems.operations.monitoring.words import Shown

from . import rules

VIEW = "monitoring.view"
MOST_OUTAGES = 7
MOST_ALERTS = 6
TREND_DAYS = 30
_RANK = {state: rank for rank, state in enumerate(Shown)}


@dataclass(frozen=True, slots=True)
class Watch:
    """Somebody on duty as the wall names him (值班人): who, at which post, until when."""

    name: str
    phone: str
    post: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Board:
    """Everything on the wall (大屏)."""

    province: str
    tiles: Sequence[rules.Tile]
    own: Shown | None
    systems: Sequence[Any]
    counts: Sequence[tuple[Shown, int]]
    checks: int
    outages: Sequence[Any]
    n_outages: int
    recoveries: Sequence[Any]
    alerts: Sequence[Any]
    n_alerts: int
    hours: Sequence[rules.Bucket]
    days: Sequence[rules.Bucket]
    on_duty: Sequence[Watch] = field(default=())

    @property
    def down(self) -> list[Any]:
        """The systems that are down now."""
        return [system for system in self.systems if system.shown == Shown.CRITICAL]


def board(scope: Scope, now: datetime) -> Board:
    """Return the wall board for what this reader may see (全省大屏)."""
    systems, counts = _systems(scope, now)
    province, cities = _cities(scope, now)
    watched = [rules.Watched(one.org.path, Shown(one.shown)) for one in systems]
    places = cartogram(division(province.code)[:2]) if province else ()
    running = list(monitoring.open_outages(scope, now)[: MOST_OUTAGES + 1])
    waiting = monitoring.list_alerts(scope, now).filter(state="open", quiet=False)
    return Board(
        province=str(province or ""),
        tiles=rules.tiles(cities, places, watched),
        own=rules.elsewhere(watched, cities),
        systems=systems,
        counts=rules.by_state(counts),
        checks=sum(counts.values()),
        outages=running[:MOST_OUTAGES],
        n_outages=len(running)
        if len(running) <= MOST_OUTAGES
        else monitoring.list_outages(scope, now).filter(ended_at=None).count(),
        recoveries=monitoring.recent_recoveries(scope, now, limit=5),
        alerts=list(waiting[:MOST_ALERTS]),
        n_alerts=waiting.count(),
        hours=rules.hours(_begun(scope, now), now),
        days=rules.days(_down(scope, now), now, count=TREND_DAYS),
        on_duty=_on_duty(province, now),
    )


def _cities(scope: Scope, now: datetime) -> tuple[OrgUnit | None, list[rules.City]]:
    """Return the province that the reader belongs to or looks at, and the cities within his range."""
    paths = scope.paths(VIEW)
    today = now.astimezone(CHINA).date()
    units = list(
        OrgUnit.objects.filter(
            Q(valid_to=None) | Q(valid_to__gt=today),
            valid_from__lte=today,
            level__in=[OrgLevel.PROVINCE, OrgLevel.CITY],
        )
        .order_by("code")
        .only("code", "name", "short_name", "path", "level")
    )
    province = next(
        (
            unit
            for unit in units
            if unit.level == OrgLevel.PROVINCE
            and any(unit.path.startswith(path) or path.startswith(unit.path) for path in paths)
        ),
        None,
    )
    cities = [
        rules.City(unit.code, str(unit), unit.path)
        for unit in units
        if unit.level == OrgLevel.CITY
        and any(unit.path.startswith(path) or path.startswith(unit.path) for path in paths)
    ]
    return province, cities


def _systems(scope: Scope, now: datetime) -> tuple[list[Any], dict[str, int]]:
    """Return the systems, worst first, with `shown` and counts as `list_systems` has them, and all checks by state.

    Checks are judged once, in one pass: counting them per system in SQL judges each four times over.
    """
    judged = (
        monitoring.list_checks(scope, now)
        .filter(system__archived_at=None)
        .order_by()
        .values_list("system_id", "shown")
        .annotate(n=Count("pk"))
    )
    counts: dict[int, dict[str, int]] = {}
    total: dict[str, int] = {}
    for system_id, shown, n in judged:
        total[shown] = total.get(shown, 0) + n
        if shown != Shown.DISABLED:
            counts.setdefault(system_id, {})[shown] = n
    suspended = monitoring.suspended_now(now)
    current = Outage.objects.filter(system=OuterRef("pk"), ended_at=None, withdrawn_at=None)
    systems: list[Any] = list(
        monitoring.systems_for(scope, VIEW).annotate(
            down_since=Subquery(current.values("started_at")[:1]),
            has_tree=Case(When(tree__isnull=False, then=True), default=False, output_field=BooleanField()),
        )
    )
    for one in systems:
        own = counts.get(one.pk, {})
        one.n_checks = sum(own.values())
        one.n_critical = own.get(Shown.CRITICAL, 0)
        one.n_dark = sum(own.get(state, 0) for state in (Shown.NO_DATA, Shown.UNKNOWN, Shown.PENDING))
        one.shown = system_shown(
            own,
            down=one.down_since is not None,
            suspended=one.pk in suspended.systems,
            has_tree=one.has_tree,
        )
    systems.sort(key=lambda one: (_RANK[one.shown], one.sort, one.code))
    return systems, total


def _begun(scope: Scope, now: datetime) -> list[rules.Spell]:
    """Return what began in the last day, for the hours."""
    rows = monitoring.list_outages(scope, now).filter(started_at__gte=now - timedelta(hours=25)).order_by()
    return [
        rules.Spell(start, end or now, system is not None)
        for start, end, system in rows.values_list("started_at", "ended_at", "system_id")
    ]


def _down(scope: Scope, now: datetime) -> list[rules.Spell]:
    """Return when systems were down in the last month, for the days."""
    since = now - timedelta(days=TREND_DAYS + 1)
    rows = (
        Outage.objects.filter(
            within(scope, VIEW, "system__org__path"), withdrawn_at=None, system__isnull=False
        )
        .filter(Q(ended_at=None) | Q(ended_at__gte=since))
        .values_list("started_at", "ended_at")
    )
    return [rules.Spell(start, end or now, of_system=True) for start, end in rows]


def _on_duty(province: OrgUnit | None, now: datetime) -> list[Watch]:
    if province is None:
        return []
    found = duty.on_duty(province.pk, now)
    people = Person.objects.in_bulk([one.person_id for one in found]) if found else {}
    return [
        Watch(people[one.person_id].display_name, people[one.person_id].phone, one.post, one.until)
        for one in found
        if one.person_id in people
    ]
