"""Availability of a service year: the worked examples as data, and properties."""

from __future__ import annotations

import tomllib
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.base import CHINA, BadInput, Interval, parse_instant
from taxops.engines.checks import (
    Window,
    add_months,
    fault_days,
    measure_availability,
    service_year,
)

DATA = tomllib.loads((Path(__file__).parent / "data" / "availability.toml").read_text(encoding="utf-8"))
YEAR = service_year(DATA["signed_on"])
APPROVED = parse_instant("2026-01-01")


def interval(texts: list[str]) -> Interval:
    return Interval(parse_instant(texts[0]), parse_instant(texts[1]))


@pytest.mark.parametrize("example", DATA["example"], ids=lambda example: example["id"])
def test_worked_examples(example: dict[str, Any]) -> None:
    windows = [
        Window(parse_instant(start), parse_instant(end), APPROVED if consent == "approved" else None)
        for start, end, consent in example.get("windows", [])
    ]
    found = measure_availability(
        [interval(texts) for texts in example["outages"]],
        YEAR,
        parse_instant(example.get("as_of", "2027-01-01")),
        windows=windows,
    )
    for name, expected in example["expect"].items():
        if name == "n_pieces":
            assert len(found.pieces) == expected
        elif name == "availability":
            assert found.availability == pytest.approx(expected, abs=5e-7)
        elif name == "streak_on":
            assert found.streak_on == parse_instant(expected)
        else:
            assert getattr(found, name) == expected, name


def test_a_service_year_begins_on_the_day_of_signing() -> None:
    year = service_year(date(2024, 2, 29))
    assert year.end == datetime(2025, 2, 28, tzinfo=CHINA)
    assert service_year(date(2024, 2, 29), 2).start == datetime(2025, 2, 28, tzinfo=CHINA)
    assert service_year(date(2024, 2, 29), 5).start == datetime(2028, 2, 29, tzinfo=CHINA)
    with pytest.raises(BadInput, match="从 1 数起"):
        service_year(date(2024, 2, 29), 0)


def test_a_month_later_is_the_same_day_or_the_months_last() -> None:
    assert add_months(datetime(2026, 8, 31, tzinfo=CHINA), 6) == datetime(2027, 2, 28, tzinfo=CHINA)
    assert add_months(parse_instant("2026-03-01 00:30"), 6) == parse_instant("2026-09-01 00:30")


def test_before_anything_happened_all_is_open() -> None:
    found = measure_availability([], YEAR, YEAR.start)
    assert found.availability == 1
    assert found.holds
    assert not found.streak_reached
    assert found.streak_on == parse_instant("2026-07-01")
    assert found.worst is None


def test_an_outage_that_lasts_delays_the_run() -> None:
    now = parse_instant("2026-03-01 12:00")
    found = measure_availability([Interval(parse_instant("2026-03-01 11:00"), now)], YEAR, now)
    assert found.streak_on == parse_instant("2026-09-01 12:00")


def test_planned_time_counts_where_the_contract_says_so() -> None:
    from taxops.engines.checks import Terms

    outage = interval(["2026-07-02 22:00", "2026-07-03 00:00"])
    window = Window(outage.start, outage.end, APPROVED)
    strict = measure_availability(
        [outage], YEAR, YEAR.end, windows=[window], terms=Terms(exclude_planned=False)
    )
    assert strict.downtime_s == 7200
    assert strict.excluded == ()
    assert measure_availability([outage], YEAR, YEAR.end, windows=[window]).excluded[0].seconds == 7200


def test_coverage_is_told_and_flagged() -> None:
    half = Interval(YEAR.start, YEAR.start + (YEAR.end - YEAR.start) / 2)
    found = measure_availability([], YEAR, YEAR.end, monitored=[half])
    assert found.coverage == pytest.approx(0.5)
    assert not found.coverage_ok
    assert found.availability == 1
    assert measure_availability([], YEAR, YEAR.end, monitored=[YEAR]).coverage_ok
    assert measure_availability([], YEAR, YEAR.end).coverage is None


def test_a_fault_over_midnight_counts_for_two_days() -> None:
    days = fault_days([interval(["2026-06-01 23:00", "2026-06-02 01:00"])])
    assert days == [date(2026, 6, 1), date(2026, 6, 2)]
    assert fault_days([interval(["2026-06-01 23:00", "2026-06-02 00:00"])]) == [date(2026, 6, 1)]


outages = st.lists(
    st.tuples(st.integers(-100, 9000), st.integers(1, 300)).map(
        lambda p: Interval(YEAR.start + timedelta(hours=p[0]), YEAR.start + timedelta(hours=sum(p)))
    ),
    max_size=6,
)


@given(outages, st.integers(0, 9000))
def test_the_figures_agree_with_one_another(found_outages: list[Interval], hours: int) -> None:
    as_of = YEAR.start + timedelta(hours=hours)
    found = measure_availability(found_outages, YEAR, as_of)
    assert 0 <= found.availability <= 1
    assert found.budget_s == 43200 - found.downtime_s
    assert all(YEAR.start <= piece.start < piece.end <= found.as_of for piece in found.pieces)
    assert found.streak_reachable or not found.streak_reached
    assert (found.streak_on is not None) == found.streak_reachable
    if found.is_over:
        assert found.streak_reachable == found.streak_reached


@given(outages, outages)
def test_an_exclusion_never_makes_it_worse(found_outages: list[Interval], holes: list[Interval]) -> None:
    windows = [Window(hole.start, hole.end, APPROVED) for hole in holes]
    plain = measure_availability(found_outages, YEAR, YEAR.end)
    eased = measure_availability(found_outages, YEAR, YEAR.end, windows=windows)
    assert eased.downtime_s <= plain.downtime_s
    assert eased.streak_reached >= plain.streak_reached
    assert eased.downtime_s + sum(line.seconds for line in eased.excluded) == plain.downtime_s
