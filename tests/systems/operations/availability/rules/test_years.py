"""Which year and which terms: days of signing at the edges, the nearest agreement, refusals."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from taxops.engines.base import BadInput, parse_instant
from taxops.systems.operations.availability.rules import Offer, Term, days_of, term_of, year_named, year_of

SIGNED = Term(date(2024, 3, 15), name="运维合同", agreement_id=1)


@pytest.mark.parametrize(
    ("at", "first"),
    [
        ("2024-03-15 00:00", date(2024, 3, 15)),
        ("2025-03-14 23:59:59", date(2024, 3, 15)),
        ("2025-03-15 00:00", date(2025, 3, 15)),
        ("2026-11-22 08:00", date(2026, 3, 15)),
        ("2023-01-01 00:00", date(2024, 3, 15)),
    ],
)
def test_the_year_in_which_an_instant_lies(at: str, first: date) -> None:
    assert days_of(year_of(SIGNED, parse_instant(at)))[0] == first


def test_a_year_is_named_by_the_calendar_year_in_which_it_begins() -> None:
    assert days_of(year_named(SIGNED, 2025)) == (date(2025, 3, 15), date(2026, 3, 14))
    with pytest.raises(BadInput, match="没有始于 2023 年的服务年度：合同自 2024-03-15 起算"):
        year_named(SIGNED, 2023)
    with pytest.raises(BadInput):
        year_named(SIGNED, 9999)


def offer(name: str, signed: date, path: str, *systems: int) -> Offer:
    return Offer(Term(signed, name=name, agreement_id=1), path, frozenset(systems))


def test_the_nearest_agreement_that_is_in_force_holds() -> None:
    today = date(2026, 6, 1)
    province = offer("省局", date(2025, 1, 1), "145000/")
    city = offer("市局", date(2024, 1, 1), "145000/145010/")
    named = offer("专项", date(2023, 1, 1), "145000/", 7)
    future = offer("明年", date(2027, 1, 1), "145000/", 7)
    known = [province, city, named, future]
    assert term_of(1, "145000/", known, today).name == "省局"
    assert term_of(1, "145000/145010/", known, today).name == "市局"
    assert term_of(7, "145000/145010/", known, today).name == "专项"
    assert term_of(7, "145000/145010/", known, today + timedelta(days=365)).name == "明年"
    assert term_of(7, "145000/", [future], today).name == "明年"  # better a year to come than none


def test_without_any_the_calendar_year_stands_in() -> None:
    term = term_of(1, "145000/", [offer("外省", date(2025, 1, 1), "122000/")], date(2026, 6, 1))
    assert not term.is_agreed
    assert days_of(year_of(term, parse_instant("2026-06-01")))[0] == date(2026, 1, 1)
