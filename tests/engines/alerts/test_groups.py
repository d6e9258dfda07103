"""What is written piece by piece is the whole state; what is forgotten leaves no trace and comes again as new."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.alerts import Desk, Signal

from .story import Story
from .test_desk import PLAN

pytestmark = pytest.mark.same_everywhere


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.integers(1, 400)), max_size=12))
def test_the_changes_written_one_by_one_load_as_the_whole(found: list[tuple[str, bool, int]]) -> None:
    story, store = Story(PLAN), dict[str, Any]()
    for check, firing, wait in found:
        story.push(story.now + wait, firing=firing, system="开票", check=check, kind="http")
        for key, state in story.desk.take_changes().items():
            store[key] = state
    data: dict[str, Any] = {"alerts": {}, "groups": []}
    for state in store.values():
        if state is not None:
            data["alerts"].update(state["alerts"])
            data["groups"] += state["groups"]
    whole, kept = story.desk.dump(), Desk.load(data, story.plan).dump()
    assert kept["alerts"] == whole["alerts"]
    # Appointments are no decision: a group that is looked at early has nothing new to say.
    for side in (whole, kept):
        for group in side["groups"]:
            group.pop("due_ms")
    assert sorted(kept["groups"], key=str) == sorted(whole["groups"], key=str)


def test_what_is_forgotten_is_told_of_no_more_and_comes_again_as_new() -> None:
    story = Story(PLAN)
    story.push(10, system="开票", check="a", kind="http")
    story.run(20)
    (mark,) = story.desk.dump()["alerts"]
    story.desk.forget(mark)
    assert story.desk.dump() == {"alerts": {}, "groups": []}
    story.desk.forget(mark)
    story.run(700)
    assert len(story.sent) == 1
    story.desk.receive(Signal({"system": "勾选"}, 700_000), mark)
    story.run(710)
    assert [r for _, d in story.sent for r in [d.reason.value]] == ["new", "new"]
