"""The import page: template, upload, row problems, preview, confirmation."""

from __future__ import annotations

import io
import re

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import CalamineWorkbook

pytestmark = pytest.mark.django_db
URL = "/kit/import/"


def upload(client: Client, content: bytes, name: str = "机构.csv") -> tuple[int, str]:
    answer = client.post(URL, {"file": SimpleUploadedFile(name, content)})
    return answer.status_code, answer.content.decode()


def test_template_can_be_filled_and_uploaded_as_it_is(client: Client) -> None:
    content = b"".join(client.get(URL, {"format": "template"}).streaming_content)  # type: ignore[attr-defined]
    assert CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python() == [
        ["代码*", "名称*", "上级代码"]
    ]
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    book.add_worksheet().write_row(0, 0, ["代码*", "名称*", "上级代码"])
    book.worksheets()[0].write_row(1, 0, ["00145", "南江市税务局", ""])
    book.close()
    status, text = upload(client, file.getvalue(), "机构.xlsx")
    assert status == 200
    assert "新增 南江市税务局（00145）" in text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_preview_stores_nothing_and_confirming_imports(client: Client, encoding: str) -> None:
    status, text = upload(client, "代码,名称\n1,南江市税务局\n2,北河市税务局\n".encode(encoding))
    assert status == 200
    assert "确认导入 2 行" in text
    packed = re.search(r'name="rows" value="([^"]+)"', text)
    assert packed
    assert client.post(URL, {"rows": packed.group(1)}).status_code == 302
    assert "已导入 2 行" in client.get("/kit/").content.decode()


def test_tampered_preview_is_refused(client: Client) -> None:
    answer = client.post(URL, {"rows": "forged:1:2"})
    assert answer.status_code == 400
    assert "预览已过期" in answer.content.decode()


def test_problem_rows_block_the_whole_file(client: Client) -> None:
    status, text = upload(client, "代码,名称\n1,甲\n1,乙\n".encode())
    assert status == 200
    assert "整个文件都不会导入" in text
    assert "「1」重复" in text
    assert 'name="rows"' not in text


@pytest.mark.parametrize(
    ("_case", "content", "words"),
    [
        ("empty", b"", "空"),
        ("only blanks", b"  \n", "空"),
        ("no heading that fits", "甲,乙\n1,2\n".encode(), "缺少这一列"),
        ("heading only", "代码,名称\n".encode(), "没有数据"),
        ("required cell empty", "代码,名称\n1,\n".encode(), "不能为空"),
        ("column twice", "代码,代码,名称\n1,2,3\n".encode(), "重复"),
        ("binary", bytes(range(256)) * 20, "不是表格"),
        ("broken workbook", b"PK\x03\x04" + b"\x00" * 500, "不是有效的 XLSX"),
        ("undecodable", b"\xff\xff\x81,\x81\x00", ""),
    ],
)
def test_what_is_no_table_is_refused_in_chinese(
    client: Client, _case: str, content: bytes, words: str
) -> None:
    status, text = upload(client, content)
    assert 400 <= status < 500
    assert words in text
    assert "系统内部出错" not in text


def test_more_than_two_megabytes_is_too_large(client: Client) -> None:
    status, text = upload(client, ("代码,名称\n" + "1,甲\n" * 500_000).encode())
    assert status == 413
    assert "拆分" in text
