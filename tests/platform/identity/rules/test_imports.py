"""An organisation table becomes a plan, or every bad row is named."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.platform.identity.rules import ImportRow, OrgFacts, plan_import

TODAY = date(2026, 6, 1)
DAY = date(2018, 6, 15)


def _facts(code: str, level: str, parent: str | None, **more: object) -> OrgFacts:
    return OrgFacts(code, f"机构{code}", level, parent, DAY, **more)  # type: ignore[arg-type]


TREE = {
    facts.code: facts
    for facts in (
        _facts("145000", "province", None),
        _facts("145010", "city", "145000"),
        _facts("145020", "city", "145000"),
        _facts("145011", "county", "145010"),
        _facts("145011H1", "hall", "145011"),
    )
}


def _row(number: int, code: str, level: str, parent: str, name: str | None = None, **cells: str) -> ImportRow:
    return ImportRow(
        number,
        {
            "机构代码": code,
            "机构名称": f"机构{code}" if name is None else name,
            "层级": level,
            "上级代码": parent,
            "成立日期": "2018-06-15",
            **cells,
        },
    )


def _problems(*rows: ImportRow) -> list[str]:
    return [str(problem) for problem in plan_import(rows, TREE, TODAY).problems]


def test_new_changed_moved_and_unchanged_are_told_apart() -> None:
    plan = plan_import(
        [
            _row(2, "145021", "县局", "145020"),
            _row(3, "145021H1", "办税服务厅", "145021"),
            _row(4, "145011", "县局", "145020"),
            _row(5, "145010", "市局", "145000", "南江市税务局"),
            _row(6, "145020", "市局", "145000"),
        ],
        TREE,
        TODAY,
    )
    assert plan.problems == []
    assert [entry.after.code for entry in plan.added] == ["145021", "145021H1"]
    assert [entry.after.code for entry in plan.moved] == ["145011"]
    assert [(entry.after.code, entry.changed_fields) for entry in plan.changed] == [("145010", ("name",))]
    assert plan.unchanged == 1
    assert plan.summary == "新增 2 个，修改 1 个，调整隶属 1 个，不变 1 个。"


def test_children_may_stand_before_their_parents_in_the_table() -> None:
    plan = plan_import([_row(2, "145022H1", "厅", "145022"), _row(3, "145022", "县", "145020")], TREE, TODAY)
    assert [entry.after.code for entry in plan.added] == ["145022", "145022H1"]


@pytest.mark.parametrize(
    ("_case", "row", "said"),
    [
        ("no code", _row(2, "", "县", "145010"), "第 2 行「机构代码」：没有填写机构代码。"),
        ("bad code", _row(2, "14-50", "县", "145010"), "不是机构代码"),
        ("no name", _row(2, "145012", "县", "145010", ""), "第 2 行「机构名称」：没有填写机构名称。"),
        ("unknown level", _row(2, "145012", "乡", "145010"), "「乡」不是机构层级，可填：总局、省局"),
        ("unknown parent", _row(2, "145012", "县", "999999"), "上级代码 999999 既不在表中，也不在系统中。"),
        ("wrong level", _row(2, "145012", "县", "145011"), "县/区局的上级应为省局、市/州局，不能是县/区局。"),
        ("no parent", _row(2, "145012", "县", ""), "县/区局必须有上级机构。"),
        ("bad date", _row(2, "145012", "县", "145010", 成立日期="六月"), "「六月」不是日期"),
        ("no date", _row(2, "145012", "县", "145010", 成立日期=""), "没有填写成立日期"),
        (
            "date to come",
            _row(2, "145012", "县", "145010", 成立日期="2026-06-02"),
            "在今天（2026-06-01）之后",
        ),
        (
            "closed before founded",
            _row(2, "145012", "县", "145010", 撤销日期="2018-06-15"),
            "必须晚于成立日期",
        ),
        ("own parent", _row(2, "145012", "县", "145012"), "隶属关系成环：145012 → 145012。"),
        (
            "closing with units below",
            _row(2, "145011", "县", "145010", 撤销日期="2026-05-01"),
            "还有未撤销的下级机构 145011H1",
        ),
        ("level that units below do not fit", _row(2, "145011", "厅", "145010"), "下级机构 145011H1"),
    ],
)
def test_a_bad_row_is_named_with_its_reason(_case: str, row: ImportRow, said: str) -> None:
    found = _problems(row)
    assert any(said in problem for problem in found), found


def test_a_code_twice_in_the_table_names_the_first_row() -> None:
    assert _problems(_row(2, "145012", "县", "145010"), _row(7, "145012", "县", "145020")) == [
        "第 7 行「机构代码」：代码 145012 与第 2 行重复。"
    ]


def test_a_loop_is_written_out_for_every_row_on_it() -> None:
    found = _problems(
        _row(2, "A1", "县", "C1"),
        _row(3, "B1", "县", "A1"),
        _row(4, "C1", "县", "B1"),
        _row(5, "D1", "厅", "A1"),
    )
    assert "第 2 行「上级代码」：隶属关系成环：A1 → C1 → B1 → A1。" in found
    assert "第 3 行「上级代码」：隶属关系成环：B1 → A1 → C1 → B1。" in found
    assert "第 4 行「上级代码」：隶属关系成环：C1 → B1 → A1 → C1。" in found
    assert not any(problem.startswith("第 5 行") for problem in found)


def test_a_loop_through_stored_units_is_found_too() -> None:
    found = _problems(_row(2, "145010", "市", "145011"))
    assert found == ["第 2 行「上级代码」：隶属关系成环：145010 → 145011 → 145010。"]


def test_a_row_below_a_bad_row_is_not_blamed_for_it() -> None:
    found = _problems(_row(2, "145012", "县", "145010", ""), _row(3, "145012H1", "厅", "145012"))
    assert found == ["第 2 行「机构名称」：没有填写机构名称。"]


def test_a_closed_parent_takes_nothing_new() -> None:
    tree = {**TREE, "145020": _facts("145020", "city", "145000", valid_to=date(2025, 1, 1))}
    found = plan_import([_row(2, "145021", "县", "145020")], tree, TODAY).problems
    assert [problem.what for problem in found] == ["上级机构 145020 已于 2025-01-01 撤销。"]


def test_columns_that_the_table_lacks_stay_as_they_are() -> None:
    tree = {**TREE, "145020": _facts("145020", "city", "145000", short_name="北河")}
    assert plan_import([_row(2, "145020", "市", "145000")], tree, TODAY).unchanged == 1


_codes = st.sampled_from(["145000", "145010", "145011", "A1", "B1", "C1", "D1", ""])
_levels = st.sampled_from(["省", "市", "县", "所", "厅"])


@settings(max_examples=300)
@given(st.lists(st.tuples(_codes, _levels, _codes), max_size=8))
def test_a_plan_without_problems_is_always_a_tree(entries: list[tuple[str, str, str]]) -> None:
    rows = [_row(n, code, level, parent) for n, (code, level, parent) in enumerate(entries, start=2)]
    plan = plan_import(rows, TREE, TODAY)
    if plan.problems:
        assert [*plan.added, *plan.changed, *plan.moved] == []
        return
    after = dict(TREE)
    for entry in [*plan.added, *plan.changed, *plan.moved]:
        after[entry.after.code] = entry.after
    for facts in after.values():
        step, hops = facts, 0
        while step.parent is not None:
            step, hops = after[step.parent], hops + 1
            assert hops <= len(after)
        assert step.level in {"province", "hq"}
