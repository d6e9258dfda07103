"""Files are known by their bytes; programmes and web pages are not let in."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.base import BadInput
from taxops.platform.files import purposes, rules


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n\0\0", "image/png"),
        (b"MZ\x90\0\3", "application/x-msdownload"),
        ("MZ,名称\n1,2".encode(), "text/csv"),
        (b"\x7fELF\2\1", "application/x-executable"),
        (b"#!/bin/sh\nrm", "text/x-script"),
        ("序号,名称\n1,甲".encode(), "text/csv"),
        ("序号,名称\n1,甲".encode("gb18030"), "text/csv"),
        ("一段说明".encode(), "text/plain"),
        (b'{"a": 1}', "application/json"),
        (b"  <!DOCTYPE html><html>", "text/html"),
        (b"\xef\xbb\xbf<script>alert(1)</script>", "text/html"),
        ("<html>".encode("utf-16"), "text/html"),
        (b"hello <script>x</script>", "text/html"),
        (b'<?xml version="1.0"?><svg xmlns="x"/>', "image/svg+xml"),
        (b"<?xml version='1.0'?><a/>", "application/xml"),
        (zipped("xl/workbook.xml"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (zipped("OFD.xml"), "application/ofd"),
        (zipped("META-INF/MANIFEST.MF"), "application/java-archive"),
        (zipped("a.txt"), "application/zip"),
        (bytes(range(256)), "application/octet-stream"),
    ],
)
def test_the_bytes_tell_the_type(content: bytes, kind: str) -> None:
    assert rules.sniff(content[: rules.HEAD], content) == kind


@given(st.binary(max_size=400))
def test_any_bytes_have_some_type(content: bytes) -> None:
    assert "/" in rules.sniff(content, content)


@given(st.text(max_size=300))
def test_a_safe_name_has_no_folder_no_control_and_an_end(name: str) -> None:
    safe = rules.safe_name(name)
    assert 0 < len(safe) <= 120
    assert not set(safe) & set('/\\\0\r\n"<>:|?*')
    assert rules.safe_name(safe) == safe


def test_a_long_name_keeps_its_ending() -> None:
    assert rules.safe_name("长" * 200 + ".docx").endswith("长.docx")


def test_a_name_that_turns_around_is_straightened() -> None:
    assert rules.safe_name("报告\u202excod.exe") == "报告xcod.exe"


@pytest.mark.parametrize(
    ("_case", "name", "kind", "size", "purpose", "words"),
    [
        ("empty", "a.txt", "text/plain", 0, purposes.ATTACHMENT, "空的"),
        ("by bytes", "a.txt", "application/x-msdownload", 5, purposes.ATTACHMENT, "可执行"),
        ("by name", "a.pdf.exe", "application/octet-stream", 5, purposes.ATTACHMENT, "可执行"),
        ("page by bytes", "a.txt", "text/html", 5, purposes.ATTACHMENT, "网页类"),
        ("page by name", "a.SVG", "application/xml", 5, purposes.ATTACHMENT, "网页类"),
        ("not taken", "a.pdf", "application/pdf", 5, purposes.IMPORT, "不能作为导入文件"),
    ],
)
def test_what_may_not_be_stored_is_refused(
    _case: str, name: str, kind: str, size: int, purpose: purposes.Purpose, words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        rules.check(name, kind, size, purpose)


def test_ordinary_files_and_allowed_pages_pass() -> None:
    rules.check("巡检报告.v1.2.docx", "application/zip", 5, purposes.ATTACHMENT)
    rules.check("无后缀", "text/plain", 5, purposes.ATTACHMENT)
    rules.check("a.html", "text/html", 5, purposes.Purpose("page", "页面", allows_active=True))
