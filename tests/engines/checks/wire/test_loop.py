"""The event loop: slots, deadlines, and hung attempts that cost nobody anything."""

from __future__ import annotations

import socket
import time

import pytest

from taxops.engines.checks import Failed
from taxops.engines.checks.wire import SLOT_S, Attempt, DeadlineReached, Loop, Resolver, Stream, open_stream
from tests.engines.checks.rude import open_descriptors, serving, silent


class Clock:
    """A clock that goes as it is told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_calls_happen_in_the_first_slot_at_or_after_their_time() -> None:
    clock = Clock()
    loop = Loop(clock)
    seen: list[tuple[str, int]] = []
    for name, after in (("a", 0.12), ("b", 0.05), ("c", 0.0)):
        loop.call_at(clock.now + after, lambda word, _: seen.append((word, loop.slot)), name)
    for _ in range(5):
        loop.turn()
        clock.now += SLOT_S
    assert seen == [("c", 0), ("b", 1), ("a", 3)]
    loop.close()


def test_a_loop_that_was_held_up_catches_up_in_order() -> None:
    clock = Clock()
    loop = Loop(clock)
    seen: list[int] = []
    for number in range(20):
        loop.call_at(clock.now + number * SLOT_S, lambda n, _: seen.append(n), number)
    clock.now += 10
    loop.turn()
    assert seen == list(range(20))
    loop.close()


def test_an_attempt_past_its_deadline_is_ended_and_told_so_once() -> None:
    loop = Loop(time.monotonic)
    ended: list[BaseException | None] = []

    async def hang() -> None:
        await loop.sleep(1000)

    loop.spawn(hang(), time.monotonic() + 0.1, lambda _, __, error: ended.append(error))
    began = time.monotonic()
    while not ended and time.monotonic() < began + 3:
        loop.turn()
    assert isinstance(ended[0], DeadlineReached)
    assert loop.running == 0
    for _ in range(3):
        loop.turn()
    assert len(ended) == 1
    loop.close()


def test_a_mistake_in_a_kind_ends_that_attempt_only() -> None:
    loop = Loop(time.monotonic)
    ended: list[object] = []

    async def wrong() -> None:
        raise ZeroDivisionError

    async def right() -> str:
        await loop.sleep(0.05)
        return "ok"

    loop.spawn(right(), time.monotonic() + 5, lambda _, value, error: ended.append(value))
    loop.spawn(wrong(), time.monotonic() + 5, lambda _, value, error: ended.append(type(error)))
    while len(ended) < 2:
        loop.turn()
    assert ended == [ZeroDivisionError, "ok"]
    loop.close()


def test_closing_ends_what_runs_and_leaves_no_descriptor_behind() -> None:
    before = open_descriptors()
    with serving(silent) as server:
        loop = Loop(time.monotonic)
        attempt = Attempt(loop, Resolver(time.monotonic), memory={}, tracing=False, wall_ms=0)

        async def hang() -> None:
            stream = await open_stream(attempt, "127.0.0.1", server.port)
            try:
                await stream.recv()
            finally:
                stream.close()

        for _ in range(20):
            loop.spawn(hang(), time.monotonic() + 60, lambda *_: None)
        for _ in range(3):
            loop.turn()
        assert loop.running == 20
        loop.close()
    time.sleep(0.05)
    assert open_descriptors() <= before + 1


def test_other_threads_wake_the_loop() -> None:
    import threading

    loop = Loop(time.monotonic)
    seen: list[int] = []
    threading.Thread(target=lambda: loop.post(lambda: seen.append(1))).start()
    began = time.monotonic()
    while not seen and time.monotonic() < began + 3:
        loop.turn()
    assert seen == [1]
    loop.close()


def test_running_out_of_descriptors_is_the_probers_own_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    loop = Loop(time.monotonic)
    attempt = Attempt(loop, Resolver(time.monotonic), memory={}, tracing=False, wall_ms=0)

    def full(*_: object) -> socket.socket:
        raise OSError(errno.EMFILE, "too many")

    monkeypatch.setattr(socket, "SocketType", full)
    with pytest.raises(Failed) as failure:
        Stream(attempt, int(socket.AF_INET))
    assert failure.value.verdict == "unknown"
    assert "文件数已达上限" in failure.value.message
    loop.close()
