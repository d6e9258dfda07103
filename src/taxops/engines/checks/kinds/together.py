"""Several small attempts side by side within one execution (并行探测), on the loop of wire."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from taxops.engines.checks.wire import DOING, Attempt, DeadlineReached, Failed

T = TypeVar("T")
AT_ONCE = 16


async def together(
    attempt: Attempt,
    jobs: Sequence[Callable[[Attempt], Coroutine[Any, Any, T]]],
    *,
    timeout_s: float,
    at_once: int = AT_ONCE,
) -> list[T | Failed]:
    """Return what each job answered or why it failed, in order; none takes longer than `timeout_s`.

    Each job gets an attempt of its own, so that phases and notes of one do not mix with another's. The
    waiting is done in slots of the loop: a child may end in the very call that starts it.
    """
    loop = attempt.loop
    answers: dict[int, T | Failed] = {}
    waiting = list(range(len(jobs)))
    waiting.reverse()

    def done(owner: tuple[int, Attempt], value: T | None, failure: BaseException | None) -> None:
        index, child = owner
        if failure is None:
            answers[index] = value  # type: ignore[assignment]  # a value when there is no failure
        elif isinstance(failure, Failed):
            answers[index] = failure
        elif isinstance(failure, DeadlineReached):
            doing = DOING.get(child.doing, child.doing)
            answers[index] = Failed(f"超过 {timeout_s:g} 秒没有应答（停在：{doing}）。")
        else:
            answers[index] = Failed(f"探测程序内部错误：{type(failure).__name__}。")

    running = 0
    while len(answers) < len(jobs):
        running = len(jobs) - len(waiting) - len(answers)
        while waiting and running < at_once:
            index = waiting.pop()
            child = Attempt(loop, attempt.names, memory={}, tracing=attempt.tracing, wall_ms=attempt.wall_ms)
            mine = loop.current
            loop.spawn(jobs[index](child), loop.clock() + timeout_s, done, (index, child))
            loop.current = mine  # spawning runs the child's first step and clears it
            running = len(jobs) - len(waiting) - len(answers)
        if len(answers) < len(jobs):
            await loop.sleep(0.0)
    return [answers[index] for index in range(len(jobs))]
