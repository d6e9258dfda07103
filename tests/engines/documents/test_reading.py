"""Unit: tables that people upload are read as they meant them, or refused with a reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.base import BadInput, TaxopsError, TooLarge
from taxops.engines.documents import csv_lines, read_table, xlsx_bytes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_in_every_encoding_that_desks_produce(encoding: str) -> None:
    table = read_table("编码,名称\n220100,长春市\n\n220200,吉林市\n".encode(encoding), "机构.csv")
    assert table.columns == ("编码", "名称")
    assert table.rows == (
        (2, {"编码": "220100", "名称": "长春市"}),
        (4, {"编码": "220200", "名称": "吉林市"}),
    )


def test_xlsx_gives_back_what_was_written_with_row_numbers_of_the_file() -> None:
    data = xlsx_bytes("机构", ["编码", "人数"], [["220100", 12], ["220200", 3.5]])
    assert read_table(data, "机构.xlsx").rows == (
        (2, {"编码": "220100", "人数": "12"}),
        (3, {"编码": "220200", "人数": "3.5"}),
    )


@pytest.mark.parametrize(
    ("_case", "data", "said"),
    [
        ("empty", b"  ", "是空的"),
        ("binary", b"\x7fELF\x00\x01" * 10, "不是表格"),
        ("false xlsx", b"PK\x03\x04 nothing", "不是有效的 XLSX"),
        ("doubled column", "编码,编码\n1,2\n".encode(), "重复的列"),
        ("missing column", "代码\n1\n".encode(), "缺少列：编码"),
        ("too many cells", "编码\n1,2\n".encode(), "多于表头"),
        ("old excel", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "旧版 Excel"),
        ("open quote", '编码,名称\n1,"甲\n'.encode(), "引号"),
        ("no known encoding", b"\xff\xff\xff,\xff\n", "编码无法识别"),
    ],
)
def test_what_is_not_a_table_is_refused_in_words(_case: str, data: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read_table(data, "甲.csv", required=["编码"])


def test_size_is_refused_before_reading() -> None:
    with pytest.raises(TooLarge, match="10 MB"):
        read_table(b"a" * (10 * 1024 * 1024 + 1), "甲.csv")


@given(st.binary(max_size=300))
def test_no_bytes_whatever_raise_anything_but_our_errors(data: bytes) -> None:
    try:
        read_table(data, "甲")
    except TaxopsError as error:
        assert error.what


def test_formulas_in_csv_are_defused() -> None:
    text = b"".join(csv_lines(["名称"], [["=1+1"], ["正常"]])).decode("utf-8-sig")
    assert text.splitlines() == ["名称", "'=1+1", "正常"]
