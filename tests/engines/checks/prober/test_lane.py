"""The fast lane says what the ordinary way says, asks nothing twice, and leaves no descriptor behind."""

from __future__ import annotations

import itertools
import re
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from taxops.engines.checks import CheckSpec, Prober, Report
from tests.engines.checks.rude import (
    Server,
    Talk,
    answering,
    look,
    open_descriptors,
    page,
    reset,
    serving,
    silent,
)

DATED = "Date: Sun, 22 Nov 2026 08:{:02}:32 GMT"
HELLO = page(b"hello", "200 OK", DATED.format(1))


class Watch:
    """A prober turned by hand, with one check, and what it told."""

    def __init__(self, url: str, *conditions: str, **values: Any) -> None:
        self.reports: list[Report] = []
        self.stills: list[tuple[int, int, int, float, float]] = []
        self.whole = False
        self.prober = Prober(
            clock=time.monotonic,
            wall_ms=lambda: time.time_ns() // 1_000_000,
            emit=self.reports.append,
            still=self._still,
        )
        warnings = values.pop("warnings", ())
        spec = CheckSpec(
            7, "http", url, values.pop("params", {}), conditions, warnings, interval_s=0.05,
            retry_interval_s=0.05, timeout_s=values.pop("timeout_s", 1.0), version=3,
        )  # fmt: skip
        self.prober.assign([spec])

    def _still(self, *row: Any) -> bool:
        if not self.whole:
            self.stills.append(row)
        return not self.whole

    def until(self, enough: Callable[[], object], seconds: float = 5.0) -> None:
        end = time.monotonic() + seconds
        while not enough():
            assert time.monotonic() < end, [report.result.message for report in self.reports[-5:]]
            self.prober.loop.turn()

    def settle(self) -> None:
        """Go on until the check runs in the lane."""
        self.until(lambda: len(self.stills) >= 2)

    def next_report(self) -> Report:
        seen = len(self.reports)
        self.until(lambda: len(self.reports) > seen)
        return self.reports[seen]


def dated(body: bytes = b"hello", status: str = "200 OK") -> Talk:
    """Answer with a date that moves on with each answer."""
    minutes = itertools.cycle(range(60))

    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(page(body, status, DATED.format(next(minutes))))
        connection.close()

    return talk


def words(text: str) -> str:
    return re.sub(r"[\d.]+ 毫秒", "N 毫秒", text)


def test_the_same_answer_but_for_its_date_is_told_in_a_row_and_every_check_connects() -> None:
    with serving(dated()) as server:
        before = open_descriptors()
        watch = Watch(server.url, "status == 200", params={"keyword": "hello"})
        watch.until(lambda: len(watch.stills) >= 6)
        made = watch.prober.figures()["made"]
        assert watch.prober.loop.running <= 1
        watch.prober.close()
        assert open_descriptors() <= before + 1
    assert len(watch.reports) == 2  # the first good one, and the one that was learnt
    assert made == len(watch.reports) + len(watch.stills)
    assert server.connections in (made, made + 1)
    check, version, _, took_ms, late_ms = watch.stills[-1]
    assert (check, version) == (7, 3)
    assert 0 < took_ms < 1000 > late_ms >= 0
    gaps = [b[2] - a[2] for a, b in itertools.pairwise(watch.stills)]
    assert all(gap > 0 for gap in gaps)


def test_details_that_are_wanted_come_whole_and_change_nothing() -> None:
    with serving(dated()) as server:
        watch = Watch(server.url)
        watch.settle()
        watch.whole = True
        report = watch.next_report()
        watch.prober.close()
    assert words(report.result.message) == "HTTP 200，N 毫秒。"
    assert list(report.result.phases) == ["connect", "send", "wait", "read"]
    assert report.result.metrics == {"status": 200.0, "size": 5.0}
    assert report.changes == ()
    assert not report.urgent


def halves(pause_s: float) -> Talk:
    return answering(HELLO[:20], HELLO[20:], pause_s=pause_s)


def slowly(connection: socket.socket) -> None:
    connection.recv(65536)
    time.sleep(0.35)
    connection.sendall(HELLO)
    connection.close()


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
TRICK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nDate: Sun, 22\nX: a 2026 08:01:32 GMT\r\n\r\nhello"
ODD: dict[str, Talk] = {
    "another good page": answering(page(b"hello again")),
    "a page that lacks the word": answering(page(b"nothing")),
    "a server error": answering(page(b"hello", "502 Bad Gateway")),
    "a reset": reset,
    "silence": silent,
    "two pieces": halves(0.1),
    "one piece of two": answering(HELLO[:20]),
    "a body cut short": answering(HELLO[:-2]),
    "nothing at all": answering(b""),
    "something else than HTTP": answering(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "chunks": answering(CHUNKED),
    "a body until the end": answering(b"HTTP/1.0 200 OK\r\n\r\nhello"),
    "a long page": answering(page(b"hello" * 4000)),
    "a redirect that leads nowhere": answering(page(b"", "302 Found", "Location: ftp://x/")),
    "a slow answer": slowly,
    "a second header in place of the date": answering(TRICK),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_not_the_same_is_judged_as_in_the_ordinary_way(name: str) -> None:
    params: dict[str, Any] = {"keyword": "hello"}
    conditions = ("status == 200", "duration_ms < 300")
    with serving(dated()) as server:
        watch = Watch(server.url, *conditions, params=params)
        watch.settle()
        server.talk = ODD[name]
        report = watch.next_report()
        watch.prober.close()
        ordinary = look("http", server.url, *conditions, timeout_s=1.0, tracing=False, **params)
    numbers = re.compile(r"[\d.]+")
    assert report.result.verdict is ordinary.verdict
    assert numbers.sub("N", report.result.message) == numbers.sub("N", ordinary.message)
    assert set(report.result.evidence) == set(ordinary.evidence)
    assert list(report.result.phases) == list(ordinary.phases)


def test_a_server_that_has_gone_is_told_at_once() -> None:
    server = Server(dated())
    watch = Watch(server.url)
    watch.settle()
    server.close()
    report = watch.next_report()
    watch.prober.close()
    assert "连接被拒绝" in report.result.message
    assert report.urgent


def test_a_connection_that_stands_only_later_is_gone_on_with(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(dated()) as server:
        watch = Watch(server.url)
        plan = watch_plan(watch)
        monkeypatch.setattr(plan, "_is_near", False)  # as for every address of another machine
        watch.settle()
        watch.whole = True
        report = watch.next_report()
        watch.prober.close()
    assert list(report.result.phases) == ["connect", "send", "wait", "read"]
    assert all(spent >= 0 for spent in report.result.phases.values())


def watch_plan(watch: Watch) -> Any:
    """Return the lane of the watch's only check."""
    watch.until(lambda: watch.prober._entries)
    return watch.prober._entries[7].call[1]


def test_conditions_on_what_changes_by_itself_are_judged_each_time() -> None:
    with serving(dated()) as server:
        watch = Watch(server.url, 'header["date"] contains "GMT"')
        watch.until(lambda: len(watch.reports) >= 4)
        watch.prober.close()
    assert watch.stills == []
    assert {report.result.verdict for report in watch.reports} == {"ok"}


def test_a_warning_is_no_good_result() -> None:
    with serving(dated()) as server:
        watch = Watch(server.url, "status == 200", warnings=("size > 100",))
        watch.until(lambda: len(watch.reports) >= 4)
        watch.prober.close()
    assert watch.stills == []
    assert {report.result.verdict for report in watch.reports} == {"warning"}


def test_a_changed_definition_forgets_what_was_under_way() -> None:
    with serving(dated()) as server:
        watch = Watch(server.url)
        watch.settle()
        server.talk = slowly
        watch.until(lambda: watch.prober.loop.running)
        old = watch_plan(watch)
        spec = CheckSpec(7, "http", server.url, interval_s=0.05, version=4)
        watch.prober.assign([spec])
        told = len(watch.stills)
        report = watch.next_report()
        watch.prober.close()
    assert watch_plan_now(watch) is not old
    assert report.spec.version == 4
    assert all(row[1] == 4 for row in watch.stills[told:])


def watch_plan_now(watch: Watch) -> Any:
    return watch.prober._entries[7].call[1]


def test_closing_the_prober_drops_what_is_under_way() -> None:
    with serving(dated()) as server:
        before = open_descriptors()
        watch = Watch(server.url)
        watch.settle()
        server.talk = silent
        watch.until(lambda: watch.prober.loop.running)
        watch.prober.close()
        time.sleep(0.05)
        assert open_descriptors() <= before + 2  # the server's own ends
