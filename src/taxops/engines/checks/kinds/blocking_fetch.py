"""An HTTP request from an asyncio kind (线程内请求): the wire's own client, on a small loop in a thread."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from taxops.engines.checks.wire import DOING, Attempt, DeadlineReached, Failed, Loop, Resolver

from .declaration import SideAttempt
from .threads import in_thread

T = TypeVar("T")


async def on_wire(
    attempt: SideAttempt, job: Callable[[Attempt], Coroutine[Any, Any, T]], timeout_s: float
) -> T:
    """Carry out a job of the event loop from the asyncio thread and return its answer.

    Raises:
        Failed: whatever the job failed with, or its time was up.
    """
    return await in_thread(lambda: _carry_out(attempt, job, timeout_s))


def _carry_out(attempt: SideAttempt, job: Callable[[Attempt], Coroutine[Any, Any, T]], timeout_s: float) -> T:
    loop = Loop(attempt.clock)
    child = Attempt(
        loop, Resolver(attempt.clock), memory={}, tracing=attempt.tracing, wall_ms=attempt.wall_ms
    )
    found: list[tuple[T | None, BaseException | None]] = []

    def done(_: None, value: T | None, failure: BaseException | None) -> None:
        found.append((value, failure))

    try:
        loop.spawn(job(child), attempt.clock() + timeout_s, done)
        while not found:
            loop.turn()
    finally:
        loop.close()
    attempt.phases.update(child.phases)
    attempt.notes.extend(child.notes)
    value, failure = found[0]
    if isinstance(failure, DeadlineReached):
        raise Failed(f"超过 {timeout_s:g} 秒没有完成（停在：{DOING.get(child.doing, child.doing)}）。")
    if failure is not None:
        raise failure
    return value  # type: ignore[return-value]  # a value when there is no failure
