"""Who may take which step of a proposal, and what a copy begins with."""

from __future__ import annotations

import tomllib

import pytest

from taxops.engines.base import BadInput, Conflict, NotPermitted
from taxops.systems.quality5c.definitions.shipped import shipped
from taxops.systems.quality5c.proposals import rules
from taxops.systems.quality5c.proposals.rules import ProposalState, Step, Who

pytestmark = pytest.mark.same_everywhere

AUTHOR, OTHER = 1, 2
ALLOWED = {
    Step.SUBMIT: "draft returned",
    Step.WITHDRAW: "draft returned submitted",
    Step.ADOPT: "submitted",
    Step.RETURN: "submitted",
    Step.REJECT: "submitted",
}


def after(step: Step, state: str, actor: int, answer: str = "可以") -> ProposalState:
    return rules.after(step, state, author_id=AUTHOR, actor_id=actor, answer=answer)


@pytest.mark.parametrize("step", list(Step))
@pytest.mark.parametrize("state", [s.value for s in ProposalState])
def test_every_step_from_every_state(step: Step, state: str) -> None:
    right = AUTHOR if rules.decided_by(step) is Who.AUTHOR else OTHER
    wrong = OTHER if right == AUTHOR else AUTHOR
    fits = state in ALLOWED[step].split()
    assert rules.may(step, state, author_id=AUTHOR, actor_id=right) is fits
    assert rules.may(step, state, author_id=AUTHOR, actor_id=wrong) is False
    if fits:
        assert after(step, state, right).value != state
        with pytest.raises(NotPermitted):
            after(step, state, wrong)
    else:
        with pytest.raises(Conflict, match=ProposalState.label_of(state)):
            after(step, state, right)


@pytest.mark.parametrize("step", [Step.ADOPT, Step.RETURN, Step.REJECT])
def test_a_decision_needs_a_word(step: Step) -> None:
    with pytest.raises(BadInput, match="审核意见"):
        after(step, "submitted", OTHER, "  ")


def test_only_the_author_changes_it_and_only_before_it_is_submitted() -> None:
    rules.check_editable("returned", author_id=AUTHOR, actor_id=AUTHOR)
    with pytest.raises(NotPermitted):
        rules.check_editable("draft", author_id=AUTHOR, actor_id=OTHER)
    with pytest.raises(NotPermitted):
        rules.check_editable("draft", author_id=None, actor_id=None)
    for state in ("submitted", "adopted", "rejected", "withdrawn"):
        with pytest.raises(Conflict):
            rules.check_editable(state, author_id=AUTHOR, actor_id=AUTHOR)


@pytest.mark.parametrize("code", list(shipped()))
def test_a_copy_of_every_shipped_indicator_differs_in_code_version_and_examples_only(code: str) -> None:
    (old,) = tomllib.loads(shipped()[code][0])["indicator"]
    (new,) = tomllib.loads(rules.copied(shipped()[code][0], code, "G009"))["indicator"]
    assert new == {k: v for k, v in old.items() if k != "tests"} | {"code": "G009", "version": 1}
