"""Exports open right in spreadsheets."""

from __future__ import annotations

from datetime import UTC, datetime

from taxops.engines.documents import csv_lines, read_table, xlsx_bytes


def test_times_leave_in_china_time() -> None:
    at = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
    assert b"2026-06-01 10:00:00" in b"".join(csv_lines(["时间"], [[at]]))
    assert (
        read_table(xlsx_bytes("表", ["时间"], [[at]]), "表.xlsx").rows[0][1]["时间"] == "2026-06-01 10:00:00"
    )


def test_a_formula_in_xlsx_stays_text() -> None:
    data = xlsx_bytes("a/b:c", ["名称"], [["=1+1"]], notes=["来源：测试"])
    assert read_table(data, "表.xlsx").rows[-1][1]["来源：测试"] == "=1+1"
