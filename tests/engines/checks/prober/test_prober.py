"""The prober's thread: on time, at the retry interval while confirming, undisturbed by what hangs."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from taxops.engines.checks import CheckSpec, Prober, Report, Tools
from tests.engines.checks.rude import answering, open_descriptors, page, reset, serving, silent

pytestmark = pytest.mark.real


def spec(number: int, kind: str, target: str, *, interval_s: float = 0.2, **changes: Any) -> CheckSpec:
    values: dict[str, Any] = {"retry_interval_s": interval_s, "timeout_s": 0.5, **changes}
    return CheckSpec(number, kind, target, interval_s=interval_s, **values)


def wall_ms() -> int:
    return time.time_ns() // 1_000_000


class Running:
    """A prober in a thread, and what it reported."""

    def __init__(self, specs: Iterable[CheckSpec], tools: Tools | None = None) -> None:
        self.reports: list[Report] = []
        self.prober = Prober(clock=time.monotonic, wall_ms=wall_ms, emit=self.reports.append, tools=tools)
        self.prober.assign(specs)
        self.thread = threading.Thread(target=self.prober.run, daemon=True)
        self.thread.start()

    def wait(self, enough: Callable[[list[Report]], bool], seconds: float = 30.0) -> list[Report]:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if enough(self.reports):
                return list(self.reports)
            time.sleep(0.02)
        raise AssertionError([(report.spec.id, report.result.message) for report in self.reports[-10:]])

    def of(self, number: int) -> list[Report]:
        return [report for report in list(self.reports) if report.spec.id == number]

    def stop(self) -> None:
        self.prober.stop()
        self.thread.join(5)
        assert not self.thread.is_alive()
        self.prober.close()


def test_checks_come_at_their_own_instants_and_never_twice_at_once() -> None:
    with serving(answering(page())) as server:
        running = Running([spec(1, "http", server.url, interval_s=0.25)])
        reports = running.wait(lambda found: len(found) >= 5)
        running.stop()
    times = [report.result.at_ms for report in reports]
    gaps = [b - a for a, b in itertools.pairwise(times)]
    assert all(gap % 250 < 100 or gap % 250 > 150 for gap in gaps[1:]), gaps
    assert [change.kind for change in reports[0].changes] == ["first_good"]
    assert reports[0].urgent
    assert not reports[-1].urgent


def test_while_a_change_is_confirmed_the_retry_interval_counts() -> None:
    with serving(answering(page())) as server:
        running = Running(
            [spec(1, "http", server.url, interval_s=1.0, retry_interval_s=0.1, confirm=3, recover=2)]
        )
        running.wait(lambda found: len(found) >= 1)
        server.talk = reset
        down = running.wait(lambda found: any(c.kind == "outage_opened" for r in found for c in r.changes))
        server.talk = answering(page())
        running.wait(lambda found: any(c.kind == "outage_closed" for r in found for c in r.changes))
        running.stop()
    bad = [report for report in down if report.result.verdict == "critical"]
    assert len(bad) == 3
    assert bad[-1].result.at_ms - bad[0].result.at_ms < 900
    assert all(report.urgent for report in bad)


def test_hung_targets_do_not_delay_the_others() -> None:
    with serving(silent) as hung, serving(answering(page())) as well:
        specs = [spec(n, "http", hung.url + f"h{n}", timeout_s=5.0) for n in range(1, 61)]
        specs += [spec(n, "http", well.url, interval_s=0.2) for n in range(101, 111)]
        running = Running(specs)
        running.wait(lambda found: sum(report.spec.id > 100 for report in found) >= 100)
        figures = running.prober.figures()
        running.stop()
    counts = [len(running.of(n)) for n in range(101, 111)]
    assert min(counts) >= max(counts) - 2
    assert figures["running"] >= 60
    assert all(report.result.verdict == "ok" for report in running.reports if report.spec.id > 100)


def test_new_assignments_replace_the_old_and_leave_the_same_alone() -> None:
    with serving(answering(page())) as server:
        kept = spec(1, "http", server.url)
        running = Running([kept, spec(2, "http", server.url)])
        running.wait(lambda found: {report.spec.id for report in found} == {1, 2})
        running.prober.assign([kept, spec(3, "http", server.url, version=4)])
        running.wait(lambda found: any(report.spec.id == 3 for report in found))
        seen = len(running.of(2))
        first_good = [r for r in running.of(1) if any(c.kind == "first_good" for c in r.changes)]
        running.wait(lambda found: len(running.of(3)) >= 4)
        running.stop()
    assert len(running.of(2)) == seen
    assert len(first_good) == 1
    assert running.of(3)[0].spec.version == 4


def test_an_edited_check_goes_on_from_its_state() -> None:
    with serving(reset) as server:
        running = Running([spec(1, "http", server.url, confirm=1)])
        running.wait(lambda found: any(c.kind == "outage_opened" for r in found for c in r.changes))
        running.prober.assign([spec(1, "http", server.url, confirm=1, interval_s=0.3, version=2)])
        later = running.wait(lambda found: any(report.spec.version == 2 for report in found))
        running.stop()
    assert next(report.changes for report in later if report.spec.version == 2) == ()


def test_a_definition_that_cannot_be_used_is_unknown_and_says_why() -> None:
    specs = [
        spec(1, "htpp", "x"),
        spec(2, "http", "http://127.0.0.1:1/", conditions=("status = 1",)),
        spec(3, "sql", "postgresql://h/d", params={"sql": "drop table t"}),
        spec(4, "http", "http://127.0.0.1:1/", timeout_s=-1),
    ]
    running = Running(specs)
    reports = running.wait(lambda found: {report.spec.id for report in found} == {1, 2, 3, 4})
    running.stop()
    words = {report.spec.id: report.result.message for report in reports}
    assert {report.result.verdict for report in reports} == {"unknown"}
    assert "没有名为「htpp」" in words[1]
    assert "条件第 8 列" in words[2]
    assert "SELECT" in words[3]
    assert "timeout_s" in words[4]


def test_heartbeats_are_left_to_the_centre_and_asyncio_kinds_run_beside() -> None:
    running = Running([spec(1, "heartbeat", "job"), spec(2, "host", "local", interval_s=0.5, timeout_s=5.0)])
    reports = running.wait(lambda found: len(found) >= 2)
    running.stop()
    assert {report.spec.id for report in reports} == {2}
    assert reports[0].result.verdict in {"ok", "warning", "critical"}
    assert reports[0].keeps_metrics


def test_a_hung_asyncio_check_is_given_up_and_the_prober_stops_all_the_same() -> None:
    class Hung:
        async def query(self, *_: Any, **__: Any) -> Any:
            import asyncio

            await asyncio.sleep(3600)

    running = Running(
        [spec(1, "sql", "postgresql://h/d", params={"sql": "select 1"}, timeout_s=0.3)],
        Tools(database=Hung()),
    )
    reports = running.wait(lambda found: len(found) >= 2)
    running.stop()
    assert "停在：执行 SQL" in reports[0].result.message


def test_a_mistake_in_a_driver_is_unknown_not_down() -> None:
    class Broken:
        async def query(self, *_: Any, **__: Any) -> Any:
            raise ZeroDivisionError

    running = Running(
        [spec(1, "sql", "postgresql://h/d", params={"sql": "select 1"})], Tools(database=Broken())
    )
    report = running.wait(lambda found: len(found) >= 1)[0]
    running.stop()
    assert (report.result.verdict, report.result.message) == (
        "unknown",
        "探测程序内部错误：ZeroDivisionError。",
    )


def test_a_thousand_failures_leave_no_descriptor() -> None:
    with serving(reset) as server:
        before = open_descriptors()
        running = Running([spec(n, "http", server.url, interval_s=0.1) for n in range(1, 51)])
        running.wait(lambda found: len(found) >= 1000, 20)
        running.stop()
    time.sleep(0.1)
    assert open_descriptors() <= before + 1


def test_lateness_is_measured_and_a_late_result_is_suspect(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answering(page())) as server:
        running = Running([spec(1, "http", server.url, interval_s=0.2)])
        running.wait(lambda found: len(found) >= 2)
        running.prober.loop.post(lambda: time.sleep(1.4))  # the prober itself is held up
        running.wait(lambda found: any(c.kind == "suspect" for r in found for c in r.changes))
        figures = running.prober.figures()
        running.stop()
    assert figures["late_max_ms"] > 1000
    assert figures["made"] >= 3
