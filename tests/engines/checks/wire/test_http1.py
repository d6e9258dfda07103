"""Reading HTTP answers piece by piece: any cut gives the same, garbage gives words."""

from __future__ import annotations

import gzip
import itertools
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.base import BadInput
from taxops.engines.checks import Failed
from taxops.engines.checks.wire import Answer, check_header, parse_url, render

CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5;note=1\r\nhello\r\n7\r\n, world\r\n0\r\nX-Trailer: 1\r\n\r\n"
)
LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhello, world"
CLOSE = b"HTTP/1.0 200 OK\r\n\r\nhello, world"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + LENGTH


def read(pieces: list[bytes], **options: object) -> Answer:
    answer = Answer(**options)  # type: ignore[arg-type]
    for piece in pieces:
        if piece and answer.feed(piece):
            return answer
    answer.end()
    return answer


@given(st.sampled_from([CHUNKED, LENGTH, CLOSE, HINTS]), st.lists(st.integers(1, 200), max_size=12))
def test_an_answer_reads_the_same_however_it_is_cut(raw: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted({cut % len(raw) for cut in cuts}), len(raw)]
    answer = read([raw[a:b] for a, b in itertools.pairwise(edges)])
    assert (answer.status, answer.body, answer.complete) == (200, b"hello, world", True)


@given(st.binary(min_size=1, max_size=300))
def test_any_bytes_are_an_answer_or_a_failure_in_words(raw: bytes) -> None:
    try:
        read([raw])
    except Failed as failure:
        assert failure.message.endswith("。")


@given(st.binary(max_size=200), st.integers(0, 220))
def test_a_spoilt_chunked_answer_never_raises_anything_else(noise: bytes, at: int) -> None:
    raw = CHUNKED[:at] + noise + CHUNKED[at:]
    try:
        read([raw])
    except Failed as failure:
        assert failure.message


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "不是 HTTP 响应"),
        (b"\x15\x03\x01\x00\x02\x02\x16", "TLS 数据"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n", "Content-Length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\nshort", "还差 35 字节"),
        (b"HTTP/1.1 abc\r\n\r\n", "不是 HTTP 响应"),
        (b"HTTP/1.1 200 OK\r\nContent-", "响应头收完之前"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "块长度"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloxx\r\n", "比它声明的长"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\nxx", "压缩方式"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nxx", "已损坏"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: " + b"a" * 70_000, "响应头超过"),
    ],
)
def test_garbage_is_named(raw: bytes, words: str) -> None:
    with pytest.raises(Failed, match=words):
        read([raw])


def test_nothing_at_all_is_named() -> None:
    with pytest.raises(Failed, match="没有返回任何内容"):
        read([])


@pytest.mark.parametrize("raw", [LENGTH.replace(b"12", b"99999999999"), CLOSE, CHUNKED])
def test_the_body_stops_at_its_limit(raw: bytes) -> None:
    head, _, _ = raw.partition(b"\r\n\r\n")
    body = b"f00000\r\n" + b"x" * 5000 if b"chunked" in raw else b"x" * 5000
    answer = Answer(limit=1000)
    assert answer.feed(head + b"\r\n\r\n" + body)
    assert (len(answer.body), answer.truncated) == (1000, True)


def test_compressed_bodies_are_read_within_the_limit() -> None:
    bomb = gzip.compress(b"0" * 5_000_000)
    for raw, coding in ((gzip.compress(b"hi"), "gzip"), (zlib.compress(b"hi"), "deflate")):
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(raw)}\r\n\r\n"
        assert read([head.encode() + raw]).body == b"hi"
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n"
    answer = read([head.encode() + bomb])
    assert (len(answer.body), answer.truncated) == (1024 * 1024, True)


def test_text_is_decoded_by_charset_then_utf8_then_gbk() -> None:
    def text(head: str, body: bytes) -> str:
        return read([f"HTTP/1.1 200 OK\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body]).text()

    assert text("Content-Type: text/html; charset=GBK\r\n", "申报".encode("gbk")) == "申报"
    assert text("", "申报".encode()) == "申报"
    assert text("", "申报".encode("gbk")) == "申报"
    assert text("Content-Type: text/html; charset=klingon\r\n", b"ok") == "ok"


def test_a_head_answer_and_a_204_have_no_body() -> None:
    assert read([LENGTH.replace(b"hello, world", b"")], method="HEAD").complete
    assert read([b"HTTP/1.1 204 No Content\r\n\r\n"]).body == b""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ftp://x/",
        "http://",
        "http://u:p@h/",
        "http://h:99999/",
        "http://h:0/",
        "http://[::1/",
        "http://a b/",
    ],
)
def test_addresses_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_url(text)


def test_chinese_hosts_and_paths_are_written_as_the_wire_wants_them() -> None:
    url = parse_url("https://电子税务局.cn:8443/登录?a=1&b=中")
    assert url.host.startswith("xn--")
    assert url.target == "/%E7%99%BB%E5%BD%95?a=1&b=%E4%B8%AD"


@pytest.mark.parametrize(
    ("name", "value"), [("X-A", "1\r\nX-B: 2"), ("X A", "1"), ("", "1"), ("X:", "1"), ("X", "\0")]
)
def test_headers_that_smuggle_are_refused(name: str, value: str) -> None:
    with pytest.raises(BadInput):
        check_header(name, value)


def test_a_request_says_how_long_its_body_is() -> None:
    raw = render("POST", parse_url("http://h/p"), [("Content-Length", "999"), ("Host", "other")], b"abc")
    assert b"Content-Length: 3\r\n" in raw
    assert b"Host: other\r\n" in raw
    assert raw.endswith(b"\r\n\r\nabc")


def test_a_head_seen_before_but_for_its_date_is_read_alike() -> None:
    page = b"HTTP/1.1 %d OK\r\nServer: x\r\nDate: %s\r\nContent-Length: 5\r\nX-Seen: y\r\n\r\n%s"
    for _ in range(2):
        for status, date, body in (
            (200, b"Mon", b"first"),
            (200, b"Tuesday, late", b"other"),
            (503, b"", b"third"),
        ):
            answer = read([page % (status, date, body)])
            assert (answer.status, answer.body, answer.complete) == (status, body, True)
            assert answer.headers["date"] == date.decode()
            assert answer.headers["x-seen"] == "y"
    short = Answer()
    assert not short.feed(page % (200, b"Mon", b"fir"))
    assert short.feed(b"st")
    assert short.body == b"first"
    assert read([page % (200, b"Mon", b"first")], limit=3).truncated


def test_what_hides_beside_a_date_is_not_taken_for_a_known_head() -> None:
    known = b"HTTP/1.1 200 OK\r\nDate: Mon\r\nContent-Length: 5\r\n\r\nhello"
    assert read([known]).body == b"hello"
    other = b"HTTP/1.1 200 OK\r\nDate: Mon\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"
    assert read([other]).body == b""
