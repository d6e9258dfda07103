"""What a wall board says (大屏判定): the worst of many, where a city stands, how outages spread over time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from taxops.engines.base import CHINA, Place, placed
from taxops.systems.operations.monitoring.words import Shown

_WORST = (
    Shown.CRITICAL,
    Shown.NO_DATA,
    Shown.FLAPPING,
    Shown.CONFIRMING,
    Shown.WARNING,
    Shown.UNKNOWN,
    Shown.SUSPENDED,
    Shown.PENDING,
    Shown.OK,
)
"""What the wall shows first. A warning goes before a check of unknown state, since it is about the service."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A city on the map (地市图块): its place, its worst state (None: nothing is watched there) and counts."""

    place: Place
    org_code: str
    shown: Shown | None
    systems: int = 0
    bad: int = 0


@dataclass(frozen=True, slots=True)
class Watched:
    """A watched system as the map counts it (地市系统): where it belongs and how it stands."""

    org_path: str
    shown: Shown


@dataclass(frozen=True, slots=True)
class City:
    """A city's tax authority (市局)."""

    code: str
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bar of a trend (趋势柱): what began in it, and for how long systems were down in it."""

    start: datetime
    checks: int = 0
    systems: int = 0
    down_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Spell:
    """One outage as the trend counts it (中断段); `end` is now while it lasts."""

    start: datetime
    end: datetime
    of_system: bool


def worst(states: Iterable[Shown]) -> Shown | None:
    """Return the worst of some states (最差状态); None when there is none. What is switched off says nothing.

    >>> worst([Shown.OK, Shown.WARNING]).label
    '警告'
    """
    found = set(states)
    return next((state for state in _WORST if state in found), None)


def tiles(cities: Sequence[City], places: Sequence[Place], systems: Sequence[Watched]) -> list[Tile]:
    """Return the map (地市图): each city with the worst state of the systems that belong to it or below it."""
    made = []
    for city, place in placed(cities, places):
        own = [system.shown for system in systems if system.org_path.startswith(city.path)]
        bad = sum(1 for shown in own if shown is Shown.CRITICAL)
        made.append(Tile(place, city.code, worst(own), len(own), bad))
    return sorted(made, key=lambda tile: (tile.place.row, tile.place.column))


def elsewhere(systems: Sequence[Watched], cities: Sequence[City]) -> Shown | None:
    """Return the worst state of the systems that belong to no city: the province's own (省级系统)."""
    return worst(
        system.shown
        for system in systems
        if not any(system.org_path.startswith(city.path) for city in cities)
    )


def hours(spells: Sequence[Spell], now: datetime, *, count: int = 24) -> list[Bucket]:
    """Return the last hours by the clock of China, the running one last (逐小时趋势)."""
    last = now.astimezone(CHINA).replace(minute=0, second=0, microsecond=0)
    return _buckets(
        spells, [last - timedelta(hours=count - 1 - i) for i in range(count)], timedelta(hours=1), now
    )


def days(spells: Sequence[Spell], now: datetime, *, count: int = 30) -> list[Bucket]:
    """Return the last days of China, today last (逐日趋势); China has no summer time, so a day is 24 hours."""
    last = now.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    return _buckets(
        spells, [last - timedelta(days=count - 1 - i) for i in range(count)], timedelta(days=1), now
    )


def _buckets(
    spells: Sequence[Spell], starts: Sequence[datetime], width: timedelta, now: datetime
) -> list[Bucket]:
    checks, systems, down = ([0] * len(starts), [0] * len(starts), [0.0] * len(starts))
    first, over = starts[0], min(now, starts[-1] + width)
    for spell in spells:
        if spell.start >= first and spell.start < starts[-1] + width:
            place = (spell.start - first) // width
            (systems if spell.of_system else checks)[place] += 1
        begin, end = max(spell.start, first), min(spell.end, over)
        if spell.of_system and begin < end:
            for place in range((begin - first) // width, min(len(starts), (end - first) // width + 1)):
                inside = min(end, starts[place] + width) - max(begin, starts[place])
                down[place] += max(0.0, inside.total_seconds())
    return [Bucket(at, checks[i], systems[i], down[i]) for i, at in enumerate(starts)]


def by_state(counts: Mapping[str, int]) -> list[tuple[Shown, int]]:
    """Return states that occur, worst first, with how many are in them (按状态计数)."""
    return [(state, counts[state.value]) for state in (*_WORST, Shown.DISABLED) if counts.get(state.value)]
