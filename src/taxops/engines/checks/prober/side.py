"""The asyncio thread (异步线程) for protocol clients; it starts when the first such check does, not before."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from taxops.engines.checks.kinds import Finding, SideAttempt, Tools
from taxops.engines.checks.model import Result, Verdict

from .judge import Prepared, conclude, evidence_of, failed

log = logging.getLogger(__name__)
MOST_AT_ONCE = 64


async def look(
    prepared: Prepared,
    *,
    clock: Callable[[], float],
    wall_ms: int,
    memory: dict[str, Any],
    tools: Tools,
    tracing: bool = False,
    late_ms: float = 0.0,
) -> Result:
    """Carry out one check of the asyncio kinds and return its result; never raises but for cancellation."""
    began = clock()
    attempt = SideAttempt(
        clock=clock,
        wall_ms=wall_ms,
        timeout_s=prepared.spec.timeout_s,
        memory=memory,
        tools=tools,
        tracing=tracing,
        began=began,
    )
    run = prepared.kind.side_run
    assert run is not None
    finding: Finding | None = None
    failure: BaseException | None = None
    try:
        finding = await asyncio.wait_for(run(attempt, prepared.plan), prepared.spec.timeout_s)
    except Exception as error:  # noqa: BLE001 the edge of every attempt: it becomes a result
        failure = error
    if finding is not None:
        verdict, message = conclude(prepared, finding, wall_ms)
    else:
        verdict, message = failed(prepared, failure, attempt.doing)
        if verdict is Verdict.UNKNOWN and message.startswith("探测程序内部错误"):
            log.error("check %s of kind %s", prepared.spec.id, prepared.kind.name, exc_info=failure)
    evidence: dict[str, Any] = {}
    if verdict is not Verdict.OK or tracing:
        evidence = evidence_of(prepared, finding, attempt.notes)
    return Result(
        verdict,
        message,
        wall_ms,
        (clock() - began) * 1000,
        finding.metrics if finding is not None else {},
        attempt.phases,
        evidence,
        late_ms,
    )


class SideThread:
    """Runs coroutines in a thread of its own and calls back from there."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._places: asyncio.Semaphore | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def started(self) -> bool:
        """Whether any check needed it so far."""
        return self._thread is not None

    def _start(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(
                target=self._work, args=(self._loop,), name="checks-asyncio", daemon=True
            )
            self._thread.start()
        return self._loop

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        self._places = asyncio.Semaphore(MOST_AT_ONCE)
        loop.run_forever()

    def submit(self, coro: Coroutine[Any, Any, Result], on_done: Callable[[Result], None]) -> None:
        """Have a check carried out; `on_done` is called in this thread with its result."""
        loop = self._start()

        async def one() -> None:
            assert self._places is not None
            async with self._places:
                on_done(await coro)

        def begin() -> None:
            task = loop.create_task(one())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        loop.call_soon_threadsafe(begin)

    def close(self, timeout_s: float = 1.0) -> None:
        """Give up what runs and end the thread; what hangs is left to the end of the process."""
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return

        async def cancel() -> None:
            tasks = list(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            loop.stop()

        asyncio.run_coroutine_threadsafe(cancel(), loop)
        thread.join(timeout_s)
        if not thread.is_alive():
            loop.close()
        self._loop = self._thread = None
