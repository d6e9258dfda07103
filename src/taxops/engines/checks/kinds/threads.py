"""Blocking calls beside the asyncio thread (阻塞调用): daemon threads that may be given up, never waited for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from taxops.engines.checks.model import Verdict
from taxops.engines.checks.wire import Failed

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")
MOST_THREADS = 32
_places = threading.BoundedSemaphore(MOST_THREADS)


async def in_thread(function: Callable[[], T]) -> T:
    """Run a blocking function in a thread of its own and return its answer.

    When the caller's time is up the thread is left behind: a file system that hangs keeps one of
    32 places, not the prober.

    Raises:
        Failed: all places are held by calls that hang.
    """
    import asyncio  # 5 MB that a prober of pages and ports never needs

    if not _places.acquire(blocking=False):
        raise Failed(f"探测器的 {MOST_THREADS} 个执行线程都在等待没有响应的对象。", Verdict.UNKNOWN)
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def deliver(value: T | None, error: BaseException | None) -> None:
        if future.cancelled():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(value)  # type: ignore[arg-type]  # a value when there is no error

    def work() -> None:
        value: T | None = None
        error: BaseException | None = None
        try:
            value = function()
        except BaseException as failure:  # noqa: BLE001 the edge of a thread; raised again where it is awaited
            error = failure
        finally:
            _places.release()
        try:
            loop.call_soon_threadsafe(deliver, value, error)
        except RuntimeError:  # the loop has been closed meanwhile: nobody waits any more
            return

    threading.Thread(target=work, name="check-blocking", daemon=True).start()
    return await future
