"""What the wall says: the worst state, where cities stand, how outages spread over hours and days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.base import Place, cartogram, division, placed
from taxops.systems.operations.boards import rules
from taxops.systems.operations.boards.rules import City, Spell, Watched
from taxops.systems.operations.monitoring.words import Shown

NOW = datetime(2026, 11, 22, 4, 20, tzinfo=UTC)  # 12:20 in China


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], None),
        ([Shown.DISABLED], None),
        ([Shown.OK, Shown.DISABLED], Shown.OK),
        ([Shown.OK, Shown.NO_DATA, Shown.WARNING], Shown.NO_DATA),
        ([Shown.UNKNOWN, Shown.WARNING], Shown.WARNING),
        ([Shown.SUSPENDED, Shown.OK], Shown.SUSPENDED),
        (list(Shown), Shown.CRITICAL),
    ],
)
def test_the_worst_state_wins(states: list[Shown], expected: Shown | None) -> None:
    assert rules.worst(states) is expected


def test_a_tax_authoritys_code_holds_its_division() -> None:
    assert division("12201000000") == "220100"
    assert division("145010") == "145010"


@pytest.mark.parametrize(("province", "count"), [("45", 14), ("22", 9), ("11", 0)])
def test_every_city_has_its_own_tile(province: str, count: int) -> None:
    places = cartogram(province)
    assert len(places) == count
    assert len({(p.column, p.row) for p in places}) == count
    assert len({p.code for p in places}) == count
    for place in places:  # one piece: every tile touches another
        near = {
            (place.column - 1, place.row), (place.column + 1, place.row),
            *((place.column + d, place.row + r) for r in (-1, 1) for d in ((0, 1) if place.row % 2 else (-1, 0))),
        }  # fmt: skip
        assert near & {(p.column, p.row) for p in places}, place.name


def test_cities_without_a_place_stand_in_rows_below() -> None:
    places = [Place("2201", "长春", 1, 1)]
    cities = [City("12201000000", "长春市局", "22/2201/")] + [
        City(f"9{n}", f"新{n}市局", f"22/{n}/") for n in range(5)
    ]
    found = {city.code: (p.column, p.row) for city, p in placed(cities, places)}
    assert found["12201000000"] == (1, 1)
    assert [found[f"9{n}"] for n in range(5)] == [(0, 2), (1, 2), (2, 2), (3, 2), (0, 3)]


def test_a_city_shows_its_own_and_lower_systems_and_the_province_the_rest() -> None:
    cities = [City("12201000000", "长春市局", "p/a/"), City("12202000000", "吉林市局", "p/b/")]
    systems = [
        Watched("p/", Shown.WARNING),
        Watched("p/a/", Shown.OK),
        Watched("p/a/x/", Shown.CRITICAL),
    ]
    first, second = sorted(rules.tiles(cities, cartogram("22"), systems), key=lambda tile: tile.org_code)
    assert (first.shown, first.systems, first.bad) == (Shown.CRITICAL, 2, 1)
    assert (second.shown, second.systems) == (None, 0)
    assert rules.elsewhere(systems, cities) is Shown.WARNING


def test_hours_and_days_are_those_of_china() -> None:
    spells = [
        Spell(NOW - timedelta(minutes=50), NOW, True),  # 11:30 – 12:20
        Spell(NOW - timedelta(minutes=10), NOW, False),
        Spell(NOW - timedelta(hours=30), NOW - timedelta(hours=29), True),  # yesterday 06:20
    ]
    hours = rules.hours(spells, NOW)
    assert [(b.systems, b.checks, b.down_s) for b in hours[-2:]] == [(1, 0, 1800), (0, 1, 1200)]
    assert sum(b.systems for b in hours) == 1
    days = rules.days(spells, NOW, count=3)
    assert [(b.systems, b.down_s) for b in days] == [(0, 0), (1, 3600), (1, 3000)]


_spell = st.builds(
    lambda ago, length, of_system: Spell(
        NOW - timedelta(minutes=ago), min(NOW, NOW - timedelta(minutes=ago - length)), of_system
    ),
    st.integers(1, 40 * 1440),
    st.integers(1, 4000),
    st.booleans(),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(_spell, max_size=8))
def test_down_time_is_what_a_slow_walk_finds(spells: list[Spell]) -> None:
    buckets = rules.days(spells, NOW, count=5)
    for at, bucket in enumerate(buckets):
        end = min(NOW, buckets[at + 1].start if at + 1 < len(buckets) else NOW)
        slow = sum(
            max(0.0, (min(s.end, end) - max(s.start, bucket.start)).total_seconds())
            for s in spells
            if s.of_system
        )
        assert bucket.down_s == pytest.approx(slow)
