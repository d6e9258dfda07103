"""The indicators that come with the product (随产品交付的指标): read from data, one TOML text each."""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from taxops.engines.base import BadInput, RowProblem
from taxops.engines.indicators import BadExpression, Definition, parse_definition, parse_definitions
from taxops.engines.warehouse import Kind, shipped_schema

DATA = Path(__file__).parent / "data"
ASPECTS = {
    "C1": "征 税款征收", "C2": "服 纳税服务", "C3": "控 风险防控", "C4": "查 税务检查", "C5": "纠 纠正过错",
    "B": "征管基础", "E": "外部评价", "X": "辅助",
}  # fmt: skip
"""Aspect code → its name, in order."""


@cache
def shipped() -> dict[str, tuple[str, Definition]]:
    """Return code → (TOML text of that one indicator, definition), in the order of the files."""
    found: dict[str, tuple[str, Definition]] = {}
    for file in ("c1", "c2", "c3", "c4", "c5", "b", "e", "x"):
        text = (DATA / f"{file}.toml").read_text(encoding="utf-8")
        for one in re.split(r"(?m)^(?=\[\[indicator\]\])", text)[1:]:
            (definition,) = parse_definitions(one)
            found[definition.code] = (one.strip() + "\n", definition)
    return found


@cache
def parse_text(text: str) -> Definition:
    """Return the definition of a version's text; texts of stored versions were checked when they were stored.

    Raises:
        BadInput: the text is not exactly one definition.
    """
    return parse_definition(data_of(text))


def data_of(text: str) -> dict[str, Any]:
    """Return the data form of a version's text.

    Raises:
        BadInput: the text is no TOML, or not exactly one `[[indicator]]`.
    """
    try:
        listed = tomllib.loads(text).get("indicator")
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        at = _offset(text, int(place[1]), int(place[2])) if place else len(text)
        raise BadInput(
            f"定义不是有效的 TOML：{_PLACE.sub('', str(error)).strip()}。", "请按提示的行列改正。", field="text",
            problems=[pointed(text, at)],
        ) from error  # fmt: skip
    if not isinstance(listed, list) or len(listed) != 1:
        raise BadInput("定义应有且只有一段 [[indicator]]。", field="text")
    one: dict[str, Any] = listed[0]
    return one


_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")


def _offset(text: str, line: int, column: int) -> int:
    return sum(len(one) for one in text.splitlines(keepends=True)[: line - 1]) + column - 1


def pointed(text: str, at: int) -> RowProblem:
    """Return the place of a character in a definition: its line, its column, the line with a caret beneath."""
    at = min(at, len(text))
    line, column = text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1
    row = (text.splitlines() or [""])[min(line, len(text.splitlines()) or 1) - 1]
    indent = sum(2 if ord(c) > 0x2E7F else 1 for c in row[: column - 1])
    return RowProblem(line, f"第 {column} 列", f"{row}\n{' ' * indent}^")


def located(text: str, error: BaseException) -> list[RowProblem]:
    """Return where in a definition's text an expression is wrong; nothing when the error is about no expression."""
    cause = error.__cause__
    if not isinstance(cause, BadExpression) or not cause.text:
        return []
    start = text.find(cause.text)
    return [pointed(text, start + cause.at)] if start >= 0 else [
        RowProblem(cause.line, f"第 {cause.column} 列", cause.pointing())
    ]  # fmt: skip


def fixture(name: str) -> dict[str, list[dict[str, str | None]]]:
    """Return the tables of a worked example's fixture: table → rows of text cells, None where empty."""
    data = tomllib.loads((DATA / "fixtures" / f"{name}.toml").read_text(encoding="utf-8"))
    found: dict[str, list[dict[str, str | None]]] = {}
    for table, text in data.items():
        header, *lines = text.strip().splitlines()
        columns = header.split()
        found[table] = [
            {c: None if v == "-" else v for c, v in zip(columns, line.split(), strict=True)} for line in lines
        ]
    return found


_EMPTY: dict[Kind, object] = {
    Kind.INT: 0, Kind.FEN: 0, Kind.FLOAT: 0.0, Kind.TEXT: "", Kind.BOOL: False, Kind.DATE: date(2015, 1, 1),
    Kind.DATETIME: datetime.fromisoformat("2015-01-01"),
}  # fmt: skip


def fixture_rows(name: str) -> dict[str, list[dict[str, object]]]:
    """Return a fixture's tables with typed cells; what it leaves out is null or, where that may not be, empty."""
    schema = shipped_schema()
    return {
        table: [
            {
                c.name: _cell(c.kind, row.get(c.name), nullable=c.nullable)
                for c in schema.table(table).columns.values()
            }
            for row in rows
        ]
        for table, rows in fixture(name).items()
    }


def _cell(kind: Kind, text: str | None, *, nullable: bool) -> object:
    if text is None:
        return None if nullable else _EMPTY[kind]
    match kind:
        case Kind.INT | Kind.FEN:
            return int(text)
        case Kind.FLOAT:
            return float(text)
        case Kind.BOOL:
            return text == "true"
        case Kind.DATE:
            return date.fromisoformat(text)
        case Kind.DATETIME:
            return datetime.fromisoformat(text)
        case _:
            return text
