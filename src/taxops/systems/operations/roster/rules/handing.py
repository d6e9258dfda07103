"""Hand-overs (交接班): where one follows another, a note must be written and accepted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from taxops.systems.operations.roster.words import HandoverState

from .spans import Span

LATE_S = 3600


@dataclass(frozen=True, slots=True)
class Boundary:
    """One shift follows another at a post (交接点): who leaves, who comes, when the new one begins."""

    post_id: int
    at: int
    leaving: tuple[int, ...]
    coming: tuple[int, ...]


def boundaries(spans: Iterable[Span]) -> list[Boundary]:
    """Return where people at one post follow others, breaks in between or not.

    The same person after a break (the split day) hands over to nobody.
    """
    posts: dict[int, list[Span]] = {}
    for span in spans:
        posts.setdefault(span.post_id, []).append(span)
    found: list[Boundary] = []
    for post_id, own in posts.items():
        points = sorted({p for s in own for p in (s.start, s.end)})
        before: frozenset[int] = frozenset()
        for point in points:
            now = frozenset(s.person_id for s in own if s.start <= point < s.end)
            if not now:
                continue  # a break: whoever stood last hands over to whoever comes next
            leaving, coming = before - now, now - before
            if leaving and coming:
                found.append(Boundary(post_id, point, tuple(sorted(leaving)), tuple(sorted(coming))))
            before = now
    return sorted(found, key=lambda b: (b.at, b.post_id))


def handover_state(at: int, written: bool, accepted: bool, now: int) -> HandoverState:
    """Return where a hand-over stands; without a word an hour after the change it was missed."""
    if accepted:
        return HandoverState.ACCEPTED
    if written:
        return HandoverState.WRITTEN
    return HandoverState.MISSED if now > at + LATE_S else HandoverState.DUE
