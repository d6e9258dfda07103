"""Lines of syslog: both forms, both framings, both encodings; nothing makes the reader fall over."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.base import BadInput
from taxops.systems.operations.intake.rules import Frames, parse_line, pushed_of

pytestmark = pytest.mark.same_everywhere
NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "form", "facility", "level", "host", "app", "message"),
    [
        (
            b"<34>1 2026-06-01T10:00:00.003+08:00 db-01 oracle 8710 ID47 - ORA-00060 deadlock",
            "rfc5424", "auth", "critical", "db-01", "oracle", "ORA-00060 deadlock",
        ),
        (
            '<165>1 2026-06-01T02:00:00Z h app - - [x@1 a="b]" c="\\]"] 磁盘将满'.encode(),
            "rfc5424", "local4", "notice", "h", "app", "磁盘将满",
        ),
        (b"<13>1 - - - - - -", "rfc5424", "user", "notice", "10.0.0.9", "", ""),
        (
            b"<34>Jun  1 09:59:58 db-01 su[231]: 'su root' failed",
            "rfc3164", "auth", "critical", "db-01", "su", "'su root' failed",
        ),
        (
            "<11>Jun  1 09:59:58 web nginx: 连接被拒绝".encode("gbk"),
            "rfc3164", "user", "error", "web", "nginx", "连接被拒绝",
        ),
        (b"just words", "plain", "user", "notice", "10.0.0.9", "", "just words"),
        (b"<999>odd", "plain", "user", "notice", "10.0.0.9", "", "<999>odd"),
        (b"<3>Feb 30 09:59:58 h x: y", "plain", "kern", "error", "10.0.0.9", "", "Feb 30 09:59:58 h x: y"),
    ],
)  # fmt: skip
def test_lines(raw: bytes, form: str, facility: str, level: str, host: str, app: str, message: str) -> None:
    line = parse_line(raw, now=NOW, sender="10.0.0.9")
    assert (line.form, line.facility, line.level, line.host, line.app, line.message) == (
        form, facility, level, host, app, message,
    )  # fmt: skip


def test_a_line_without_year_is_of_the_nearest() -> None:
    new_year = datetime(2026, 1, 1, 1, 0, tzinfo=UTC)
    line = parse_line(b"<13>Dec 31 23:59:00 h a: x", now=new_year, sender="")
    assert line.at.year == 2025
    assert parse_line(b"<13>Jun  1 10:00:00 h a: x", now=NOW, sender="").at == NOW


@pytest.mark.parametrize("raw", [b"", b"\r\n", b"x" * 8193])
def test_nothing_and_too_much_are_refused(raw: bytes) -> None:
    with pytest.raises(BadInput):
        parse_line(raw, now=NOW, sender="h")


def test_a_flood_of_one_sort_is_one_problem() -> None:
    lines = [parse_line(f"<11>Jun  1 10:00:0{n} h a: no {n}".encode(), now=NOW, sender="") for n in range(3)]
    assert len({str(pushed_of(line).labels) for line in lines}) == 1


MESSAGES = st.lists(st.binary(min_size=1, max_size=40).filter(lambda b: b.strip()), max_size=8)


@settings(max_examples=60, deadline=None)
@given(MESSAGES, st.integers(1, 7), st.booleans())
def test_framing_gives_back_what_was_sent_however_it_is_cut(
    messages: list[bytes], cut: int, counted: bool
) -> None:
    if counted:
        stream = b"".join(b"%d %s" % (len(m), m) for m in messages)
    else:
        messages = [b"<" + m.replace(b"\n", b" ") for m in messages]
        stream = b"".join(m + b"\n" for m in messages)
    frames, found = Frames(), []
    for start in range(0, len(stream), cut):
        found += list(frames.feed(stream[start : start + cut]))
    assert found == messages
    assert frames.end() == b""


def test_lines_without_end_are_dropped_and_counted() -> None:
    frames = Frames()
    assert list(frames.feed(b"x" * 9000)) == []
    assert frames.lost == 1
    assert list(frames.feed(b"99999 x")) == []
    assert frames.lost == 2
    assert list(frames.feed(b"<1>fine\n")) == [b"<1>fine"]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_anything_is_read_or_refused(raw: bytes) -> None:
    try:
        line = parse_line(raw, now=NOW, sender="h")
    except BadInput:
        return
    assert "\0" not in line.host
    pushed_of(line)
