"""Rows of external data: each wrong one is named, with one of them nothing is taken."""

from __future__ import annotations

import pytest

from taxops.systems.quality5c.external.rules import TEMPLATES, check_rows, columns_of

pytestmark = pytest.mark.same_everywhere
UNITS = {"101": 1, "102": 2}
GOOD = {"单位代码": "101", "统计期": "2025-06", "满意份数": "45", "有效份数": "50"}


def test_good_rows_become_values() -> None:
    entries, problems = check_rows(TEMPLATES["survey"], [(2, GOOD)], UNITS)
    assert problems == []
    (entry,) = entries
    assert (entry.org, entry.period, entry.item, entry.value, entry.num, entry.den) == (
        1, "2025-06", "satisfied", 0.9, 45, 50,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"单位代码": "999"}, "单位代码"),
        ({"统计期": "2025-13"}, "统计期"),
        ({"满意份数": "四十五"}, "满意份数"),
        ({"满意份数": "51"}, "满意份数"),
        ({"有效份数": "0"}, "满意份数"),
        ({"有效份数": "nan"}, "有效份数"),
        ({"有效份数": ""}, "有效份数"),
    ],
)
def test_a_bad_row_is_named_and_takes_the_good_ones_with_it(change: dict[str, str], column: str) -> None:
    entries, problems = check_rows(
        TEMPLATES["survey"], [(2, GOOD), (3, {**GOOD, "单位代码": "102", **change})], UNITS
    )
    assert entries == []
    assert (problems[0].row, problems[0].column) == (3, column)


def test_a_row_twice_is_a_mistake() -> None:
    _, problems = check_rows(TEMPLATES["survey"], [(2, GOOD), (5, GOOD)], UNITS)
    assert [(p.row, "第 2 行" in str(p)) for p in problems] == [(5, True)]


def test_what_headquarters_sends_is_kept_by_indicator() -> None:
    row = {
        "单位代码": "101",
        "统计期": "2025-06",
        "指标代码": "C101",
        "全国平均": "98%",
        "全国先进": "0.995",
        "总局目标": "",
    }
    entries, problems = check_rows(TEMPLATES["sat"], [(2, row)], UNITS, {"C101": "percent"})
    assert problems == []
    assert {e.item: e.value for e in entries} == {"C101.average": 0.98, "C101.best": 0.995}
    _, problems = check_rows(TEMPLATES["sat"], [(2, {**row, "指标代码": "ZZ"})], UNITS, {"C101": "percent"})
    assert problems[0].column == "指标代码"
    _, problems = check_rows(TEMPLATES["sat"], [(2, {**row, "总局目标": "98"})], UNITS, {"C101": "percent"})
    assert [(p.row, p.column) for p in problems] == [(2, "总局目标")], "98 for 98%"
    entries, _ = check_rows(TEMPLATES["sat"], [(2, {**row, "总局目标": "98"})], UNITS, {"C101": "days"})
    assert entries[-1].value == 98


def test_every_template_begins_with_its_keys() -> None:
    for template in TEMPLATES.values():
        names = [name for name, *_ in columns_of(template)]
        assert names[:2] == ["单位代码", "统计期"]
        assert len(set(names)) == len(names)
