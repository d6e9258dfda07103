"""Carrying out one check at once (立即执行): for the command line and the check editor's "try now"."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from taxops.engines.checks.kinds import Finding, Tools, Where
from taxops.engines.checks.model import CheckSpec, Result
from taxops.engines.checks.wire import Attempt, Loop, Resolver

from .judge import Prepared, prepare, result_of


def run_once(
    spec: CheckSpec,
    *,
    clock: Callable[[], float],
    wall_ms: int,
    tools: Tools | None = None,
    tracing: bool = True,
    memory: dict[str, Any] | None = None,
) -> Result:
    """Carry out a check now, in this thread, and return its result with the whole trace.

    It stands alone: its own loop, no state shared, so any number of threads may call it.

    Args:
        spec: the check; it need not be stored anywhere.
        clock: monotonic seconds.
        wall_ms: milliseconds since 1970.
        tools: database driver and the like.
        tracing: whether every step is noted.
        memory: what the check remembers from one execution to the next.

    Raises:
        NotFound: an unknown kind.
        BadInput: target, parameters or conditions cannot be used.
    """
    prepared = prepare(spec)
    kept = memory if memory is not None else {}
    if prepared.kind.where is Where.SIDE:
        return _run_side(prepared, clock, wall_ms, kept, tools or Tools(), tracing)
    return _run_loop(prepared, clock, wall_ms, kept, tracing)


def _run_loop(
    prepared: Prepared, clock: Callable[[], float], wall_ms: int, memory: dict[str, Any], tracing: bool
) -> Result:
    loop = Loop(clock)
    found: list[Result] = []
    began = clock()
    attempt = Attempt(loop, Resolver(clock), memory=memory, tracing=tracing, wall_ms=wall_ms)

    def done(_: None, finding: Finding | None, failure: BaseException | None) -> None:
        took = (clock() - began) * 1000
        found.append(result_of(prepared, attempt, finding, failure, duration_ms=took, late_ms=0.0))

    run = prepared.kind.loop_run
    assert run is not None
    try:
        loop.spawn(run(attempt, prepared.plan), began + prepared.spec.timeout_s, done)
        while not found:
            loop.turn()
    finally:
        loop.close()
    return found[0]


def _run_side(
    prepared: Prepared,
    clock: Callable[[], float],
    wall_ms: int,
    memory: dict[str, Any],
    tools: Tools,
    tracing: bool,
) -> Result:
    """Run in a thread of its own: the caller's may have a running asyncio loop already."""
    import asyncio  # the prober imports this module too, and need not pay for asyncio

    from .side import look

    found: list[Result] = []
    failure: list[BaseException] = []

    def work() -> None:
        try:
            found.append(
                asyncio.run(
                    look(prepared, clock=clock, wall_ms=wall_ms, memory=memory, tools=tools, tracing=tracing)
                )
            )
        except BaseException as error:  # noqa: BLE001 the edge of a thread; raised again in the caller's
            failure.append(error)

    thread = threading.Thread(target=work, name="check-once", daemon=True)
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return found[0]
