"""What is told together: by the route's labels, else by where it comes from; what is forgotten comes again as new."""

from __future__ import annotations

import pytest

from taxops.engines.alerts import Route, Signal, group_key

from .story import Story
from .test_desk import PLAN

pytestmark = pytest.mark.same_everywhere


def test_what_is_forgotten_is_told_of_no_more_and_comes_again_as_new() -> None:
    story = Story(PLAN)
    story.push(10, system="开票", check="a", kind="http")
    story.run(20)
    ((_, mark),) = story.desk.whole().members
    story.desk.forget(mark)
    assert not story.desk.whole()
    story.desk.forget(mark)
    story.run(700)
    assert len(story.sent) == 1
    story.desk.receive(Signal({"system": "勾选"}, 700_000), mark)
    story.run(710)
    assert [r for _, d in story.sent for r in [d.reason.value]] == ["new", "new"]


def test_what_no_system_owns_is_grouped_by_where_it_comes_from() -> None:
    route = Route("7", group_by=("system",), else_by=("source", "intake"))
    named = {"system": "开票", "source": "events", "intake": "a"}
    assert group_key(route, named) == "7\x1esystem=开票"
    lost = [{"system": "", "source": "events", "intake": which} for which in "ab"]
    assert [group_key(route, one) for one in lost] == [
        "7\x1esource=events\x1fintake=a",
        "7\x1esource=events\x1fintake=b",
    ]
    assert group_key(Route("7", group_by=("system",)), lost[0]) == "7\x1esystem="


def test_a_key_is_bounded_and_still_tells_groups_apart() -> None:
    route = Route("7", group_by=("job",))
    keys = {group_key(route, {"job": "长" * 500 + end}) for end in "ab"}
    assert len(keys) == 2
    assert {len(key) for key in keys} == {200}
