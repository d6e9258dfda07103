"""The fast lane says what the ordinary way says, asks nothing twice, and leaves no descriptor behind."""

from __future__ import annotations

import errno
import itertools
import re
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taxops.engines.checks import CheckSpec, Prober, Report
from taxops.engines.checks.wire import Resolver
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

pytestmark = pytest.mark.real

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
            resolver=values.pop("resolver", None),
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

    def until(self, enough: Callable[[], object], seconds: float = 30.0) -> None:
        end = time.monotonic() + seconds
        while not enough():
            assert time.monotonic() < end, [report.result.message for report in self.reports[-5:]]
            self.prober.loop.turn()

    def settle(self) -> None:
        """Go on until the check runs in the lane."""
        self.until(lambda: len(self.stills) >= 2 and not self.prober.loop.running)

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
    assert len(watch.reports) == 1  # the first, which says everything
    assert made == len(watch.reports) + len(watch.stills)
    assert server.connections in (made, made + 1)
    check, version, _, took_ms, late_ms = watch.stills[-1]
    assert (check, version) == (7, 3)
    assert 0 < took_ms < 5000 > late_ms >= 0
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
        watch.whole = True
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
        monkeypatch.setattr(lane_of(watch), "_is_near", False)  # as for every address of another machine
        watch.settle()
        watch.whole = True
        report = watch.next_report()
        watch.prober.close()
    assert list(report.result.phases) == ["connect", "send", "wait", "read"]
    assert all(spent >= 0 for spent in report.result.phases.values())


def names(tmp_path: Path) -> Resolver:
    """Return a resolver that knows one name of one address and one of two, and asks nobody."""
    (tmp_path / "hosts").write_text("127.0.0.1 one.test two.test\n::1 two.test\n")
    (tmp_path / "resolv").write_text("")
    return Resolver(time.monotonic, hosts=str(tmp_path / "hosts"), resolv=str(tmp_path / "resolv"))


@pytest.mark.parametrize("odd", ["a server error", "two pieces", "a reset"])
def test_a_name_that_is_known_takes_the_lane_too(tmp_path: Path, odd: str) -> None:
    with serving(dated()) as server:
        watch = Watch(f"http://one.test:{server.port}/", "status == 200", resolver=names(tmp_path))
        watch.settle()
        watch.whole = True
        whole = watch.next_report()
        watch.until(lambda: not watch.prober.loop.running)
        server.talk = ODD[odd]
        report = watch.next_report()
        watch.prober.close()
        ordinary = look("http", server.url, "status == 200", tracing=False)
    assert list(whole.result.phases) == ["dns", "connect", "send", "wait", "read"]
    assert report.result.verdict is ordinary.verdict
    assert words(report.result.message) == words(ordinary.message)
    assert list(report.result.phases) == ["dns", *ordinary.phases]


def test_a_name_of_several_addresses_tries_them_all_in_the_ordinary_way(tmp_path: Path) -> None:
    with serving(dated()) as server:
        watch = Watch(f"http://two.test:{server.port}/", resolver=names(tmp_path))
        watch.until(lambda: len(watch.reports) >= 4)
        watch.prober.close()
    assert watch.stills == []


def test_a_name_that_moves_is_followed(tmp_path: Path) -> None:
    resolver = names(tmp_path)
    with serving(dated()) as server:
        watch = Watch(f"http://one.test:{server.port}/", resolver=resolver)
        watch.settle()
        resolver.system().hosts["one.test"] = ["127.0.0.3"]  # where nobody listens
        report = watch.next_report()
        watch.prober.close()
    assert "连接被拒绝" in report.result.message


def lane_of(watch: Watch) -> Any:
    """Return the lane of the watch's only check."""
    watch.until(lambda: watch.prober._entries)
    return watch.prober._entries[7].call[1]


def test_a_page_that_is_another_each_time_is_judged_each_time_and_told_in_a_row() -> None:
    numbers = itertools.count(10)

    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        number = next(numbers)
        connection.sendall(page(b"hello %d" % number if number < 20 else b"bye %d" % number))
        connection.close()

    with serving(talk) as server:
        watch = Watch(server.url, "status == 200", params={"keyword": "hello"})
        watch.until(lambda: any(report.result.verdict == "critical" for report in watch.reports))
        watch.prober.close()
    assert len(watch.stills) == 9  # all good ones but the first, which says everything
    assert [report.result.verdict for report in watch.reports] == ["ok", "critical"]
    assert "没有关键字" in watch.reports[-1].result.message


def test_a_machine_without_descriptors_says_so_and_harms_no_other_check(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none_left(*_: int) -> socket.SocketType:
        raise OSError(errno.EMFILE, "too many open files")

    with serving(dated()) as server:
        watch = Watch(server.url)
        watch.settle()
        with monkeypatch.context() as patched:
            patched.setattr("taxops.engines.checks.prober.lane._Socket", none_left)
            report = watch.next_report()
        watch.until(lambda: any(r.result.verdict == "ok" for r in watch.reports[-1:]))
        watch.prober.close()
    assert report.result.verdict != "ok"
    assert "建立连接" in report.result.message or "描述符" in report.result.message


def test_conditions_on_what_changes_by_itself_are_judged_each_time() -> None:
    with serving(dated()) as server:
        watch = Watch(server.url, 'header["date"] contains "08:0"')
        watch.until(lambda: len(watch.reports) >= 2)
        watch.prober.close()
    assert [report.result.verdict for report in watch.reports[:2]] == ["ok", "critical"]
    assert len(watch.stills) == 9  # the dates go from 08:00 to 08:09 before they no longer hold


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
        old = lane_of(watch)
        spec = CheckSpec(7, "http", server.url, interval_s=0.05, version=4)
        watch.prober.assign([spec])
        told = len(watch.stills)
        watch.until(lambda: len(watch.stills) > told)
        watch.prober.close()
    assert lane_of(watch) is not old
    assert all(row[1] == 4 for row in watch.stills[told:])


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
