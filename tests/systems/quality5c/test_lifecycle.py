"""The states of versions, and who may take which step."""

from __future__ import annotations

import pytest

from taxops.engines.base import Conflict, NotPermitted
from taxops.systems.quality5c.lifecycle import Act, VersionState, check_editable, step

pytestmark = pytest.mark.same_everywhere
ALLOWED = {
    ("draft", "try"): "trial", ("trial", "try"): "trial", ("draft", "submit"): "review",
    ("trial", "submit"): "review", ("review", "publish"): "live", ("review", "return"): "draft",
    ("live", "retire"): "retired",
}  # fmt: skip


@pytest.mark.parametrize("state", list(VersionState))
@pytest.mark.parametrize("act", list(Act))
def test_only_the_listed_steps_are_possible(state: VersionState, act: Act) -> None:
    wanted = ALLOWED.get((state.value, act.value))
    if wanted is None:
        with pytest.raises(Conflict, match=VersionState.label_of(state)):
            step(state, act, author_id=1, actor_id=2)
    else:
        assert step(state, act, author_id=1, actor_id=2) == wanted


@pytest.mark.parametrize("act", [Act.PUBLISH, Act.RETURN])
def test_the_author_does_not_review_his_own(act: Act) -> None:
    with pytest.raises(NotPermitted, match="编制人"):
        step("review", act, author_id=7, actor_id=7)


@pytest.mark.parametrize("state", ["review", "live", "retired"])
def test_content_is_closed_once_it_is_under_review(state: str) -> None:
    with pytest.raises(Conflict):
        check_editable(state)
    check_editable("draft")
