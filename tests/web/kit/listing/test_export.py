"""Exports: what a spreadsheet gets."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

from python_calamine import CalamineWorkbook

from taxops.web.kit import Column
from taxops.web.kit.listing import export

COLUMNS = [
    Column(name="name", label="名称"),
    Column(name="n", label="数量", kind="number"),
    Column(name="fen", label="金额", kind="money"),
    Column(name="at", label="时间", kind="datetime"),
    Column(name="on", label="日期", kind="date"),
    Column(name="share", label="比例", kind="percent"),
    Column(name="tags", label="标签", kind="tags"),
    Column(name="flag", label="启用", kind="bool"),
]
FIELDS = ("name", "n", "fen", "at", "on", "share", "tags", "flag")
AT = datetime(2026, 6, 1, 2, 3, 4, tzinfo=UTC)
FULL = ("=cmd|' /C calc'!A0", 1234, 123456, AT, date(2026, 6, 1), 0.9995, ["甲", "乙"], True)
BARE = ("http://example.test/" + "长" * 3000, None, None, None, None, None, [], False)
ROWS = [dict(zip(FIELDS, values, strict=True)) for values in (FULL, BARE)]


def test_csv_opens_in_chinese_and_runs_nothing() -> None:
    file = io.BytesIO()
    export.write_csv(file, COLUMNS, ROWS)
    content = file.getvalue()
    assert content.startswith(b"\xef\xbb\xbf")
    head, first, second = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert head == ["名称", "数量", "金额（元）", "时间", "日期", "比例", "标签", "启用"]
    assert first == [
        "'=cmd|' /C calc'!A0",
        "1234",
        "1234.56",
        "2026-06-01 10:03:04",
        "2026-06-01",
        "0.9995",
        "甲、乙",
        "是",
    ]
    assert second[1:] == ["", "", "", "", "", "", "否"]


def test_xlsx_keeps_numbers_and_times_and_takes_text_as_text() -> None:
    file = io.BytesIO()
    export.write_xlsx(file, COLUMNS, ROWS, title="清单[2026]/06", notes=["说明"])
    book = CalamineWorkbook.from_filelike(io.BytesIO(file.getvalue()))
    assert book.sheet_names == ["清单202606", "说明"]
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[1][0] == "=cmd|' /C calc'!A0"
    assert rows[1][1:4] == [1234, 1234.56, datetime(2026, 6, 1, 10, 3, 4)]  # noqa: DTZ001 - a sheet knows no zones
    assert rows[2][0].startswith("http://example.test/")


def test_no_rows_is_a_sheet_with_headings() -> None:
    file = io.BytesIO()
    export.write_xlsx(file, COLUMNS, [], title="", notes=[])
    assert (
        len(CalamineWorkbook.from_filelike(io.BytesIO(file.getvalue())).get_sheet_by_index(0).to_python())
        == 1
    )
