"""The prober's own event loop (事件循环): epoll, one thread, a wheel of 50 ms slots for everything timed.

Attempts are native coroutines that suspend only on the primitives here. Sockets are registered once,
edge-triggered for both directions, and vanish from epoll when closed: one `epoll_ctl` for a whole attempt.
"""

from __future__ import annotations

import logging
import math
import os
import select
import types
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from typing import Any, Protocol

from .failure import DeadlineReached

log = logging.getLogger(__name__)

SLOT_S = 0.05
EDGE = select.EPOLLIN | select.EPOLLOUT | select.EPOLLRDHUP | select.EPOLLET
_ROUNDING_S = 1e-9
_BATCH = 64  # events handled before the wheel is looked at again: TLS handshakes take half a millisecond each


Done = Callable[[Any, Any, BaseException | None], None]
"""Called once with owner, value and failure of an attempt; one of the two last is None."""


class Watch(Protocol):
    """What the loop knows of a socket: whom to tell of its events (监视对象)."""

    def heard(self, loop: Loop, mask: int) -> None:
        """Take note of events; must be quick and not raise."""
        ...


class Running(Protocol):
    """Something under way that must come to an end (进行中的探测)."""

    @property
    def deadline(self) -> float:
        """When its time is up, by the loop's clock."""
        ...

    def expire(self, loop: Loop) -> None:
        """End: the time is up."""
        ...

    def abandon(self) -> None:
        """End without a word: the loop is being closed."""
        ...


class Watched:
    """A socket that a coroutine waits for: who does, and which events came meanwhile."""

    __slots__ = ("hint", "task")

    def __init__(self) -> None:
        self.task: Task | None = None
        self.hint = 0

    def heard(self, loop: Loop, mask: int) -> None:
        """Remember the events and wake who waits for them."""
        self.hint |= mask
        task = self.task
        if task is not None:
            self.task = None
            loop.wake(task)


class Task:
    """One running attempt (任务): a coroutine, its turn counter and whom to tell."""

    __slots__ = ("coro", "deadline", "done", "on_done", "owner", "turn")

    def __init__(self, coro: Coroutine[None, bool, Any], deadline: float, on_done: Done, owner: Any) -> None:
        self.coro: Coroutine[None, bool, Any] | None = coro
        self.deadline = deadline
        self.on_done = on_done
        self.owner = owner
        self.turn = 0
        self.done = False

    def expire(self, loop: Loop) -> None:
        """Tell the coroutine that its time is up; once, even if it goes on."""
        if not self.done:
            self.deadline = math.inf
            loop.interrupt(self, DeadlineReached())

    def abandon(self) -> None:
        """Close the coroutine; nobody is told."""
        self.done = True
        if self.coro is not None:
            self.coro.close()


@types.coroutine
def suspend() -> Generator[None, bool, bool]:
    """Give the thread back to the loop; return True when woken by an event, False by the clock."""
    return (yield)


class Loop:
    """Runs attempts side by side in one thread; a hung one costs a dictionary entry and nothing else.

    Args:
        clock: monotonic seconds; injected, since engines read no clock.
        origin: where slot 0 begins; the prober lays it on a multiple of 50 ms of the wall clock.
    """

    def __init__(self, clock: Callable[[], float], origin: float | None = None) -> None:
        self.clock = clock
        self.current: Task | None = None
        self._origin = clock() if origin is None else origin
        self.slot_began = self._origin
        self._cursor = max(0, int((clock() - self._origin) // SLOT_S))
        self._wheel: dict[int, list[tuple[Callable[..., None], Any, Any]]] = {}
        self._watches: dict[int, Watch] = {}
        self._running: set[Running] = set()
        self._expiry = math.inf  # no deadline comes before it
        self._inbox: deque[Callable[[], None]] = deque()
        self._epoll = select.epoll()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._epoll.register(self._wake, select.EPOLLIN)
        self._closed = False

    # --- sockets

    def watch(self, fd: int, watch: Watch, events: int = EDGE) -> None:
        """Begin to watch a socket; closing it ends the watching.

        Raises:
            OSError: epoll cannot take one more.
        """
        self._epoll.register(fd, events)
        self._watches[fd] = watch

    def forget(self, fd: int) -> None:
        """Stop delivering events of a socket that is about to be closed."""
        self._watches.pop(fd, None)

    def take_on(self, running: Running, fd: int, watch: Watch, events: int) -> None:
        """Begin to watch a socket for something that runs without a coroutine, until it is let go.

        Raises:
            OSError: epoll cannot take one more.
        """
        self._epoll.register(fd, events)
        self._watches[fd] = watch
        self._running.add(running)
        deadline = running.deadline
        if deadline < self._expiry:
            self._expiry = deadline

    def let_go(self, running: Running, fd: int) -> None:
        """Forget what `take_on` took on; the socket is closed or another watches it from now on."""
        self._running.discard(running)
        self._watches.pop(fd, None)

    def hand_over(self, fd: int, watch: Watch) -> None:
        """Tell another of a socket's events from now on."""
        self._watches[fd] = watch

    @types.coroutine
    def wait(self, watch: Watched, timeout_s: float | None = None) -> Generator[None, bool, bool]:
        """Suspend the current attempt until an event of `watch`; False when `timeout_s` passed first."""
        task = self.current
        assert task is not None
        watch.task = task
        if timeout_s is not None:
            self.call_at(self.clock() + timeout_s, self._timed_out, task, task.turn)
        woken = yield
        watch.task = None
        return woken

    @types.coroutine
    def park(self, watch: Watched) -> Generator[None, bool, None]:
        """Suspend the current attempt until an event of `watch`, however long that takes."""
        watch.task = self.current
        yield

    async def sleep(self, seconds: float) -> None:
        """Suspend the current attempt for a while (to the next slot)."""
        task = self.current
        assert task is not None
        self.call_at(self.clock() + seconds, self._timed_out, task, task.turn)
        await suspend()

    # --- time

    def call_at(self, when: float, function: Callable[[Any, Any], None], a: Any = None, b: Any = None) -> int:
        """Call `function(a, b)` in the first slot that begins at or after `when`; return the slot."""
        slot = -int((self._origin - when) // SLOT_S)  # rounded up
        if slot < self._cursor:
            slot = self._cursor
        bucket = self._wheel.get(slot)
        if bucket is None:
            self._wheel[slot] = [(function, a, b)]
        else:
            bucket.append((function, a, b))
        return slot

    @property
    def slot(self) -> int:
        """The slot being handled now (当前时隙)."""
        return self._cursor - 1

    def _timed_out(self, task: Task, turn: int) -> None:
        if not task.done and task.turn == turn:
            self._step(task, False)

    # --- tasks

    def spawn(
        self, coro: Coroutine[None, bool, Any], deadline: float, on_done: Done, owner: Any = None
    ) -> Task:
        """Start an attempt; `on_done(owner, value, failure)` is called exactly once, unless the loop is closed."""
        task = Task(coro, deadline, on_done, owner)
        self._running.add(task)
        if deadline < self._expiry:
            self._expiry = deadline
        self._step(task, None)
        return task

    def _expire(self, now: float) -> None:
        """End the attempts whose time is up; the others are looked at again when the first of theirs is."""
        for running in [running for running in self._running if running.deadline <= now]:
            running.expire(self)
        self._expiry = min((running.deadline for running in self._running), default=math.inf)

    def wake(self, task: Task) -> None:
        """Go on with an attempt that waited for an event."""
        self._step(task, True)

    def interrupt(self, task: Task, error: BaseException) -> None:
        """Raise `error` where an attempt waits."""
        self._step(task, None, error)

    def _step(self, task: Task, value: bool | None, error: BaseException | None = None) -> None:
        coro = task.coro
        assert coro is not None
        self.current = task
        task.turn += 1
        try:
            if error is None:
                coro.send(value)  # type: ignore[arg-type]  # a fresh coroutine takes None only
            else:
                coro.throw(error)
        except StopIteration as stop:
            self._finish(task, stop.value, None)
        except (Exception, DeadlineReached) as failure:  # noqa: BLE001 the edge of every attempt; it is handed on
            self._finish(task, None, failure)
        finally:
            self.current = None

    def _finish(self, task: Task, value: Any, failure: BaseException | None) -> None:
        task.done = True
        task.coro = None
        self._running.discard(task)
        task.on_done(task.owner, value, failure)

    @property
    def running(self) -> int:
        """How many attempts are under way (进行中的探测数)."""
        return len(self._running)

    # --- turning

    def post(self, function: Callable[[], None]) -> None:
        """Have the loop's thread call `function`; the only method other threads may use."""
        self._inbox.append(function)
        if not self._closed:
            os.eventfd_write(self._wake, 1)

    def turn(self) -> None:
        """Handle what is due, then wait for events until the next slot begins."""
        now = self.clock()
        last = int((now - self._origin) // SLOT_S)
        while self._cursor <= last:
            bucket = self._wheel.pop(self._cursor, None)
            began = self._origin + self._cursor * SLOT_S
            self._cursor += 1
            if self._expiry <= began + _ROUNDING_S:
                self._expire(began + _ROUNDING_S)
            if bucket is not None:
                self.slot_began = began
                for function, a, b in bucket:
                    function(a, b)
        timeout = self._origin + self._cursor * SLOT_S - self.clock()
        for fd, mask in self._epoll.poll(max(0, timeout), _BATCH):
            watch = self._watches.get(fd)
            if watch is not None:
                watch.heard(self, mask)
            elif fd == self._wake:
                os.eventfd_read(self._wake)
        while self._inbox:
            self._inbox.popleft()()

    def close(self) -> None:
        """End every attempt that still runs and release the descriptors."""
        if self._closed:
            return
        self._closed = True
        for running in list(self._running):
            running.abandon()
        self._running.clear()
        self._wheel.clear()
        self._epoll.close()
        os.close(self._wake)
