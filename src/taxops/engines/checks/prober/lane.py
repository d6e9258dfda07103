"""The fast lane (快路): the usual `http` check in the fewest steps, without a coroutine or an object of its own.

Nearly all executions find what the last one found: a whole answer in one piece, the same to the byte but for
its `Date`. Verdict and message are functions of the answer and of the times, so nothing has to be judged again
but conditions on times. Three ways out of the lane, in the order of how often they are taken:

1. the same answer as the last good one: told in a row, planned anew;
2. another answer, but whole: judged at once as always, and told in a row when it is as good;
3. anything else (a piece of an answer, a redirect, a connection that will not stand): an ordinary attempt goes
   on with the same connection, from where it stands. Nothing is ever asked twice.

Every execution makes a connection of its own: that it can be made is part of what is checked.
"""

from __future__ import annotations

import errno
import select
import socket
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from taxops.engines.checks.kinds.http_check import Plan, finding_of, run
from taxops.engines.checks.wire import (
    EDGE,
    READABLE,
    READING,
    REDIRECTS,
    Answer,
    Attempt,
    Begun,
    DeadlineReached,
    Exchange,
    Loop,
    Resolver,
    Stream,
    add_up,
    is_near,
    of_os_error,
    socket_address,
)

from .entry import Entry
from .judge import Prepared

MOST_KEPT = 2048
"""A longer answer is judged each time instead of being kept for comparison (bytes)."""
_MOST_SENT = 16_384
_FIRST_CHUNK = 4096  # room for a small answer costs less; a check whose answers are longer gets more
_CHUNK = 65_536
_STREAM = socket.SOCK_STREAM | socket.SOCK_NONBLOCK
_BROKEN = select.EPOLLERR | select.EPOLLHUP
_WRITABLE = select.EPOLLOUT
_IN_PROGRESS = errno.EINPROGRESS
_TIMES = frozenset({"duration_ms", "dns_ms", "connect_ms", "tls_ms", "send_ms", "wait_ms", "read_ms"})
_NEVER_SAME = frozenset({"header"})
_Socket = socket.SocketType  # `socket.socket` adds layers of Python that nothing here needs

Still = Callable[[int, int, int, float, float], bool]
"""Takes check, version, time of fact, duration and lateness (ms) of a result that says "all is well, still";
False: the whole result is wanted."""


class Host(Protocol):
    """What the lane needs of the prober (探测器一侧)."""

    clock: Callable[[], float]
    loop: Loop
    lateness: deque[float]
    still: Still | None
    made: int
    slot_began: float
    slot_ms: int
    resolver: Resolver

    def enter_slot(self) -> None:
        """Set `slot_ms` to the wall clock's time at the loop's present slot, once for all its checks."""
        ...

    def begin(self, entry: Entry, _: Any = None) -> None:
        """Carry the check out in the ordinary way."""
        ...

    def attempt_for(self, entry: Entry, wall_ms: int, began: float, late_ms: float) -> Attempt:
        """Return the attempt that stands for an execution begun then."""
        ...

    def ended(self, entry: Entry, finding: Any, failure: BaseException | None, *, told: bool = False) -> None:
        """Take in what the entry's attempt came to; `told`: its state has been stepped already."""
        ...

    def schedule(self, entry: Entry, now_ms: int, now: float) -> None:
        """Plan the next execution; `now_ms` and `now` are one instant by the two clocks."""
        ...


def fits(prepared: Prepared) -> bool:
    """Test whether a check may take the lane: plain HTTP with a small request."""
    if prepared.kind.loop_run is not run or prepared.kind.keeps_metrics:
        return False
    request = prepared.plan.request
    return request.url.scheme == "http" and len(request.wire) <= _MOST_SENT


class Lane:
    """The executions of one check, one after the other (快路)."""

    __slots__ = (
        "_address",
        "_after",
        "_at_ms",
        "_before",
        "_began",
        "_chunk",
        "_clock",
        "_connected",
        "_cut",
        "_entry",
        "_facts",
        "_family",
        "_fd",
        "_found",
        "_host",
        "_is_near",
        "_late_ms",
        "_learns",
        "_length",
        "_loop",
        "_name",
        "_others",
        "_plan",
        "_prepared",
        "_sent",
        "_size",
        "_sock",
        "_timed",
        "_timeout_s",
        "_wire",
        "deadline",
    )

    def __init__(self, entry: Entry, prepared: Prepared, host: Host) -> None:
        plan: Plan = prepared.plan
        request = plan.request
        self._entry, self._prepared, self._host, self._plan = entry, prepared, host, plan
        self._loop, self._clock = host.loop, host.clock
        self._name = "" if request.address else request.connect_host or request.url.host
        self._found: list[str] | None = None
        address: tuple[int, Any] = request.address or (0, None)
        self._family, self._address = address
        self._wire, self._size, self._is_near = request.wire, len(request.wire), request.is_near
        self._timeout_s = prepared.spec.timeout_s
        self._timed = bool(_TIMES & plan.names)
        self._learns = not (prepared.wants_now or _NEVER_SAME & plan.names)
        self._facts: dict[str, Any] = {}
        self._chunk = _FIRST_CHUNK
        self._others = 0
        self._length = -1
        self._before = self._after = b""
        self._cut = (0, 0)
        self._sock: socket.SocketType | None = None
        self._fd = -1
        self._at_ms = 0
        self._began = self._connected = self._sent = self._late_ms = self.deadline = 0.0

    def begin(self, _: Any = None) -> None:
        """Begin an execution; what is not well takes the ordinary way."""
        entry, host, loop = self._entry, self._host, self._loop
        if entry.cancelled:
            return
        if not entry.tracker.well or (self._name and not self._resolve()):
            host.begin(entry)
            return
        clock = self._clock
        began = self._began = clock()
        if host.slot_began != loop.slot_began:
            host.enter_slot()
        late_ms = self._late_ms = (began - loop.slot_began) * 1000.0
        self._at_ms = host.slot_ms + int(late_ms)
        host.lateness.append(late_ms)
        self.deadline = began + self._timeout_s
        self._connected = self._sent = 0.0
        self._sock = None
        sent, events = 0, EDGE
        try:
            sock = self._sock = _Socket(self._family, _STREAM)
            fd = self._fd = sock.fileno()
            number = sock.connect_ex(self._address)
            if number == _IN_PROGRESS and self._is_near:
                try:
                    # on the machine's own addresses the kernel has shaken hands before the call returns
                    sent = sock.send(self._wire)
                except BlockingIOError:
                    sent = 0
                if sent == self._size:
                    events = READING
                    self._connected = self._sent = clock()
            elif number and number != _IN_PROGRESS:
                raise OSError(number, "")
            loop.take_on(self, fd, self, events)
        except OSError as error:
            self._fail(of_os_error(error, "连接" if self._sock is not None else "建立连接"))
            return
        if 0 < sent < self._size:
            self._hand_over(None, 0, sent)

    def _resolve(self) -> bool:
        """Look the name up without asking anybody; a name of several addresses is for those who try them all."""
        found = self._host.resolver.known(self._name)
        if found is not self._found:
            self._found, self._address = found, None
            if found and len(found) == 1:
                address = socket_address(found[0], self._plan.request.url.port)
                self._family, self._address = address or (0, None)
                self._is_near = is_near(found[0])
        return self._address is not None

    def heard(self, loop: Loop, mask: int) -> None:
        """Go on after an event of the socket."""
        sock = self._sock
        assert sock is not None
        clock = self._clock
        if not self._sent and not self._send(sock, mask):
            return
        if not mask & READABLE:
            return
        try:
            data = sock.recv(self._chunk)
        except BlockingIOError:
            return
        except OSError as error:
            self._fail(of_os_error(error, "接收"))
            return
        came = clock()
        if (
            len(data) == self._length
            and data.startswith(self._before)
            and data.endswith(self._after)
            and data.find(b"\n", *self._cut) < 0
            and not (self._timed and not self._holds(came))
            and not self._entry.cancelled
            and self._entry.tracker.again(self._at_ms, self._late_ms)
        ):
            self._close(loop)
            if not self._said_still(came):
                self._judge(data, came, told=True)
        else:
            self._take(loop, data, mask, came)

    def _send(self, sock: socket.SocketType, mask: int) -> bool:
        """Send the request over a connection that has come to stand; False when another goes on."""
        if mask & _BROKEN or not mask & _WRITABLE:
            self._hand_over(None, mask, 0)
            return False
        self._connected = self._clock()
        try:
            sent = sock.send(self._wire)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            self._fail(of_os_error(error, "发送"))
            return False
        if sent != self._size:
            self._hand_over(None, mask, sent)
            return False
        self._sent = self._clock()
        return True

    def _holds(self, came: float) -> bool:
        """Test whether the conditions hold for the answer of last time with the times of this one."""
        phases: dict[str, float] = {}
        add_up(phases, self._began, self._connected, self._sent, came, came)
        facts = {**self._facts, "duration_ms": (came - self._began) * 1000.0}
        for name, phase in self._plan.phases:
            facts[name] = phases.get(phase, 0.0)
        return self._all_hold(facts)

    def _all_hold(self, facts: dict[str, Any]) -> bool:
        prepared = self._prepared
        return all(each.holds(facts) for each in prepared.conditions) and all(
            each.holds(facts) for each in prepared.warnings
        )

    def _said_still(self, came: float) -> bool:
        """Tell a result that says nothing new in a row and plan the next one; False when it is wanted whole."""
        host, entry, at_ms = self._host, self._entry, self._at_ms
        still, spec = host.still, entry.spec
        took_ms = (came - self._began) * 1000.0
        if still is None or not still(spec.id, spec.version, at_ms, took_ms, self._late_ms):
            return False
        host.made += 1
        now_ms, due_ms = at_ms + int(took_ms), entry.due_ms + entry.interval_ms
        if entry.on_grid and now_ms < due_ms <= now_ms + entry.interval_ms:
            entry.due_ms = due_ms
            self._loop.call_at(came + (due_ms - now_ms) / 1000.0, _begin, self)
        else:
            host.schedule(entry, now_ms, came)
        return True

    def _take(self, loop: Loop, data: bytes, mask: int, came: float) -> None:
        """Take an answer that is not the one of last time: judge it when it is whole, else hand it over."""
        answer = Answer(self._plan.request.method, self._plan.request.limit)
        try:
            is_whole = bool(data) and answer.feed(data)
        except Exception as error:  # noqa: BLE001 the edge of every attempt; it is handed on
            self._fail(error, came)
            return
        if not is_whole or (self._plan.follow and answer.status in REDIRECTS):
            self._hand_over(data, mask, self._size)
            return
        self._close(loop)
        self._judge(data, came, answer)

    def _judge(self, data: bytes, came: float, answer: Answer | None = None, *, told: bool = False) -> None:
        """Judge a whole answer as always, and keep it for comparison when it is as good as the last one."""
        plan, entry = self._plan, self._entry
        if answer is None:
            answer = Answer(plan.request.method, plan.request.limit)
            answer.feed(data)
        attempt = self._attempt()
        add_up(attempt.phases, self._began, self._connected, self._sent, came, self._clock())
        try:
            finding = finding_of(attempt, Exchange(plan.request, answer), plan)
        except Exception as error:  # noqa: BLE001 the edge of every attempt; it is handed on
            self._host.ended(entry, None, error, told=told)
            return
        if (
            not (told or entry.cancelled or finding.problem or self._prepared.wants_now)
            and self._all_hold(finding.facts)
            and entry.tracker.again(self._at_ms, self._late_ms)
        ):
            self._learn(data, finding.facts)
            if self._said_still(came):
                return
            told = True
        self._host.ended(entry, finding, None, told=told)

    def _learn(self, data: bytes, facts: dict[str, Any]) -> None:
        """Keep a good answer for comparison; seldom, once it has shown to be another each time."""
        self._others += 1
        if not self._learns or len(data) > MOST_KEPT or (self._others > 4 and self._others % 64):
            self._length = -1
            return
        self._facts = facts if self._timed else {}
        end = data.find(b"\r\n\r\n")
        date = data.find(b"\nDate:", 0, max(end, 0))
        start, stop = (date + 6, data.find(b"\n", date + 1)) if date >= 0 else (len(data), len(data))
        self._before, self._after, self._cut = data[:start], data[stop:], (start, stop)
        self._length = len(data)

    # --- out of the lane

    def _attempt(self) -> Attempt:
        attempt = self._host.attempt_for(self._entry, self._at_ms, self._began, self._late_ms)
        if self._name:
            attempt.phases["dns"] = 0.0  # it was known
        return attempt

    def _hand_over(self, data: bytes | None, mask: int, sent: int) -> None:
        """Have an ordinary attempt go on with the connection."""
        loop, sock = self._loop, self._sock
        assert sock is not None
        loop.let_go(self, self._fd)
        attempt = self._attempt()
        stream = Stream(attempt, self._family, sock)
        stream.sent, stream.hint = sent, mask
        self._sock = None
        if data is not None and len(data) == self._chunk:
            self._chunk = _CHUNK
        begun = Begun((self._family, self._address), self._began, stream, self._connected, self._sent, data)
        loop.spawn(run(attempt, self._plan, begun), self.deadline, self._host.ended, self._entry)

    def _fail(self, failure: BaseException, came: float = 0.0) -> None:
        """End the execution without an answer; `came`: when something else arrived."""
        self._close(self._loop)
        attempt = self._attempt()
        attempt.doing = "wait" if self._sent else "send" if self._connected else "connect"
        add_up(attempt.phases, self._began, self._connected, self._sent, came, self._clock())
        self._host.ended(self._entry, None, failure)

    def expire(self, _: Loop) -> None:
        """End the execution: its time is up."""
        self._fail(DeadlineReached())

    def abandon(self) -> None:
        """Close the connection and say nothing: the loop is being closed."""
        self._close(self._loop)

    def _close(self, loop: Loop) -> None:
        sock, self._sock = self._sock, None
        if sock is not None:  # else the number is another's by now
            loop.let_go(self, self._fd)
            try:
                sock.close()
            except OSError:  # a reset that the kernel tells only now; there is nobody left to care
                return


_begin = Lane.begin
