"""Errors carry what happened and what to do, for people and for machines."""

from __future__ import annotations

from taxops.engines.base import BadInput, RowProblem


def test_an_import_error_names_each_row() -> None:
    error = BadInput("导入失败。", "请修改后重试。", problems=[RowProblem(3, "编码", "重复")], field="file")
    assert error.as_dict() == {
        "code": "bad_input",
        "what": "导入失败。",
        "todo": "请修改后重试。",
        "field": "file",
        "problems": [{"row": 3, "column": "编码", "what": "重复"}],
    }
    assert str(error.problems[0]) == "第 3 行「编码」：重复"
    assert str(error) == "导入失败。 请修改后重试。"
