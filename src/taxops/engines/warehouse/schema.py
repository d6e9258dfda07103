"""The warehouse's tables as checked data (数据仓库结构): columns, types, keys, partitions, what is masked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from taxops.engines.base import BadInput, Choices, NotFound

_DATA = Path(__file__).parent / "data" / "schema.toml"
_LINE = re.compile(r"(?P<name>[a-z][a-z0-9_]*)\s+(?P<kind>[a-z]+)(?P<null>\??)\s+(?P<rest>.+)")


class Kind(Choices):
    """What a column holds (列类型)."""

    INT = "int", "整数"
    FEN = "fen", "金额（分）"
    FLOAT = "float", "小数"
    TEXT = "text", "文字"
    BOOL = "bool", "是否"
    DATE = "date", "日期"
    DATETIME = "datetime", "时间"


@dataclass(frozen=True, slots=True)
class Column:
    """One column (列).

    Args:
        name: in the table.
        kind: its type; money is `fen`, a 64-bit integer.
        title: the Chinese word.
        nullable: it may be null.
        key: it is part of the primary key.
        mask: shown only to people with the permission.
        refers: the table whose key it holds; empty when none.
    """

    name: str
    kind: Kind
    title: str
    nullable: bool = False
    key: bool = False
    mask: bool = False
    refers: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table (数据表).

    Args:
        name: in the warehouse.
        title: the Chinese word.
        columns: name → column, in order.
        partition: the column whose month a row lives in; empty: one piece.
        valid: the (from, to) columns of a table with history.
        snapshot: each partition holds the state at the end of its month.
        static: a scan of the whole table is always allowed.
    """

    name: str
    title: str
    columns: Mapping[str, Column]
    partition: str = ""
    valid: tuple[str, str] | None = None
    snapshot: bool = False
    static: bool = False

    @property
    def key(self) -> tuple[str, ...]:
        """Return the names of the key's columns."""
        return tuple(c.name for c in self.columns.values() if c.key)

    @property
    def money(self) -> tuple[str, ...]:
        """Return the names of the money columns, which control totals add up."""
        return tuple(c.name for c in self.columns.values() if c.kind is Kind.FEN)

    def column(self, name: str) -> Column:
        """Return a column.

        Raises:
            NotFound: the table has none of that name; the message lists what there is.
        """
        if name not in self.columns:
            raise NotFound(
                f"{self.title}（{self.name}）没有「{name}」这一列。", f"可用的有：{'、'.join(self.columns)}。"
            )
        return self.columns[name]


@dataclass(frozen=True, slots=True)
class Schema:
    """All tables (数据仓库结构)."""

    tables: Mapping[str, Table]

    def table(self, name: str) -> Table:
        """Return a table.

        Raises:
            NotFound: there is none of that name; the message lists what there is.
        """
        if name not in self.tables:
            raise NotFound(f"数据仓库没有「{name}」这张表。", f"可用的有：{'、'.join(self.tables)}。")
        return self.tables[name]


def _column(table: str, line: str) -> Column:
    found = _LINE.fullmatch(line.strip())
    if found is None or found["kind"] not in {k.value for k in Kind}:
        raise BadInput(
            f"表 {table} 的列定义「{line.strip()}」看不懂。",
            f"请写成：列名 类型 中文名；类型有 {'、'.join(Kind)}。",
        )
    words = found["rest"].split()
    flags = [w for w in words if w in {"key", "mask"} or w.startswith("->")]
    title = " ".join(w for w in words if w not in flags)
    refers = next((w[2:] for w in flags if w.startswith("->")), "")
    nullable = bool(found["null"])
    if not title or ("key" in flags and nullable):
        raise BadInput(f"表 {table} 的列「{found['name']}」应有中文名；主键列不能为空。")
    return Column(
        found["name"], Kind(found["kind"]), title, nullable, "key" in flags, "mask" in flags, refers
    )


def _table(name: str, data: Mapping[str, Any]) -> Table:
    columns: dict[str, Column] = {}
    for line in str(data.get("columns", "")).strip().splitlines():
        column = _column(name, line)
        if column.name in columns:
            raise BadInput(f"表 {name} 有两个「{column.name}」列。")
        columns[column.name] = column
    valid = tuple(data.get("valid", ()))
    table = Table(
        name, str(data.get("name", name)), columns, str(data.get("partition", "")),
        (valid[0], valid[1]) if len(valid) == 2 else None,
        bool(data.get("snapshot", False)), bool(data.get("static", False)),
    )  # fmt: skip
    if not table.key:
        raise BadInput(f"表 {name} 没有主键。", "请至少给一列注明 key。")
    for needed in filter(None, (table.partition, *valid)):
        if table.column(needed).kind not in {Kind.DATE, Kind.DATETIME}:
            raise BadInput(f"表 {name} 的「{needed}」应是日期，才能用来分区或表示有效期。")
    if table.partition and table.column(table.partition).nullable:
        raise BadInput(f"表 {name} 的分区列「{table.partition}」不能为空。")
    return table


def parse_schema(data: Mapping[str, Any]) -> Schema:
    """Return the schema of its data form, a table per key of `table`.

    Raises:
        BadInput: a column that cannot be read, a table without a key, a reference to nowhere.
    """
    tables = {name: _table(name, one) for name, one in data.get("table", {}).items()}
    for table in tables.values():
        for column in table.columns.values():
            if column.refers and column.refers not in tables:
                raise BadInput(f"表 {table.name} 的「{column.name}」指向没有的表「{column.refers}」。")
    return Schema(tables)


@cache
def shipped_schema() -> Schema:
    """Return the schema that is shipped with the product."""
    return parse_schema(tomllib.loads(_DATA.read_text(encoding="utf-8")))
