"""Presence (到岗): spans against sign-ins, with the place where each was made."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from taxops.systems.operations.roster.words import Presence, SignKind

from .spans import Span

GRACE_S = 10 * 60
EARLY_S = 2 * 3600
SPLIT_S = 3 * 3600
_EARTH_M = 6_371_008.8


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign-in or sign-out (打卡) at an instant."""

    post_id: int
    person_id: int
    at: int
    kind: str = SignKind.IN.value


@dataclass(frozen=True, slots=True)
class Attendance:
    """What the sign-ins say of one span (考勤)."""

    span: Span
    presence: Presence
    signed_at: int | None = None
    late_s: int = 0


def attendance(
    spans: Iterable[Span], signs: Sequence[Sign], now: int, grace_s: int = GRACE_S
) -> list[Attendance]:
    """Return for each span whether its person came: the first sign-in from two hours before until its end.

    A span that follows another of the same person at the same post within three hours (the split day) counts
    as signed by the earlier one unless the person signed out in between.
    """
    found: list[Attendance] = []
    came: dict[tuple[int, int], tuple[int, int]] = {}
    for span in sorted(spans):
        who = (span.post_id, span.person_id)
        own = sorted(s.at for s in signs if (s.post_id, s.person_id) == who and s.kind == SignKind.IN)
        left = [s.at for s in signs if (s.post_id, s.person_id) == who and s.kind == SignKind.OUT]
        at = next((t for t in own if span.start - EARLY_S <= t < span.end), None)
        before = came.get(who)
        follows = at is None and before is not None and span.start - before[1] <= SPLIT_S
        if follows and before and not any(before[0] <= t < span.start for t in left):
            at = before[0]
        if at is not None:
            came[who] = (at, span.end)
            late = max(0, at - span.start)
            state = Presence.LATE if late > grace_s else Presence.ON_TIME
            found.append(Attendance(span, state, at, late if late > grace_s else 0))
        elif now <= span.start + grace_s:
            found.append(Attendance(span, Presence.DUE))
        else:
            found.append(Attendance(span, Presence.ABSENT))
    return found


def distance_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the metres between two places given as latitude and longitude in degrees.

    >>> round(distance_m((43.88, 125.32), (43.88, 125.33)))
    802
    """
    (p, q), (r, s) = a, b
    x = math.sin(math.radians(r - p) / 2) ** 2
    y = math.cos(math.radians(p)) * math.cos(math.radians(r)) * math.sin(math.radians(s - q) / 2) ** 2
    return 2 * _EARTH_M * math.asin(min(1.0, math.sqrt(x + y)))
