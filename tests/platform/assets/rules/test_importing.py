"""An import says of each row what it would do or what is wrong, and never both."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.platform.assets.rules import Field, ImportRow, Known, KnownType, PlannedAsset, plan_import
from taxops.platform.assets.rules.importing import RELATIONS

HOST = KnownType(1, "host", "主机", (Field("ip", "IP 地址", "ip", True), Field("cpu", "CPU", "integer")))
OLD = PlannedAsset(0, "H-1", "旧主机", 1, "145010", "in_use", {"ip": "10.0.0.1"}, None, None)


def known(**more: Any) -> Known:
    values: dict[str, Any] = {
        "types": {"主机": HOST, "host": HOST},
        "orgs": {"145010": True, "145020": False},
        "states": {"在用": "in_use", "备用": "spare"},
        "assets": {"H-1": OLD, "FAR": None},
        **more,
    }
    return Known(**values)


def row(number: int = 2, **cells: str) -> ImportRow:
    named = {"IP地址": "IP 地址"}
    base = {
        "资产编号": "H-2",
        "名称": "主机二",
        "资产类型": "主机",
        "所属机构": "145010",
        "IP 地址": "10.0.0.2",
    }
    return ImportRow(number, {**base, **{named.get(key, key): cell for key, cell in cells.items()}})


def test_rows_are_new_changed_or_as_they_were() -> None:
    plan = plan_import(
        [
            row(2),
            row(3, 资产编号="H-1", 名称="旧主机", IP地址="10.0.0.1"),
            row(4, 资产编号="H-3", CPU="8", 状态="备用", 启用日期="2026-01-01"),
        ],
        known(),
    )
    assert plan.problems == []
    assert ([a.code for a in plan.added], plan.changed, plan.unchanged) == (["H-2", "H-3"], [], 1)
    assert plan.added[1].attributes == {"ip": "10.0.0.2", "cpu": 8}
    assert plan.summary == "新增 2 项，修改 0 项，不变 1 项。"


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"资产编号": ""}, "资产编号", "请填写"),
        ({"资产编号": "有 空"}, "资产编号", "不正确"),
        ({"资产编号": "FAR"}, "资产编号", "范围之外"),
        ({"名称": ""}, "名称", "请填写"),
        ({"资产类型": "飞船"}, "资产类型", "没有名为「飞船」"),
        ({"所属机构": "999"}, "所属机构", "没有代码"),
        ({"所属机构": "145020"}, "所属机构", "不在您的管理范围"),
        ({"状态": "飞行"}, "状态", "可用：在用、备用"),
        ({"启用日期": "某天"}, "启用日期", "不是日期"),
        ({"启用日期": "2026-02-01", "停用日期": "2026-01-01"}, "停用日期", "晚于"),
        ({"IP地址": "x"}, "IP 地址", "不是 IP"),
        ({"IP地址": ""}, "IP 地址", "请填写"),
        ({"CPU": "多"}, "CPU", "不是数字"),
        ({"颜色": "红"}, "颜色", "没有这个属性"),
        ({"依赖": "H-2"}, "依赖", "与自己"),
        ({"依赖": "NONE"}, "依赖", "没有编号为「NONE」"),
        ({"依赖": "FAR"}, "依赖", "没有编号为「FAR」"),
        ({"位于": "H-9"}, "位于", "没有编号为「H-9」"),
        ({"位于": "H-1、X"}, "位于", "没有编号为「X」"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column(cells: dict[str, str], column: str, words: str) -> None:
    plan = plan_import([row(7, **cells)], known())
    assert {(problem.row, problem.column) for problem in plan.problems} == {(7, column)}
    assert words in plan.problems[0].what


def test_doubled_codes_name_the_first_row() -> None:
    plan = plan_import([row(2), row(5)], known())
    assert str(plan.problems[0]) == "第 5 行「资产编号」：编号 H-2 与第 2 行重复。"


def test_loops_are_named_step_by_step_also_through_what_is_there() -> None:
    plan = plan_import(
        [row(2, 资产编号="A", 依赖="B"), row(3, 资产编号="B", 依赖="C"), row(4, 资产编号="C", 依赖="A")],
        known(),
    )
    assert [problem.what for problem in plan.problems] == ["关系成环：A → B → C → A。"]
    through = known(edges=[("H-1", "part_of", "H-2")])
    plan = plan_import([row(2, 上级资产="H-1")], through)
    assert "成环" in plan.problems[0].what
    plan = plan_import([row(2, 上级资产="H-1"), row(3, 资产编号="H-1", 上级资产="")], through)
    assert plan.problems == [], "an empty column takes the old relation away"


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "资产编号": st.sampled_from(["A", "B", "C", "H-1", "", "FAR"]),
                "名称": st.sampled_from(["名", ""]),
                "依赖": st.sampled_from(["", "A", "B", "C A", "B,C"]),
                "上级资产": st.sampled_from(["", "A", "B"]),
            }
        ),
        max_size=8,
    )
)
def test_a_plan_without_problems_has_no_loop_and_every_row_in_it(rows: list[dict[str, str]]) -> None:
    from graphlib import TopologicalSorter

    plan = plan_import([row(n, **cells) for n, cells in enumerate(rows, 2)], known())
    if plan.problems:
        assert all(problem.what and problem.column for problem in plan.problems)
        return
    assert len(plan.added) + len(plan.changed) + plan.unchanged == len(rows)
    for kind in RELATIONS.values():
        graph = {
            a.code: {other for k, other in a.relations if k == kind and other}
            for a in plan.added + plan.changed
        }
        TopologicalSorter(graph).prepare()
