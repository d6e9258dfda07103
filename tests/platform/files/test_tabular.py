"""Uploaded tables are read the same way whatever wrote them, and mistakes are named."""

from __future__ import annotations

import contextlib
import csv
import io
import zipfile
from datetime import date

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.base import BadInput, TooLarge
from taxops.platform.files.tabular import read_table


def workbook(*rows: list[object]) -> io.BytesIO:
    """Return a real workbook with these rows."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet()
    style = book.add_format({"num_format": "yyyy-mm-dd"})
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            if isinstance(cell, date):
                sheet.write_datetime(y, x, cell, style)
            else:
                sheet.write(y, x, cell)
    book.close()
    stream.seek(0)
    return stream


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_in_any_usual_encoding_is_read(encoding: str) -> None:
    text = "机构代码,机构名称\r\n145000,广西\r\n\r\n145010,南宁"
    rows = read_table(io.BytesIO(text.encode(encoding)), "机构.csv", required=["机构代码"])
    assert rows == [{"机构代码": "145000", "机构名称": "广西"}, {"机构代码": "145010", "机构名称": "南宁"}]
    assert [row.number for row in rows] == [2, 4]


def test_workbook_numbers_dates_and_gaps_become_plain_text() -> None:
    rows = read_table(
        workbook(["代码*", "启用", "数量", ""], [145000, date(2026, 6, 1), 1.5], [], ["a", None, True]),
        "x.xlsx",
    )
    assert rows == [
        {"代码": "145000", "启用": "2026-06-01", "数量": "1.5"},
        {"代码": "a", "启用": "", "数量": "是"},
    ]
    assert rows[1].number == 4


@pytest.mark.parametrize(
    ("_case", "content", "words"),
    [
        ("empty", b"", "空的"),
        ("only a mark", b"\xef\xbb\xbf\r\n", "空的"),
        ("binary", bytes(range(256)), "不是表格"),
        ("png", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "不是表格"),
        ("torn workbook", b"PK\x03\x04" + b"x" * 500, "不是完好的"),
        ("torn old workbook", b"\xd0\xcf\x11\xe0" + b"x" * 500, "不是完好的"),
        ("doubled header", "代码,代码\n1,2".encode(), "不止一次"),
        ("missing column", "名称\n1".encode(), "缺少「代码」"),
        ("open quote", '代码\n"1\n2'.encode(), "引号"),
        ("longer row", "代码\n1,2".encode(), "列数多于表头"),
    ],
)
def test_what_is_not_a_table_is_refused_in_chinese(_case: str, content: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read_table(io.BytesIO(content), "上传.csv", required=["代码"])


def test_a_file_over_the_limit_is_refused_before_it_is_read() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            assert size > 0, "must never ask for everything"
            self.given += size
            return b"a" * size

    stream = Endless()
    with pytest.raises(TooLarge, match="MB"):
        read_table(stream, "大.csv")  # type: ignore[arg-type]  # only read() matters
    assert stream.given <= 10 * 1024 * 1024 + 1


def test_too_many_rows_and_zip_bombs_are_refused() -> None:
    with pytest.raises(TooLarge, match="3 行"):
        read_table(io.BytesIO("代码\n1\n2\n3\n4".encode()), "x.csv", max_rows=3)
    bomb = io.BytesIO()
    with (
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/sheet.xml", "w") as entry,
    ):
        for _ in range(210):
            entry.write(b"0" * 1024 * 1024)
    bomb.seek(0)
    with pytest.raises(TooLarge, match="解开后过大"):
        read_table(bomb, "x.xlsx")


@given(st.binary(max_size=300))
def test_any_bytes_give_rows_or_a_typed_error(content: bytes) -> None:
    rows = []
    with contextlib.suppress(BadInput, TooLarge):
        rows = read_table(io.BytesIO(content), "任意")
    assert all(isinstance(cell, str) for row in rows for cell in row.values())


_CELL = st.text(st.characters(codec="gb18030", categories=("L", "N", "P")), min_size=1, max_size=8)


@given(st.lists(st.tuples(_CELL, _CELL), max_size=8))
def test_what_csv_writes_comes_back(rows: list[tuple[str, str]]) -> None:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["甲", "乙"])
    writer.writerows(rows)
    read = read_table(io.BytesIO(out.getvalue().encode()), "x.csv")
    assert [(row["甲"], row["乙"]) for row in read] == rows
