"""The book: what is written piece by piece is the whole, and copies that take over each other's pieces are one desk."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.alerts import Alert, Book, Changes, Desk, Signal

from .story import Story, stored
from .test_desk import PLAN

pytestmark = pytest.mark.same_everywhere
moves = st.lists(
    st.tuples(st.sampled_from("abcl"), st.booleans(), st.integers(1, 400), st.integers(0, 1)), max_size=12
)


def kept(store: Changes, changes: Changes) -> None:
    """Write changes to a store as a database would, what is over taken out of it."""
    fresh = stored(changes)
    _write(store.groups, fresh.groups)
    _write(store.members, fresh.members)


def _write(mine: dict[Any, Any], theirs: dict[Any, Any]) -> None:
    mine.update(theirs)
    for key in [key for key, state in mine.items() if state is None]:
        del mine[key]


def labels_of(check: str) -> dict[str, str]:
    """Return labels of three checks in two systems, and of a line that hides them."""
    system = "勾选" if check == "b" else "开票"
    return {"system": system, "check": check, "kind": "line" if check == "l" else "http", "zone": "外网"}


@settings(max_examples=40, deadline=None)
@given(moves)
def test_the_changes_written_one_by_one_load_as_the_whole(found: list[tuple[str, bool, int, int]]) -> None:
    story, store = Story(PLAN), Changes()
    for check, firing, wait, _ in found:
        story.push(story.now + wait, firing=firing, **labels_of(check))
        kept(store, story.desk.take_changes())
    assert stored(Desk.load(store, story.plan).whole()) == stored(story.desk.whole()) == store


@settings(max_examples=40, deadline=None)
@given(moves)
def test_two_processes_that_take_turns_tell_what_one_would(found: list[tuple[str, bool, int, int]]) -> None:
    """Each keeps its copy of the desk and takes over only what the other wrote since its own last turn."""
    alone = Story(PLAN)
    desks, missed = [Desk(alone.plan, alone._open) for _ in "ab"], [Changes(), Changes()]
    told: list[str] = []
    for check, firing, wait, who in [*found, ("a", False, 400, 0), ("b", False, 400, 1)]:
        at = alone.now + wait
        alone.push(at, firing=firing, **labels_of(check))
        alone.run(at + 1)
        for now in (at, at + 1):
            me, other = desks[who], missed[1 - who]
            me.merge(stored(missed[who]))
            missed[who] = Changes()
            if now == at:
                told += [d.key for d in me.advance(now * 1000 - 1)]
                me.receive(Signal(labels_of(check), now * 1000, firing))
            told += [d.key for d in me.advance(now * 1000)]
            changes = me.take_changes()
            other.groups.update(changes.groups)
            other.members.update(changes.members)
    assert len(set(told)) == len(told)
    desks[0].merge(stored(missed[0]))
    desks[1].merge(stored(missed[1]))
    assert stored(desks[0].whole()) == stored(desks[1].whole())


def test_only_what_was_touched_is_given_and_once() -> None:
    book = Book()
    group = book.open("g", "路由", 10)
    for mark in "abc":
        book.join(group, Alert(mark, {}, 0, None, 0, ""))
    assert set(book.take_changes().members) == {("g", "a"), ("g", "b"), ("g", "c")}
    book.touch_alert("b")
    changes = book.take_changes()
    assert (changes.groups, list(changes.members)) == ({}, [("g", "b")])
    assert not book.take_changes()
    for mark in "abc":
        book.leave(group, mark)
    changes = book.take_changes()
    assert changes.groups == {"g": None}
    assert set(changes.members.values()) == {None}


def test_an_appointment_that_was_moved_or_closed_counts_no_more() -> None:
    book = Book()
    group = book.open("g", "路由", 10)
    book.join(group, Alert("a", {}, 0, None, 0, ""))
    book.appoint(group, 30)
    assert book.pop_due(20) is None
    assert book.next_ms() == 30
    book.leave(group, "a")
    assert book.next_ms() is None
    assert book.pop_due(99) is None
