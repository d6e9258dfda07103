"""Who is on duty (值班): the question that alerts and cases ask and that the roster answers (GX:405, S13).

Rooms of this system ask here, so that none of them depends on the roster's tables.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class OnDuty:
    """A person on duty (值班人) at an instant.

    Args:
        person_id: who.
        post: the post's code (岗位), such as "line1" or "lead".
        until: when this person's span ends; None when open.
    """

    person_id: int
    post: str
    until: datetime | None = None


Answer = Callable[[int, datetime, str | None], Sequence[OnDuty]]
Areas = Callable[[int, datetime], Sequence[str]]
_answers: list[Answer] = []
_areas: list[Areas] = []


def answer_with(answer: Answer, areas: Areas | None = None) -> None:
    """Let `answer(org_id, at, post)` say who is on duty, and `areas(person_id, at)` for what; called once at start."""
    _answers[:] = [answer]
    _areas[:] = [areas] if areas is not None else []


def on_duty(org_id: int, at: datetime, post: str | None = None) -> Sequence[OnDuty]:
    """Return who is on duty for an organisation at an instant, of one post or of any; nobody when no roster stands."""
    return _answers[0](org_id, at, post) if _answers else ()


def areas_of(person_id: int, at: datetime) -> Sequence[str]:
    """Return the paths of the subtrees for which a person is on duty at an instant (值班范围)."""
    return _areas[0](person_id, at) if _areas else ()
