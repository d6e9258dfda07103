"""Every type is walked to its ends, every step is taken, every guard of every type is seen to refuse in Chinese."""

from __future__ import annotations

from itertools import groupby

import pytest

from taxops.engines.cases import CaseType, Phase
from taxops.systems.operations.cases import catalogue

from .walks import control, desk, field
from .walks.kit import Go, No, Stage, Walk

TYPES = {kind.code: kind for kind in catalogue.register_all()}
ALL = (*desk.WALKS, *control.WALKS, *field.WALKS)
BY_TYPE = {code: tuple(walks) for code, walks in groupby(ALL, key=lambda walk: walk.type)}

GUARDS = {
    "not_by": {"same_person"},
    "after": {"not_yet"},
    "when": {"condition"},
    "approved": {"not_approved", "void"},
    "inside": {"outside"},
    "not_before": {"too_soon"},
    "ahead": {"not_ahead"},
    "attachments": {"attachments"},
}
"""Guard of a step → the refusals that show it works."""

ELSEWHERE = {
    ("datafix", "execute"): "the platform executes it: test_datafixing walks it on a real PostgreSQL",
    ("datafix", "settle"): "taken with the outcome of a run that was cut off: test_datafixing",
}
LOCKED_TWICE = {
    ("change", "start", "approved"), ("outage_request", "start", "approved"), ("drill", "start", "approved"),
    ("golive", "golive", "approved"), ("major", "sign", "after"),
}  # fmt: skip
"""Guards behind a state that only the approval itself leads to: a second lock that no walk can reach."""


@pytest.mark.django_db
@pytest.mark.parametrize("code", sorted(TYPES))
def test_a_type_is_walked(code: str) -> None:
    stage = Stage()
    for walk in BY_TYPE[code]:
        stage.walk(walk)


def _seen(kind: CaseType) -> tuple[set[str], set[tuple[str, str]], set[str]]:
    walks: tuple[Walk, ...] = BY_TYPE[kind.code]
    lines = [line for walk in walks for line in walk.lines]
    return (
        {line.step for line in lines if isinstance(line, Go)},
        {(line.step, line.code) for line in lines if isinstance(line, No)},
        {walk.ends for walk in walks},
    )


@pytest.mark.parametrize("kind", TYPES.values(), ids=lambda kind: kind.code)
def test_no_step_guard_or_end_is_left_out(kind: CaseType) -> None:
    taken, refused, ends = _seen(kind)
    left = [s for s in kind.transitions if s not in taken and (kind.code, s) not in ELSEWHERE]
    assert not left, "steps that no walk takes"
    left = [
        f"{step.code}: {guard}"
        for step in kind.transitions.values()
        for guard, codes in GUARDS.items()
        if getattr(step, guard)
        and (kind.code, step.code, guard) not in LOCKED_TWICE
        and not any((step.code, code) in refused for code in codes)
    ]
    assert not left, "guards that no walk is refused by"
    closed = {state.code for state in kind.states.values() if state.phase is Phase.CLOSED}
    if any(step.reopens for step in kind.transitions.values()):
        closed.discard("closed")  # walked through: closed and opened again
    assert closed <= ends
