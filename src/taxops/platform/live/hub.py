"""The hub (分发器): one stream of events in, many bounded mailboxes out. No Django, no clock, no I/O.

All methods of `Hub` may be called from any thread. A mailbox belongs to one stream; it merges by key,
never grows beyond its bound, and when it would, forgets everything and asks for a snapshot instead.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Lock

from .rules import (
    INTERVAL_S,
    MAX_STREAMS,
    Event,
    Listening,
    TooManyStreams,
    diff_frames,
    heartbeat_frame,
    snapshot_frame,
)

_RING = 2_000
_MAX_ITEMS = 1_000


@dataclass(eq=False)
class Mailbox:
    """What waits for one stream (待推队列).

    Args:
        listenings: what it hears.
        wake: called, from any thread, when something new waits.
        cursor: the id up to which this stream has heard, or need not hear, everything.
    """

    listenings: tuple[Listening, ...]
    wake: Callable[[], None] = lambda: None
    cursor: int = 0
    max_items: int = _MAX_ITEMS
    person: int = 0
    session: str = ""
    closed: str = ""
    _waiting: dict[tuple[str, str], Event] = field(default_factory=dict)
    _lost: str = ""
    _sent_at: float = float("-inf")

    def offer(self, event: Event) -> bool:
        """Take an event in; tell whether it was for this stream and new."""
        if event.id <= self.cursor:
            return False
        self.cursor = event.id
        if not any(listening.hears(event) for listening in self.listenings):
            return False
        if self._lost:
            return True
        slot = (event.topic, event.key or f"\0{event.id}")
        self._waiting.pop(slot, None)  # the last word of a key stands at its own time, not at the first's
        self._waiting[slot] = event
        if len(self._waiting) > self.max_items:
            self.lose("overflow")
        return True

    def lose(self, reason: str) -> None:
        """Forget what waits: the page must load everything again."""
        self._waiting.clear()
        self._lost = reason

    @property
    def is_waiting(self) -> bool:
        """Whether there is something to send."""
        return bool(self._lost or self._waiting)

    def due_in(self, now: float) -> float | None:
        """Return in how many seconds the next batch may go; None when nothing waits."""
        if not self.is_waiting:
            return None
        return max(0.0, self._sent_at + INTERVAL_S - now)

    def take(self, now: float) -> str:
        """Return what waits as SSE text and begin the next interval; empty when nothing waits."""
        if not self.is_waiting:
            return ""
        self._sent_at = now
        if self._lost:
            reason, self._lost = self._lost, ""
            return snapshot_frame((item.topic for item in self.listenings), reason, self.cursor)
        events, self._waiting = list(self._waiting.values()), {}
        return diff_frames(events, self.cursor)

    def beat(self) -> str:
        """Return a heartbeat; it carries the id only when nothing waits, or a resumed stream would skip that."""
        return heartbeat_frame(None if self.is_waiting else self.cursor)


class Hub:
    """Feeds every mailbox of a process and remembers the latest events for those that come back.

    Args:
        cursor: the newest id when the hub begins.
    """

    def __init__(self, cursor: int = 0, *, ring: int = _RING) -> None:
        self._lock = Lock()
        self._boxes: set[Mailbox] = set()
        self._ring: deque[Event] = deque(maxlen=ring)
        self._floor = cursor
        self.cursor = cursor

    def __len__(self) -> int:
        return len(self._boxes)

    def reset(self, cursor: int) -> None:
        """Begin again at `cursor`, with nothing remembered."""
        with self._lock:
            self._ring.clear()
            self._floor = self.cursor = cursor

    def feed(self, events: Iterable[Event]) -> None:
        """Give new events, in order, to every mailbox that hears them."""
        with self._lock:
            woken: set[Mailbox] = set()
            for event in events:
                if event.id <= self.cursor:
                    continue
                if len(self._ring) == self._ring.maxlen:
                    self._floor = self._ring[0].id
                self._ring.append(event)
                self.cursor = event.id
                woken.update(box for box in self._boxes if box.offer(event))
        for box in woken:
            box.wake()

    def lose_all(self, reason: str, cursor: int) -> None:
        """Tell every stream to load again: events up to `cursor` were missed."""
        with self._lock:
            self._ring.clear()
            self._floor = self.cursor = cursor
            boxes = list(self._boxes)
            for box in boxes:
                box.cursor = max(box.cursor, cursor)
                box.lose(reason)
        for box in boxes:
            box.wake()

    def admit(self, person: int) -> None:
        """Do nothing when one more stream of this person is all right.

        Raises:
            TooManyStreams: it is not.
        """
        held = sum(1 for box in self._boxes.copy() if box.person == person)
        if person and held >= MAX_STREAMS:
            raise TooManyStreams(
                f"您同时打开的实时页面超过 {MAX_STREAMS} 个。", "请关闭一些不用的页面后刷新。"
            )

    def attach(self, box: Mailbox, since: int | None) -> bool:
        """Let a mailbox hear everything after `since` (None: from now on).

        Returns:
            False when the hub does not remember that far; the mailbox is not attached then.

        Raises:
            TooManyStreams: the person holds too many already.
        """
        with self._lock:
            self.admit(box.person)
            if since is not None and since < self._floor:
                return False
            box.cursor = self.cursor if since is None else since
            for event in self._ring:
                box.offer(event)
            box.cursor = max(box.cursor, self.cursor)
            self._boxes.add(box)
            return True

    def detach(self, box: Mailbox) -> None:
        """Forget a mailbox; harmless when it is gone."""
        with self._lock:
            self._boxes.discard(box)

    def close(self, reason: str, *, sessions: Iterable[str] | None = None) -> int:
        """End all streams, or those of the login sessions named; return how many."""
        chosen = None if sessions is None else set(sessions)
        with self._lock:
            boxes = [box for box in self._boxes if chosen is None or box.session in chosen]
            for box in boxes:
                box.closed = reason
            self._boxes.difference_update(boxes)
        for box in boxes:
            box.wake()
        return len(boxes)

    def sessions(self) -> set[str]:
        """Return the login sessions that have streams open."""
        with self._lock:
            return {box.session for box in self._boxes if box.session}
