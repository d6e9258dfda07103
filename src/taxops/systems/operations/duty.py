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
_answers: list[Answer] = []


def answer_with(answer: Answer) -> None:
    """Let `answer(org_id, at, post)` say who is on duty; the roster's app calls this once at start."""
    _answers[:] = [answer]


def on_duty(org_id: int, at: datetime, post: str | None = None) -> Sequence[OnDuty]:
    """Return who is on duty for an organisation at an instant, of one post or of any; nobody when no roster stands."""
    return _answers[0](org_id, at, post) if _answers else ()
