"""A small schema and rows to load (样例表)."""

from __future__ import annotations

from datetime import date, datetime

from taxops.engines.warehouse import parse_schema

SCHEMA = parse_schema(
    {
        "table": {
            "unit": {"name": "机关", "static": True, "columns": "unit_id int key 编号\nname text 名称"},
            "bill": {
                "name": "票据",
                "partition": "on",
                "columns": "bill_id int key 编号\nunit_id int ->unit 机关\non date 日期\namount fen 金额\n"
                "note text? 备注",
            },
            "visit": {
                "name": "到访",
                "partition": "at",
                "columns": "visit_id int key 编号\nat datetime 时间",
            },
        }
    }
)


def bill(
    number: int, day: str, amount: int = 100, unit: int = 1, note: str | None = None
) -> dict[str, object]:
    """Return one row."""
    return {"bill_id": number, "unit_id": unit, "on": date.fromisoformat(day), "amount": amount, "note": note}


def visit(number: int, at: str) -> dict[str, object]:
    """Return one row."""
    return {"visit_id": number, "at": datetime.fromisoformat(at)}
