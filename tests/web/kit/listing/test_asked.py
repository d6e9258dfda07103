"""What a list's URL asks for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.base import Scope
from taxops.web.kit import BooleanFilter, ChoiceFilter, Column, DateRangeFilter, HiddenFilter, TextFilter
from taxops.web.kit.listing import asked as asking
from taxops.web.kit.listing.asked import Asked

NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
COLUMNS = [
    Column(name="name", label="名称"),
    Column(name="org", label="机构", sort="org__path"),
    Column(name="x", label="算出", value=str),
]
FILTERS = [
    ChoiceFilter(name="state", label="状态", choices=[("a", "甲"), ("b", "乙")], multiple=True),
    ChoiceFilter(name="kind", label="类型", choices=[("a", "甲")]),
    BooleanFilter(name="on", label="启用"),
    DateRangeFilter(name="day", label="日期"),
    TextFilter(name="code", label="代码"),
]

PARAMS = ["q", "state", "kind", "on", "day_from", "day_to", "code", "sort", "size", "page", "cols", "zz"]


def read(query: str) -> Asked:
    return asking.read(
        QueryDict(query), columns=COLUMNS, filters=FILTERS, default_sort="-name", default_size=50,
        scope=Scope.system("测试"), now=NOW,
    )  # fmt: skip


def test_what_is_understood_is_kept_in_canonical_form() -> None:
    asked = read("state=b&state=a&state=&q=%20词%20&sort=name&size=100&page=3&day_from=2026-06-01&junk=1")
    assert asked.problems == []
    assert asked.values["state"] == ["b", "a"]
    assert (asked.q, asked.sort, asked.size, asked.page) == ("词", "name", 100, 3)
    assert read(asked.url(page=3).removeprefix("?")).params == asked.params
    assert "junk" not in asked.url()


def test_defaults_leave_no_trace_in_the_address() -> None:
    assert read("sort=-name&size=50&page=1&q=").url() == "?"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("state=zz", "没有「zz」这个选项"),
        ("kind=a&kind=zz", "没有「zz」"),
        ("on=maybe", "只能选"),
        ("day_from=2026-13-01", "不是日期"),
        ("day_from=2026-06-02&day_to=2026-06-01", "开始日期晚于结束日期"),
        ("day_to=9999-12-31", "超出范围"),
        ("day_from=0001-01-01", "超出范围"),
        ("sort=password", "不能按「password」排序"),
        ("sort=x", "不能按「x」排序"),
        ("size=7", "每页行数"),
        ("page=-1", "没有第「-1」页"),
        ("page=0", "没有第"),
        ("page=²", "没有第"),
        ("page=99999999999", "没有第"),
        ("q=%00", "无法识别的字符"),
    ],
)
def test_what_is_not_understood_is_named_and_ignored(query: str, words: str) -> None:
    asked = read(query)
    assert len(asked.problems) >= 1
    assert words in "".join(asked.problems)
    assert not asked.narrowed
    assert asked.url() == "?"


@given(
    st.dictionaries(
        st.sampled_from(PARAMS),
        st.text(max_size=30),
    )
)
def test_no_address_breaks_reading_and_reading_twice_changes_nothing(params: dict[str, str]) -> None:
    query = QueryDict(mutable=True)
    query.update(params)
    asked = read(query.urlencode())
    again = read(asked.url(page=asked.page).removeprefix("?"))
    assert again.problems == []
    assert again.values == asked.values
    assert (again.q, again.sort, again.size) == (asked.q, asked.sort, asked.size)
    assert (again.page, again.cols) == (asked.page, asked.cols)


def test_changing_a_condition_goes_back_to_the_first_page() -> None:
    assert "page" not in read("page=4&q=a").url(q="b")
    assert read("q=a&state=b").without(["q"]) == "?state=b"


def test_order_is_total() -> None:
    assert asking.order("-org", COLUMNS) == ["-org__path", "-pk"]
    assert asking.order("", COLUMNS) == ["pk"]
    assert asking.order("-pk", COLUMNS) == ["-pk"]


def test_last_day_is_included_in_china_time() -> None:
    asked = read("day_from=2026-06-01&day_to=2026-06-01")
    condition = str(FILTERS[3].condition(asked.values["day"]))
    assert "2026, 6, 1, 0, 0" in condition
    assert "2026, 6, 2, 0, 0" in condition
    assert "Asia/Shanghai" in condition


WITH_DEFAULT = [
    ChoiceFilter(
        name="state", label="状态", choices=[("a", "甲"), ("b", "乙")], multiple=True, default=("a",)
    ),
    HiddenFilter(name="open", label="展开"),
]


def read_default(query: str) -> Asked:
    return asking.read(
        QueryDict(query), columns=COLUMNS, filters=WITH_DEFAULT, default_sort="name", default_size=50,
        scope=Scope.system("测试"), now=NOW,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("query", "value", "address", "narrowed"),
    [
        ("", ["a"], "?", False),
        ("state=all", None, "?state=all", False),
        ("state=b", ["b"], "?state=b", True),
        ("state=zz", ["a"], "?", False),  # an unreadable condition does not lift the usual one
        ("open=3", ["a"], "?open=3", False),
    ],
)
def test_a_usual_condition_holds_until_the_address_lifts_it(
    query: str, value: list[str] | None, address: str, narrowed: bool
) -> None:
    asked = read_default(query)
    assert asked.values.get("state") == value
    assert (asked.url(), asked.narrowed) == (address, narrowed)
    assert read_default(asked.url().removeprefix("?")).values == asked.values


def test_rows_that_the_sort_leaves_equal_are_ordered_by_then() -> None:
    assert asking.order("name", COLUMNS, ("gravity", "-at")) == ["name", "gravity", "-at", "-pk"]
    assert asking.order("-org", COLUMNS, ("org__path",)) == ["-org__path", "-pk"]
    assert asking.order("name", COLUMNS) == ["name", "pk"]
