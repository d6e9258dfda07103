"""The schema is data: what is shipped is whole, and what is wrong is named."""

from __future__ import annotations

from typing import Any

import pytest

from taxops.engines.base import BadInput, NotFound
from taxops.engines.warehouse import Kind, parse_schema, shipped_schema


def test_the_shipped_schema_is_whole() -> None:
    schema = shipped_schema()
    assert len(schema.tables) > 30
    for table in schema.tables.values():
        assert table.static or table.partition, f"{table.name}: a table of events is partitioned by month"
        assert all(c.title for c in table.columns.values())
    assert schema.table("inv").money == ("amount", "tax")
    assert schema.table("tp").column("uscc").mask
    assert schema.table("oblig").column("filed_on").nullable
    assert schema.table("oblig").column("tp_id").refers == "tp"
    with pytest.raises(NotFound, match="没有「nowhere」这张表"):
        schema.table("nowhere")
    with pytest.raises(NotFound, match="没有「x」这一列"):
        schema.table("org").column("x")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"columns": "a int key 甲\na int 乙"}, "两个「a」列"),
        ({"columns": "a int 甲"}, "没有主键"),
        ({"columns": "a number key 甲"}, "看不懂"),
        ({"columns": "a int? key 甲"}, "主键列不能为空"),
        ({"columns": "a int key"}, "应有中文名"),
        ({"columns": "a int key ->b 甲"}, "指向没有的表"),
        ({"columns": "a int key 甲", "partition": "a"}, "应是日期"),
        ({"columns": "a int key 甲\nd date? 日", "partition": "d"}, "不能为空"),
        ({"columns": "a int key 甲", "partition": "z"}, "没有「z」这一列"),
    ],
)
def test_a_wrong_table_is_named(table: dict[str, Any], message: str) -> None:
    with pytest.raises((BadInput, NotFound), match=message):
        parse_schema({"table": {"t": table}})


def test_a_column_reads_as_written() -> None:
    column = (
        parse_schema({"table": {"t": {"columns": "a fen? mask 甲 乙\nk int key 键"}}}).table("t").column("a")
    )
    assert (column.kind, column.nullable, column.mask, column.title) == (Kind.FEN, True, True, "甲 乙")
