"""Codes, levels and dates as tables write them."""

from __future__ import annotations

from datetime import date

import pytest

from taxops.platform.identity.rules import code_problem, parse_day, parse_level, placing_problem
from taxops.platform.identity.terms import OrgLevel


@pytest.mark.parametrize("code", ["145000", "12201000000", "145010H1", "10"])
def test_official_codes_are_accepted(code: str) -> None:
    assert code_problem(code) == ""


@pytest.mark.parametrize("code", ["", "1", "14/50", "14 50", "145010h", "机构", "1" * 21, "145%"])
def test_other_codes_are_not(code: str) -> None:
    assert code_problem(code)


@pytest.mark.parametrize(
    ("level", "parent", "fits"),
    [
        ("hq", None, True),
        ("hq", "province", False),
        ("province", None, True),
        ("province", "hq", True),
        ("city", "province", True),
        ("city", None, False),
        ("city", "hq", False),
        ("county", "city", True),
        ("county", "province", True),
        ("county", "county", False),
        ("branch", "county", True),
        ("branch", "hall", False),
        ("hall", "county", True),
        ("hall", "branch", True),
        ("hall", "hall", False),
        ("hall", None, False),
    ],
)
def test_levels_stand_where_the_tax_service_puts_them(level: str, parent: str | None, fits: bool) -> None:
    assert (placing_problem(level, parent) == "") == fits


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("市/州", OrgLevel.CITY),
        ("州", OrgLevel.CITY),
        ("county", OrgLevel.COUNTY),
        ("税务所", OrgLevel.BRANCH),
        (" 办税服务厅 ", OrgLevel.HALL),
        ("总局", OrgLevel.HQ),
        ("县级市", None),
        ("", None),
    ],
)
def test_levels_are_read_in_the_usual_words(text: str, level: OrgLevel | None) -> None:
    assert parse_level(text) == level


@pytest.mark.parametrize(
    "text", ["2018-06-15", "2018/6/15", "2018.6.15", "20180615", "2018年6月15日", "2018-06-15 00:00:00"]
)
def test_days_are_read_in_the_usual_ways(text: str) -> None:
    assert parse_day(text) == date(2018, 6, 15)


@pytest.mark.parametrize(
    "text", ["", "2018", "2018-13-01", "2018-02-30", "15/06/2018", "昨天", "2018-06-15 08:00"]
)
def test_other_texts_are_no_days(text: str) -> None:
    assert parse_day(text) is None
