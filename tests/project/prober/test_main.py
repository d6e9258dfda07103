"""The prober as a process: reports at once, loses nothing, doubles nothing, ends when told to."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engines.checks.rude import Server, answering, page, reset
from tests.project.prober.centre import TOKEN, Centre

pytestmark = pytest.mark.real


def check(number: int, url: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": number, "version": 1, "kind": "http", "target": url, "params": {}, "conditions": ["status == 200"],
        "warnings": [], "interval_s": 0.2, "retry_interval_s": 0.1, "timeout_s": 1.0, "confirm": 2, "recover": 2,
        **changes,
    }  # fmt: skip


class Process:
    """A `taxops prober` of our own."""

    def __init__(self, centre: Centre, spool: Path, token: str = TOKEN) -> None:
        self.log = spool.parent / f"prober-{time.monotonic_ns()}.log"
        with self.log.open("wb") as log:
            self.child = subprocess.Popen(
                [sys.executable, "-m", "taxops.cli", "prober", "--url", centre.url,
                 "--spool", str(spool), "--zone", "dmz"],
                env={**os.environ, "TAXOPS_PROBER_TOKEN": token},
                stderr=log,
            )  # fmt: skip

    def said(self) -> str:
        return self.log.read_text()

    def kill(self) -> None:
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()

    def end(self) -> float:
        began = time.monotonic()
        self.child.send_signal(signal.SIGTERM)
        assert self.child.wait(10) == 0, self.said()
        return time.monotonic() - began


Start = Callable[..., Process]


@pytest.fixture
def centre() -> Iterator[Centre]:
    made = Centre()
    yield made
    made.close()


@pytest.fixture
def target() -> Iterator[Server]:
    server = Server(answering(page()))
    yield server
    server.close()


@pytest.fixture
def start(centre: Centre, tmp_path: Path) -> Iterator[Start]:
    made: list[Process] = []

    def one(**options: Any) -> Process:
        made.append(Process(centre, tmp_path / "spool", **options))
        return made[-1]

    yield one
    for process in made:
        if process.child.poll() is None:
            process.kill()


def test_a_change_is_reported_at_once_and_the_end_is_quick(
    centre: Centre, target: Server, start: Start
) -> None:
    centre.assign(check(1, target.url))
    prober = start()
    centre.wait(lambda: len(centre.rows) >= 1)
    first = centre.rows[0]
    assert first[:2] == [1, 1]
    assert (first[3], first[6]) == (0, first[6])
    assert first[7]["status"] == 200.0
    target.talk = reset
    broke_ms = time.time() * 1000
    centre.wait(lambda: any(row[3] == 2 for row in centre.rows))
    bad = next(row for row in centre.rows if row[3] == 2)
    assert "被对方重置" in bad[6]
    assert bad[8]["phases"]
    assert time.time() * 1000 - broke_ms < 5000
    assert centre.tokens == {f"Bearer {TOKEN}"}
    centre.wait(lambda: bool(centre.figures))
    assert {"late_p99_ms", "cpu_s", "rss_mb", "checks", "spooled"} <= set(centre.figures[-1])
    assert prober.end() < 4  # two seconds on a machine that is not busy with other tests
    assert "探测器已停止" in prober.said()


def test_results_wait_for_the_centre_and_arrive_in_order_once(
    centre: Centre, target: Server, start: Start
) -> None:
    centre.assign(check(1, target.url))
    prober = start()
    centre.wait(lambda: len(centre.rows) >= 3)
    centre.away()
    made = target.connections
    until = time.monotonic() + 10
    while target.connections < made + 12 and time.monotonic() < until:
        time.sleep(0.05)
    prober.kill()
    centre.answer = None
    centre.back()
    again = start()
    seen = len(centre.rows)
    centre.wait(lambda: len(centre.rows) >= seen + 10)
    again.end()
    times = [row[2] for row in centre.rows]
    assert times == sorted(times)
    assert len(times) == len(set(times))


def test_an_answer_that_gets_lost_doubles_nothing(centre: Centre, target: Server, start: Start) -> None:
    centre.assign(check(1, target.url))
    centre.drop_answers = 3
    prober = start()
    centre.wait(lambda: centre.duplicates >= 3 and len(centre.rows) >= 5)
    prober.end()
    times = [row[2] for row in centre.rows]
    assert len(times) == len(set(times))
    seqs = [seq for _, seq in centre.batches]
    assert seqs == list(range(1, len(seqs) + 1))


@pytest.mark.slow
def test_kills_at_random_moments_lose_no_change_and_double_nothing(
    centre: Centre, target: Server, start: Start
) -> None:
    choice = random.Random(11)
    centre.assign(*[check(n, target.url) for n in range(1, 6)])
    for number in range(4):
        target.talk = reset if number % 2 else answering(page())
        wanted = 2 if number % 2 else 0
        prober = start()
        seen = len(centre.rows)
        centre.wait(lambda: {row[0] for row in centre.rows[seen:] if row[3] == wanted} == {1, 2, 3, 4, 5})  # noqa: B023
        time.sleep(choice.random() * 0.3)
        prober.kill()
    start()
    seen = len(centre.rows)
    centre.wait(lambda: len(centre.rows) > seen)
    keys = [(row[0], row[2]) for row in centre.rows]
    assert len(keys) == len(set(keys))
    assert len(centre.batches) == len(set(centre.batches))


def test_a_bad_token_is_named_and_tried_again(centre: Centre, target: Server, start: Start) -> None:
    centre.assign(check(1, target.url))
    centre.answer = (401, '{"code": "not_permitted", "what": "令牌已过期。"}'.encode())
    prober = start()
    centre.wait(lambda: centre.asked >= 2)
    centre.wait(lambda: "平台不接受令牌（401）：令牌已过期。" in prober.said())
    centre.answer = None
    centre.wait(lambda: len(centre.rows) >= 1)
    assert "已重新取得探测任务" in prober.said()
    prober.end()


def test_a_centre_that_talks_garbage_is_survived(centre: Centre, target: Server, start: Start) -> None:
    centre.assign(check(1, target.url))
    centre.answer = (200, b"<html>not the centre</html>")
    prober = start()
    centre.wait(lambda: "无法识别" in prober.said())
    centre.answer = None
    centre.wait(lambda: len(centre.rows) >= 2)
    prober.end()


def test_a_batch_the_centre_will_never_take_does_not_hold_up_the_rest(
    centre: Centre, target: Server, start: Start
) -> None:
    centre.assign(check(1, target.url))
    prober = start()
    centre.wait(lambda: len(centre.rows) >= 1)
    centre.answer = (400, '{"what": "第 1 条结果不正确。"}'.encode())
    centre.wait(lambda: "平台拒收（400）" in prober.said())
    centre.answer = None
    seen = len(centre.rows)
    centre.wait(lambda: len(centre.rows) > seen)
    prober.end()


def test_it_goes_on_with_its_last_assignments_while_the_centre_is_away(
    centre: Centre, target: Server, start: Start
) -> None:
    centre.assign(check(1, target.url))
    prober = start()
    centre.wait(lambda: len(centre.rows) >= 1)
    prober.end()
    centre.away()
    seen = target.connections
    start()
    until = time.monotonic() + 10
    while target.connections < seen + 3 and time.monotonic() < until:
        time.sleep(0.05)
    assert target.connections >= seen + 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--token", ""], "没有探测器令牌"),
        (["--token", "x", "--url", "ftp://x"], "平台地址"),
        (["--token", "坏 的"], "令牌无效"),
        (["--token", "x", "--spool", "/dev/null/x"], "暂存目录"),
    ],
)
def test_a_start_that_cannot_work_says_why(arguments: list[str], words: str) -> None:
    environ = {key: value for key, value in os.environ.items() if not key.startswith("TAXOPS_PROBER")}
    done = subprocess.run(
        [sys.executable, "-m", "taxops.cli", "prober", *arguments],
        capture_output=True, text=True, env=environ, timeout=20, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert words in done.stderr


def test_nothing_heavy_is_imported_for_pages_and_ports() -> None:
    script = """
import sys
import taxops.project.prober.main, taxops.project.commands.prober
heavy = {"django", "asyncio", "psycopg", "asyncssh", "confluent_kafka", "redis", "psutil", "dns", "cryptography",
         "numpy", "chinese_calendar", "httpx", "requests"}
print(sorted(heavy & {name.split(".")[0] for name in sys.modules}))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
