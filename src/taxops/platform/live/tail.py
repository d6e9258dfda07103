"""The tail (事件读取线程): one thread a web process that reads the store while anybody listens."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable

from taxops.engines.base import Unavailable

from .hub import Hub, Mailbox
from .rules import HEARTBEAT_S
from .stores import Store

_log = logging.getLogger(__name__)
_BATCH = 1_000
_POLL_S = 1.0
_SPACING_S = 0.1
_IDLE_S = 5.0


class Tail:
    """Feeds the hub from the store, and closes streams whose login has ended.

    It begins with the first listener and ends, giving its connection back, soon after the last has gone.

    Args:
        store: where events come from.
        ended: tells which of some login sessions have ended.
    """

    def __init__(self, store: Store, ended: Callable[[Iterable[str]], set[str]]) -> None:
        self.hub = Hub()
        self._store = store
        self._ended = ended
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopping = False

    def join(self, box: Mailbox, since: int | None) -> None:
        """Let a mailbox listen; call it from a thread that may wait for the store.

        Raises:
            TooManyStreams: the person holds too many already.
            Unavailable: the store does not answer.
        """
        with self._lock:
            if self._thread is None:
                self.hub.reset(self._store.position())
            if not self.hub.attach(box, since):
                self._catch_up(box, since or 0)
            elif since is not None and since > self.hub.cursor and since > self._store.position():
                box.cursor = self.hub.cursor  # an id of another time: the store has begun anew since
                box.lose("gap")
            if self._thread is None:
                self._stopping = False
                self._thread = threading.Thread(target=self._run, name="live-tail", daemon=True)
                self._thread.start()

    def _catch_up(self, box: Mailbox, since: int) -> None:
        """Attach a mailbox that has been away longer than the hub remembers."""
        batch = self._store.after(since, _BATCH)
        complete = batch.floor <= since and len(batch.events) < _BATCH
        if complete:
            box.cursor = since
            for event in batch.events:
                box.offer(event)
        if not (complete and self.hub.attach(box, box.cursor)):
            self.hub.attach(box, None)
            box.lose("gap")

    def stop(self, reason: str = "shutdown") -> None:
        """End every stream and the thread; safe in a signal handler's thread, and twice."""
        self._stopping = True
        self.hub.close(reason)
        self._store.wake()

    def _run(self) -> None:
        checked = alone_since = time.monotonic()
        failing = False
        try:
            while not self._stopping:
                try:
                    self._read(recovering=failing)
                    now = time.monotonic()
                    if now - checked >= HEARTBEAT_S:
                        checked = now
                        self.hub.close("session", sessions=self._ended(self.hub.sessions()))
                    failing = False
                    self._store.wait(self.hub.cursor, _POLL_S)
                except Unavailable as error:
                    if not failing:
                        _log.warning("live events cannot be read: %s", error.__cause__)
                    failing = True
                    self._store.close()
                    time.sleep(_POLL_S)
                time.sleep(_SPACING_S)
                if len(self.hub):
                    alone_since = time.monotonic()
                elif time.monotonic() - alone_since > _IDLE_S and self._retire():
                    return
        finally:
            with self._lock:
                if self._thread is threading.current_thread():
                    self._thread = None
            self._store.close()

    def _retire(self) -> bool:
        """Leave, unless somebody has just come."""
        with self._lock:
            if len(self.hub):
                return False
            self._thread = None
            return True

    def _read(self, *, recovering: bool) -> None:
        """Feed what is new."""
        while not self._stopping:
            batch = self._store.after(self.hub.cursor, _BATCH)
            if batch.floor > self.hub.cursor:
                self.hub.lose_all("gap", self._store.position())
                return
            self.hub.feed(batch.events)
            if len(batch.events) < _BATCH:
                break
        if recovering and self._store.position() < self.hub.cursor:
            self.hub.lose_all("gap", self._store.position())
