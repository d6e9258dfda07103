"""The reckoning line by line: C1 to C11 through it, cuts shared out once, sums that close."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.base import Interval, parse_instant
from taxops.engines.checks import Terms, measure_availability, service_year
from taxops.systems.operations.availability.rules import Cut, Known, Term, measure_year, reckon

DATA = tomllib.loads(
    (Path(__file__).parents[4] / "engines" / "checks" / "data" / "availability.toml").read_text(
        encoding="utf-8"
    )
)
TERM = Term(DATA["signed_on"], name="运维合同", agreement_id=1)
YEAR = service_year(DATA["signed_on"])
BEFORE = parse_instant("2026-01-01")
BASE = datetime(2026, 3, 1, tzinfo=UTC)


def known(texts: list[str], pk: int = 1) -> Known:
    return Known(pk, parse_instant(texts[0]), parse_instant(texts[1]), "受理服务中断")


def cut(start: str, end: str, *, approved: bool = True, key: str = "E1", **more: Any) -> Cut:
    interval = Interval(parse_instant(start), parse_instant(end))
    state = "approved" if approved else "requested"
    return Cut(key, interval, "上级原因", decided_at=BEFORE if approved else None, state=state, **more)


@pytest.mark.parametrize("example", DATA["example"], ids=lambda example: example["id"])
def test_worked_examples_come_out_of_the_reckoning(example: dict[str, Any]) -> None:
    cuts = [
        cut(start, end, approved=consent == "approved", key=f"E{n}")
        for n, (start, end, consent) in enumerate(example.get("windows", []))
    ]
    found = reckon(
        TERM,
        YEAR,
        parse_instant(example.get("as_of", "2027-01-01")),
        [known(texts, n) for n, texts in enumerate(example["outages"])],
        cuts,
    )
    for name, expected in example["expect"].items():
        if name == "n_pieces":
            assert sum(len(one.pieces) for one in found.outages) == expected
        elif name == "availability":
            assert found.figures.availability == pytest.approx(expected, abs=5e-7)
        elif name == "streak_on":
            assert found.figures.streak_on == parse_instant(expected)
        else:
            assert getattr(found.figures, name) == expected, name
    # the lines close with the sums
    assert sum(one.left_s for one in found.outages) == found.figures.downtime_s
    assert sum(one.taken_s for one in found.outages) == found.excluded_s
    assert any(one.over for one in found.outages) is not found.figures.each_ok


def test_reclassifying_the_middle_splits_an_outage() -> None:
    """C8: five hours with one excused in the middle are two pieces of two, and neither is too long."""
    outage = known(["2026-05-01 08:00", "2026-05-01 13:00"])
    plain = reckon(TERM, YEAR, YEAR.end, [outage], [])
    assert plain.outages[0].over
    split = reckon(TERM, YEAR, YEAR.end, [outage], [cut("2026-05-01 10:00", "2026-05-01 11:00")])
    (line,) = split.outages
    assert [piece.seconds for piece in line.pieces] == [7200, 7200]
    assert not line.over
    assert line.taken_s == 3600


def test_what_is_only_asked_for_takes_nothing_but_says_what_it_would() -> None:
    outage = known(["2026-05-01 08:00", "2026-05-01 09:00"])
    asked = cut("2026-05-01 08:30", "2026-05-01 10:00", approved=False)
    found = reckon(TERM, YEAR, YEAR.end, [outage], [asked])
    assert found.figures.downtime_s == 3600
    assert found.cuts == ()
    assert [one.seconds for one in found.pending] == [1800]


def test_two_cuts_over_the_same_time_take_it_once() -> None:
    outage = known(["2026-05-01 08:00", "2026-05-01 10:00"])
    cuts = [
        cut("2026-05-01 08:00", "2026-05-01 09:30", key="W", planned=True),
        cut("2026-05-01 09:00", "2026-05-01 10:00", key="E"),
    ]
    found = reckon(TERM, YEAR, YEAR.end, [outage], cuts)
    assert {one.cut.key: one.seconds for one in found.cuts} == {"W": 5400, "E": 1800}
    assert found.figures.downtime_s == 0


def test_a_contract_may_refuse_planned_maintenance_but_not_exclusions() -> None:
    outage = known(["2026-05-01 08:00", "2026-05-01 10:00"])
    cuts = [
        cut("2026-05-01 08:00", "2026-05-01 09:00", key="W", planned=True),
        cut("2026-05-01 09:00", "2026-05-01 09:30", key="E"),
    ]
    strict = Term(DATA["signed_on"], Terms(exclude_planned=False))
    assert reckon(strict, YEAR, YEAR.end, [outage], cuts).figures.downtime_s == 5400


def test_an_outage_that_lasts_ends_now_and_one_outside_is_no_line() -> None:
    as_of = parse_instant("2026-05-01 08:20")
    lasting = Known(1, parse_instant("2026-05-01 08:00"), None)
    before = known(["2025-11-01 08:00", "2025-11-01 09:00"], 2)
    found = reckon(TERM, YEAR, as_of, [before, lasting], [])
    assert [one.outage.pk for one in found.outages] == [1]
    assert found.figures.downtime_s == 1200


def test_time_that_could_not_be_judged_counts_as_up_and_is_told() -> None:
    as_of = parse_instant("2026-01-11")
    watched = [
        Interval(YEAR.start, parse_instant("2026-01-06")),
        Interval(parse_instant("2026-01-07"), as_of),
    ]
    found = reckon(TERM, YEAR, as_of, [], [], watched)
    assert found.figures.availability == 1
    assert found.figures.coverage == 0.9
    assert not found.figures.coverage_ok
    assert [d.seconds for d in found.dark] == [86400]


_spans = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 60)), max_size=6)


@settings(max_examples=60)
@given(_spans, _spans)
def test_lines_and_sums_close_against_minutes_counted_by_hand(
    outages: list[tuple[int, int]], cuts: list[tuple[int, int]]
) -> None:
    def span(start: int, length: int) -> Interval:
        return Interval(BASE + timedelta(minutes=start), BASE + timedelta(minutes=start + length))

    down: set[int] = set()
    rows: list[Known] = []
    for start, length in sorted(outages):
        minutes = set(range(start, start + length))
        if not minutes & down:  # a system's outages never overlap
            down |= minutes
            rows.append(Known(len(rows), span(start, length).start, span(start, length).end))
    cut_rows = [Cut(f"E{n}", span(*one), "", decided_at=BASE, state="approved") for n, one in enumerate(cuts)]
    excused = {minute for start, length in cuts for minute in range(start, start + length)}
    found = reckon(TERM, YEAR, YEAR.end, rows, cut_rows)
    assert found.figures.downtime_s == 60 * len(down - excused)
    assert found.excluded_s == 60 * len(down & excused)
    assert sum(one.left_s for one in found.outages) == 60 * len(down - excused)
    assert measure_year(TERM, YEAR, YEAR.end, rows, cut_rows).downtime_s == found.figures.downtime_s
    plain = measure_availability([row.interval(YEAR.end) for row in rows], YEAR, YEAR.end)
    assert plain.downtime_s == 60 * len(down)
