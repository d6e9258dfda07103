"""The hub loses nothing silently: every stream ends up knowing the last word, or is told to load again."""

from __future__ import annotations

import json
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.platform.live.hub import Hub, Mailbox
from taxops.platform.live.rules import Event, Listening, TooManyStreams, item_text

ALL = (Listening("t", ("",)),)


def event(number: int, key: str = "", topic: str = "t", path: str = "") -> Event:
    return Event(number, topic, path, key, item_text({"n": number}, key, path))


def items(text: str) -> list[dict[str, object]]:
    found = []
    for frame in text.split("\n\n"):
        if "event: diff" in frame:
            found += json.loads(frame.split("data: ", 1)[1])["items"]
    return found


def test_the_last_word_of_a_key_wins_and_keyless_events_all_stay() -> None:
    hub, box = Hub(), Mailbox(ALL)
    assert hub.attach(box, None)
    hub.feed([event(1, "a"), event(2, ""), event(3, "b"), event(4, "a"), event(5, "")])
    assert [item["n"] for item in items(box.take(0.0))] == [2, 3, 4, 5]
    assert box.take(0.0) == ""


def test_the_first_event_goes_at_once_and_the_next_batch_a_second_later() -> None:
    hub, box = Hub(), Mailbox(ALL)
    hub.attach(box, None)
    assert box.due_in(100.0) is None
    hub.feed([event(1)])
    assert box.due_in(100.0) == 0
    box.take(100.0)
    hub.feed([event(2)])
    assert box.due_in(100.25) == 0.75
    assert "id:" not in box.beat(), "a heartbeat must not claim what still waits"
    assert box.due_in(101.5) == 0


def test_a_full_mailbox_asks_for_a_snapshot_and_stays_small() -> None:
    hub, box = Hub(), Mailbox(ALL, max_items=10)
    hub.attach(box, None)
    hub.feed(event(n) for n in range(1, 500))
    assert len(box._waiting) == 0
    text = box.take(0.0)
    assert "event: snapshot" in text
    assert '"reason":"overflow"' in text
    assert text.startswith("id: 499\n")
    hub.feed([event(500)])
    assert [item["n"] for item in items(box.take(2.0))] == [500]


def test_a_stream_that_was_away_hears_what_it_missed_or_is_refused() -> None:
    hub = Hub(ring=5)
    hub.feed(event(n) for n in range(1, 11))
    back = Mailbox(ALL)
    assert hub.attach(back, 6)
    assert [item["n"] for item in items(back.take(0.0))] == [7, 8, 9, 10]
    assert hub.attach(Mailbox(ALL), 5), "five are kept: 6 to 10"
    assert not hub.attach(Mailbox(ALL), 4)


def test_one_person_cannot_hold_all_streams() -> None:
    hub = Hub()
    for _ in range(12):
        hub.attach(Mailbox(ALL, person=7), None)
    with pytest.raises(TooManyStreams, match="超过 12"):
        hub.attach(Mailbox(ALL, person=7), None)
    hub.attach(Mailbox(ALL, person=8), None)


def test_closing_the_streams_of_a_login_leaves_the_others() -> None:
    hub = Hub()
    woken: list[str] = []
    first = Mailbox(ALL, session="s1", wake=lambda: woken.append("s1"))
    other = Mailbox(ALL, session="s2", wake=lambda: woken.append("s2"))
    hub.attach(first, None)
    hub.attach(other, None)
    assert hub.close("session", sessions=["s1"]) == 1
    assert (first.closed, other.closed, woken, len(hub)) == ("session", "", ["s1"], 1)
    assert hub.sessions() == {"s2"}
    hub.lose_all("gap", 50)
    assert '"reason":"gap"' in other.take(0.0)


@given(
    keys=st.lists(st.sampled_from(["a", "b", "c", "d", ""]), max_size=60),
    takes=st.sets(st.integers(0, 60)),
    bound=st.integers(1, 6),
    since=st.integers(0, 60),
    ring=st.integers(1, 70),
)
def test_a_reader_knows_the_last_word_of_every_key_or_has_loaded_again(
    keys: list[str], takes: set[int], bound: int, since: int, ring: int
) -> None:
    """Model: what a page shows is what it loaded at some id plus every diff after; it must equal the truth."""
    hub = Hub(ring=ring)
    shown: dict[str, int] = {}
    box: Mailbox | None = None
    truth: dict[str, int] = {}

    def read(text: str) -> None:
        if "event: snapshot" in text:
            shown.clear()
            shown.update(truth)
        shown.update({str(item["key"]): int(str(item["n"])) for item in items(text)})

    loaded_at = 0
    for number, key in enumerate(keys, start=1):
        if number == since:
            shown.update(truth)
            loaded_at = number - 1
        hub.feed([event(number, key)])
        truth[key] = number
        if box is None and since and number >= min(since + 3, len(keys)):
            box = Mailbox(ALL, max_items=bound)
            if not hub.attach(box, loaded_at):
                hub.attach(box, None)
                box.lose("gap")
        if box is not None and number in takes:
            read(box.take(float(number)))
    if box is not None:
        read(box.take(1e9))
        assert shown == truth


def test_feeding_and_joining_from_many_threads_loses_nothing() -> None:
    hub = Hub()
    boxes = [Mailbox(ALL, max_items=10_000) for _ in range(20)]

    def feed() -> None:
        for number in range(1, 2_001):
            hub.feed([event(number)])

    feeder = threading.Thread(target=feed)
    feeder.start()
    starts = []
    for box in boxes:
        hub.attach(box, None)
        starts.append(box.cursor)
    feeder.join()
    for box in boxes:
        numbers = [int(str(item["n"])) for item in items(box.take(0.0))]
        assert numbers == sorted(set(numbers))
        assert not numbers or numbers[-1] == 2_000
        assert not numbers or len(numbers) == 2_000 - numbers[0] + 1
