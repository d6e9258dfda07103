"""The tail reads only while somebody listens, catches up, and survives a store that goes away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence

import pytest

from taxops.engines.base import Unavailable
from taxops.platform.live.hub import Mailbox
from taxops.platform.live.rules import Event, Listening, TooManyStreams, item_text
from taxops.platform.live.stores import Batch, Draft
from taxops.platform.live.tail import Tail

ALL = (Listening("t", ("",)),)


class Memory:
    """A store in memory that can be pruned, wiped and broken."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.floor = 0
        self.newest = 0
        self.broken = False
        self.reads = 0
        self.closed = 0
        self.news = threading.Event()

    def _check(self) -> None:
        if self.broken:
            raise Unavailable("坏了。")

    def append(self, drafts: Sequence[Draft]) -> None:
        for _ in drafts:
            self.newest += 1
            self.events.append(
                Event(self.newest, "t", "", f"k{self.newest}", item_text({}, f"k{self.newest}", ""))
            )
        self.news.set()

    def tell(self, count: int) -> None:
        self.append([Draft("t", "", "", "{}")] * count)

    def prune(self, floor: int) -> None:
        self.floor = floor
        self.events = [event for event in self.events if event.id > floor]

    def position(self) -> int:
        self._check()
        return self.newest

    def after(self, cursor: int, limit: int) -> Batch:
        self._check()
        self.reads += 1
        return Batch(tuple(event for event in self.events if event.id > cursor)[:limit], self.floor)

    def wait(self, cursor: int, timeout: float) -> None:
        self._check()
        self.news.wait(timeout)
        self.news.clear()

    def wake(self) -> None:
        self.news.set()

    def close(self) -> None:
        self.closed += 1


def none_ended(_keys: Iterable[str]) -> set[str]:
    return set()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def store() -> Memory:
    return Memory()


def test_it_reads_while_somebody_listens_and_rests_afterwards(
    store: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taxops.platform.live.tail._IDLE_S", 0.0)
    tail = Tail(store, none_ended)
    store.tell(3)
    assert store.reads == 0, "nobody listens"
    box = Mailbox(ALL)
    tail.join(box, None)
    store.tell(1)
    until(lambda: box.is_waiting)
    assert "k4" in box.take(0)
    tail.hub.detach(box)
    until(lambda: store.closed > 0)
    reads = store.reads
    store.tell(5)
    time.sleep(0.3)
    assert store.reads == reads
    again = Mailbox(ALL)
    tail.join(again, 4)
    text = again.take(0)
    assert [f"k{n}" in text for n in range(4, 11)] == [False, True, True, True, True, True, False]
    tail.stop()


def test_somebody_back_after_a_pause_catches_up_or_loads_again(store: Memory) -> None:
    tail = Tail(store, none_ended)
    store.tell(100)
    first = Mailbox(ALL)
    tail.join(first, None)
    short = Mailbox(ALL)
    tail.join(short, 40)
    assert short.take(0).count('"key"') == 60
    store.prune(50)
    long = Mailbox(ALL)
    tail.join(long, 40)
    assert "snapshot" in long.take(0)
    store.tell(1)
    until(lambda: long.is_waiting)
    assert "k101" in long.take(5)
    strange = Mailbox(ALL)
    tail.join(strange, 10**9)
    assert "snapshot" in strange.take(0)
    tail.stop()


def test_far_too_much_missed_is_a_snapshot_not_a_flood(store: Memory) -> None:
    tail = Tail(store, none_ended)
    store.tell(5000)
    box = Mailbox(ALL)
    tail.join(box, 1)
    assert "snapshot" in box.take(0)
    tail.stop()


def test_a_tail_that_fell_behind_what_is_kept_tells_everyone(store: Memory) -> None:
    tail = Tail(store, none_ended)
    box = Mailbox(ALL)
    tail.join(box, None)
    store.broken = True
    store.tell(20)
    store.prune(10)
    time.sleep(0.3)
    store.broken = False
    until(lambda: box.is_waiting)
    assert '"reason":"gap"' in box.take(0)
    store.tell(1)
    until(lambda: box.is_waiting)
    assert "k21" in box.take(5)
    tail.stop()


def test_a_store_that_is_down_refuses_newcomers_and_leaves_no_trace(store: Memory) -> None:
    tail = Tail(store, none_ended)
    store.broken = True
    with pytest.raises(Unavailable):
        tail.join(Mailbox(ALL), None)
    assert len(tail.hub) == 0
    store.broken = False
    tail.join(Mailbox(ALL), None)
    assert len(tail.hub) == 1
    tail.stop()


def test_streams_of_an_ended_login_are_closed(store: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taxops.platform.live.tail.HEARTBEAT_S", 0.0)
    ended: set[str] = set()
    tail = Tail(store, lambda keys: ended & set(keys))
    mine, other = Mailbox(ALL, session="s1"), Mailbox(ALL, session="s2")
    tail.join(mine, None)
    tail.join(other, None)
    ended.add("s1")
    until(lambda: mine.closed == "session")
    assert other.closed == ""
    tail.stop()
    assert other.closed == "shutdown"


def test_too_many_streams_are_refused_at_the_door(store: Memory) -> None:
    tail = Tail(store, none_ended)
    for _ in range(12):
        tail.join(Mailbox(ALL, person=1), None)
    with pytest.raises(TooManyStreams):
        tail.join(Mailbox(ALL, person=1), None)
    tail.stop()
