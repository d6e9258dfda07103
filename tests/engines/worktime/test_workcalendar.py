"""Calendars agree with the worked examples and with walking minute by minute."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.base import BadInput, NotFound, parse_instant
from taxops.engines.worktime import (
    WorkCalendar,
    calendar_from_json,
    shipped,
    shipped_legal_days,
    shipped_names,
    working_days_after,
)

from . import oracle

EXAMPLES = tomllib.loads((Path(__file__).parent / "data" / "calendars.toml").read_text(encoding="utf-8"))
GUARDED = calendar_from_json(
    {
        "name": "guarded",
        "windows": [["07:30", "12:00"], ["14:30", "22:00"]],
        "overrides": {"2026-07-10..2026-07-15": [["00:00", "24:00"]]},
    }
)
MINUTE_2026 = st.integers(
    parse_instant("2026-01-05").timestamp() // 60, parse_instant("2026-12-01").timestamp() // 60
)


def _at(text: str) -> int:
    return int(parse_instant(text).timestamp())


def _calendar(name: str) -> WorkCalendar:
    return GUARDED if name == "guarded" else shipped(name)


@pytest.mark.parametrize("example", EXAMPLES["add"], ids=lambda e: e["id"])
def test_adding_agrees_with_the_specification(example: dict[str, Any]) -> None:
    found = _calendar(example["calendar"]).add(_at(example["start"]), example["hours"] * 3600)
    assert found == _at(example["end"])


@pytest.mark.parametrize("example", EXAMPLES["measure"], ids=lambda e: e["id"])
def test_measuring_agrees_with_the_specification(example: dict[str, Any]) -> None:
    assert shipped("onsite7x12").measure(_at(example["start"]), _at(example["end"])) == example["seconds"]


@pytest.mark.parametrize("example", EXAMPLES["working_days"], ids=lambda e: e["id"])
def test_working_day_limits_agree_with_the_specification(example: dict[str, Any]) -> None:
    last = working_days_after(date.fromisoformat(example["start"]), example["days"], shipped_legal_days())
    assert last.isoformat() == example["last"]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["onsite7x12", "office5x8", "legal_working_days", "always", "guarded"]),
    MINUTE_2026,
    st.integers(0, 9 * 1440),
)
def test_measure_agrees_with_walking(name: str, start: float, minutes: int) -> None:
    a = int(start) * 60
    assert _calendar(name).measure(a, a + minutes * 60) == oracle.measure(
        _calendar(name), a, a + minutes * 60
    )


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["onsite7x12", "office5x8", "always", "guarded"]), MINUTE_2026, st.integers(1, 2000))
def test_add_agrees_with_walking(name: str, start: float, minutes: int) -> None:
    a = int(start) * 60
    assert _calendar(name).add(a, minutes * 60) == oracle.add(_calendar(name), a, minutes * 60)


@given(st.sampled_from(["onsite7x12", "office5x8", "guarded"]), MINUTE_2026, st.integers(0, 10**6))
def test_add_is_the_earliest_instant_that_measures_right(name: str, start: float, seconds: int) -> None:
    calendar, a = _calendar(name), int(start) * 60
    end = calendar.add(a, seconds) if a + seconds * 8 < _at("2026-12-31") else a
    if end > a:
        assert calendar.measure(a, end) == seconds
        assert calendar.measure(a, end - 1) == seconds - 1


def test_order_of_asking_does_not_matter() -> None:
    fresh = calendar_from_json({"windows": [["07:30", "12:00"]]})
    late = fresh.measure(_at("2030-03-01"), _at("2030-03-02"))
    assert fresh.measure(_at("2019-03-01"), _at("2030-03-02")) == late * 4019


def test_a_day_closed_for_ever_is_told_not_looped() -> None:
    closed = calendar_from_json({"name": "关", "windows": []})
    with pytest.raises(BadInput, match="超出工作日历的范围"):
        closed.add(_at("2026-06-01"), 1)


def test_an_unknown_year_fails_loudly_and_warns_from_november() -> None:
    with pytest.raises(BadInput, match="2027 年的节假日安排"):
        shipped("office5x8").add(_at("2026-12-31 17:00"), 7200)
    legal = shipped_legal_days()
    assert legal.warning(date(2026, 10, 31)) is None
    assert "2027" in (legal.warning(date(2026, 11, 1)) or "")
    assert shipped("onsite7x12").add(_at("2027-06-01 11:00"), 7200) == _at("2027-06-01 15:30")


@pytest.mark.parametrize(
    ("_case", "data", "said"),
    [
        ("overlap", {"windows": [["08:00", "12:00"], ["11:00", "13:00"]]}, "重叠"),
        ("backward", {"windows": [["12:00", "08:00"]]}, "开始应早于结束"),
        ("no clock", {"windows": [["8点", "12:00"]]}, "不是钟点"),
        ("25 o'clock", {"windows": [["08:00", "25:00"]]}, "不是钟点"),
        ("no windows", {}, "没有 windows"),
        ("not a list", {"windows": "08:00-12:00"}, "时段列表"),
        ("30 February", {"windows": [], "overrides": {"2026-02-30": []}}, "无法识别"),
        ("backward range", {"windows": [], "overrides": {"2026-03-02..2026-03-01": []}}, "不成立"),
        (
            "make-up day in mid-week",
            {"windows": [], "days": {"2027": {"rest": [], "work": ["01-06"]}}},
            "不可能是调休",
        ),
        ("both", {"windows": [], "days": {"2027": {"rest": ["01-02"], "work": ["01-02"]}}}, "同时"),
        ("not an object", [], "JSON 对象"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(_case: str, data: Any, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        calendar_from_json(data)


def test_names_are_listed_when_one_is_wrong() -> None:
    with pytest.raises(NotFound) as caught:
        shipped("onsite")
    assert all(name in caught.value.todo for name in shipped_names())
