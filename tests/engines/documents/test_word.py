"""Word: fonts of both scripts named, headers that come again, page numbers, the same bytes each time."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn

from taxops.engines.documents import Paragraph, render_docx
from tests.engines.documents.sample import TRICKY, report


@pytest.fixture(scope="module")
def data() -> bytes:
    return render_docx(report(8))


@pytest.fixture(scope="module")
def made(data: bytes) -> Any:
    return docx.Document(io.BytesIO(data))


def test_it_says_what_the_document_says(made: Any) -> None:
    lines = [line.text for line in made.paragraphs]
    for words in (
        "某省税务局信息中心",
        "系统运行监控报告",
        "一、异常与关注事项",
        TRICKY,
        "图 1　中断时间线",
        "二、结论",
    ):
        assert words in lines
    assert "监控〔2026〕第 325 号\t2026年11月21日" in lines
    tables = made.tables
    assert [cell.text for cell in tables[0].rows[0].cells] == ["系统", "开始时间", "时长", "结论"]
    assert len(tables[0].rows) == 9
    assert tables[1].rows[1].cells[0].text == "本日无中断"
    assert "张三" in tables[2].rows[0].cells[0].text
    assert len(made.inline_shapes) == 1


def test_every_run_names_a_font_for_chinese(made: Any) -> None:
    wanted = {"仿宋_GB2312", "黑体", "方正小标宋简体"}
    seen = set()
    for run in made.element.body.iter(qn("w:r")):
        line = run.getparent()
        if run.find(qn("w:t")) is None or (line.pPr is not None and line.style is not None):
            continue  # a heading's runs have their font from the style
        names = run.rPr.find(qn("w:rFonts"))
        seen.add(names.get(qn("w:eastAsia")))
    assert wanted <= seen
    assert None not in seen
    heading = made.styles["Heading 1"].element.rPr.find(qn("w:rFonts"))
    assert heading.get(qn("w:eastAsia")) == "黑体"
    assert heading.get(qn("w:eastAsiaTheme")) is None


def test_the_header_row_comes_again_and_rows_stay_whole(made: Any) -> None:
    rows = made.tables[0].rows
    assert rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in rows)


def test_pages_are_a4_and_numbered(made: Any) -> None:
    sheet = made.sections[0]
    assert (round(sheet.page_width.mm), round(sheet.page_height.mm)) == (210, 297)
    codes = [code.text for code in sheet.footer._element.iter(qn("w:instrText"))]
    assert codes == ["PAGE", "NUMPAGES"]


def test_the_same_document_gives_the_same_bytes(data: bytes) -> None:
    assert render_docx(report(8)) == data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_control_characters_do_not_break_the_file() -> None:
    odd = replace(report(1), blocks=[Paragraph("甲\x00乙\x0b丙\ufffe")], signatures=[])
    assert "甲乙丙" in [p.text for p in docx.Document(io.BytesIO(render_docx(odd))).paragraphs]
