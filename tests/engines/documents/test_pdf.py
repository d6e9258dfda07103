"""PDF: what it says, that fonts are embedded, that headers come again, that the bytes can be made again."""

from __future__ import annotations

import re

import pytest

from taxops.engines.documents import Document, render_pdf
from tests.engines.documents.sample import TRICKY, report
from tests.raster import sheets, text_of


@pytest.fixture(scope="module")
def made() -> bytes:
    return render_pdf(report())


def test_it_says_what_the_document_says(made: bytes) -> None:
    pages = text_of(made)
    whole = "".join(pages)
    for words in ("系统运行监控报告", "监控〔2026〕第325号", "一、异常与关注事项", "（一）中断明细", "图1",
                  "本日无中断", "编制：", "张三", "2026年11月22日", "局方签收："):  # fmt: skip
        assert "".join(words.split()) in whole, words
    assert "".join(TRICKY.split()) in whole.replace("\u200b", "")  # text of the data is never markup
    assert len(pages) >= 3


def test_the_header_of_a_table_comes_again_and_pages_are_numbered(made: bytes) -> None:
    pages = text_of(made)
    with_rows = [page for page in pages if "统一受理" in page]
    assert len(with_rows) >= 2
    assert all("系统开始时间时长结论" in page for page in with_rows)
    assert all(f"—{n}—" in page and f"共{len(pages)}页" in page for n, page in enumerate(pages, 1))


def test_only_the_wheels_fonts_are_used_and_they_are_embedded(made: bytes) -> None:
    names = {name.decode().split("+")[-1] for name in re.findall(rb"/BaseFont\s*/([A-Za-z0-9+-]+)", made)}
    plain = {name for name in names if not name.startswith("NotoS")}
    assert names
    assert not plain
    assert len(re.findall(rb"/FontFile3", made)) >= 2


def test_the_same_document_gives_the_same_bytes(made: bytes) -> None:
    assert render_pdf(report()) == made


def test_the_page_is_a4_and_has_ink_inside_its_margins(made: bytes) -> None:
    width, height, pixels = next(sheets(made))
    assert (width, height) == (596, 842)
    rows = [pixels[y * width : (y + 1) * width] for y in range(height)]
    assert min(rows[10]) == 255  # nothing in the margin
    assert any(min(row) < 80 for row in rows[100:400])
    assert all(min(row[:60]) == 255 and min(row[-60:]) == 255 for row in rows)


def test_an_empty_report_is_one_page() -> None:
    bare = report()
    assert len(text_of(render_pdf(Document(bare.title, bare.org, bare.dated, bare.made_at)))) == 1
