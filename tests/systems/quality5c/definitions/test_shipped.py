"""The shipped indicators: all of them, well formed, with a worked example each."""

from __future__ import annotations

import pytest

from taxops.engines.base import BadInput
from taxops.engines.indicators import IndicatorKind
from taxops.engines.warehouse import shipped_schema
from taxops.systems.quality5c.definitions.shipped import data_of, fixture, parse_text, shipped

pytestmark = pytest.mark.same_everywhere
WANTED = (
    [f"C1{n:02d}" for n in range(1, 15)] + [f"C2{n:02d}" for n in range(1, 15)]
    + [f"C3{n:02d}" for n in range(1, 14)] + [f"C4{n:02d}" for n in range(1, 9)]
    + [f"C5{n:02d}" for n in range(1, 9)] + ["B01", "B02", "B03", "B04", "E01", "E02", "E03"]
)  # fmt: skip


def test_all_indicators_of_the_list_are_shipped() -> None:
    assert [c for c in shipped() if not c.startswith("X")] == WANTED


def test_each_says_what_it_means_who_keeps_it_and_shows_an_example() -> None:
    for code, (_, d) in shipped().items():
        assert d.business, code
        assert d.owner.get("dept"), code
        if not code.startswith("X"):
            assert d.tests, code
            assert all(t.why for t in d.tests), code
            for table in fixture(d.tests[0].fixture):
                assert table in shipped_schema().tables, table


def test_a_timeliness_indicator_has_a_quality_companion() -> None:
    guarded = ("C101", "C104", "C206", "C301", "C304", "C402")
    codes = set(shipped())
    for code in guarded:
        d = shipped()[code][1]
        assert d.companion in codes or code == "C206", code
    assert shipped()["C205"][1].companion == "C206"


def test_small_samples_are_flagged_where_the_denominator_counts_cases() -> None:
    for code, (_, d) in shipped().items():
        counted = d.kind is IndicatorKind.RATIO and d.den is not None and d.den.agg.value == "count"
        if counted:
            assert d.min_den >= 3, code


def test_a_text_must_be_one_definition() -> None:
    text = shipped()["C101"][0]
    assert data_of(text)["code"] == parse_text(text).code == "C101"
    for wrong in ("", text + text, "[[indicator"):
        with pytest.raises(BadInput):
            data_of(wrong)
