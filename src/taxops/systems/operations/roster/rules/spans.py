"""Who stands where when (班次): an iterator over the spans of patterns, then the overrides in order of entry.

One model: a pattern is a post, an order of groups, a number of days to a turn and the windows of a day. A daily
rotation, a weekly one, three shifts and a fixed post are all patterns; there is no schedule beside a rotation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from taxops.engines.worktime import DayClass, LegalDays
from taxops.systems.operations.roster.words import Change, Days

DAY = 86400
OFFSET = 8 * 3600
EPOCH = date(1970, 1, 1)
Stretch = tuple[int, int]
Stretches = dict[int, list[Stretch]]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A rotation (轮班规则).

    Args:
        post_id: which post.
        groups: who stands together, in the order of their turns.
        first_on: the first day, on which the first group begins.
        last_on: the last day; None while it goes on.
        turn_days: how many days a turn lasts; 7 for a week.
        windows: seconds since local midnight; an end past midnight belongs to the day it began.
        days: on which days it runs; turns are counted through all the same.
    """

    post_id: int
    groups: tuple[tuple[int, ...], ...]
    first_on: date
    last_on: date | None = None
    turn_days: int = 1
    windows: tuple[Stretch, ...] = ((0, DAY),)
    days: str = Days.ALL.value


@dataclass(frozen=True, slots=True)
class Override:
    """A dated change (调整), in force over `[start, end)`; later ones win."""

    post_id: int
    change: str
    start: int
    end: int
    person_id: int
    other_id: int | None = None


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A person at a post over `[start, end)` (班次)."""

    start: int
    end: int
    post_id: int
    person_id: int


def local_day(second: int) -> date:
    """Return the day in China of an instant."""
    return EPOCH + timedelta(days=(second + OFFSET) // DAY)


def midnight(day: date) -> int:
    """Return the instant at which a day in China begins."""
    return (day - EPOCH).days * DAY - OFFSET


def runs_on(pattern: Pattern, day: date, legal: LegalDays | None) -> bool:
    """Test whether a pattern runs on a day.

    Raises:
        BadInput: it depends on the legal table, which does not know the year.
    """
    if (
        day < pattern.first_on
        or (pattern.last_on is not None and day > pattern.last_on)
        or not pattern.groups
    ):
        return False
    if pattern.days == Days.ALL or legal is None:
        return True
    return (legal.day_class(day) is DayClass.WORKING) == (pattern.days == Days.WORKING)


def group_on(pattern: Pattern, day: date) -> tuple[int, ...]:
    """Return whose turn a day is."""
    return pattern.groups[(day - pattern.first_on).days // pattern.turn_days % len(pattern.groups)]


def pattern_spans(pattern: Pattern, start: int, end: int, legal: LegalDays | None) -> Iterator[Span]:
    """Yield the pattern's spans that touch `[start, end)`, clipped to it, in order of time."""
    longest = max((b for _, b in pattern.windows), default=0)
    day = local_day(start) - timedelta(days=longest // DAY)
    last = local_day(end - 1)
    while day <= last:
        if runs_on(pattern, day, legal):
            base = midnight(day)
            for a, b in pattern.windows:
                x, y = max(base + a, start), min(base + b, end)
                if x < y:
                    for person in group_on(pattern, day):
                        yield Span(x, y, pattern.post_id, person)
        day += timedelta(days=1)


def duty_spans(
    patterns: Iterable[Pattern],
    overrides: Sequence[Override],
    start: int,
    end: int,
    legal: LegalDays | None = None,
) -> list[Span]:
    """Return who stands where over `[start, end)`, each person's touching spans joined, in order of time."""
    if end <= start:
        return []
    held: dict[int, Stretches] = {}
    for pattern in patterns:
        for span in pattern_spans(pattern, start, end, legal):
            held.setdefault(span.post_id, {}).setdefault(span.person_id, []).append((span.start, span.end))
    posts = {post: {p: joined(s) for p, s in people.items()} for post, people in held.items()}
    for one in overrides:
        a, b = max(one.start, start), min(one.end, end)
        if a < b:
            _apply(posts.setdefault(one.post_id, {}), one, (a, b))
    return sorted(
        Span(a, b, post, person)
        for post, people in posts.items()
        for person, stretches in people.items()
        for a, b in stretches
    )


def _apply(people: Stretches, one: Override, when: Stretch) -> None:
    if one.change == Change.ADD:
        people[one.person_id] = joined([*people.get(one.person_id, []), when])
    elif one.change == Change.REMOVE:
        people[one.person_id] = without(people.get(one.person_id, []), when)
    elif one.change == Change.REPLACE and one.other_id is not None:
        mine = people.get(one.person_id, [])
        given = [(max(a, when[0]), min(b, when[1])) for a, b in mine if a < when[1] and b > when[0]]
        people[one.person_id] = without(mine, when)
        people[one.other_id] = joined([*people.get(one.other_id, []), *given])
    elif one.change == Change.ONLY:
        for person in list(people):
            people[person] = without(people[person], when)
        people[one.person_id] = joined([*people.get(one.person_id, []), when])


def joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Return stretches in order, overlapping and touching ones made one."""
    found: list[Stretch] = []
    for a, b in sorted(stretches):
        if found and a <= found[-1][1]:
            found[-1] = (found[-1][0], max(b, found[-1][1]))
        else:
            found.append((a, b))
    return found


def without(stretches: Sequence[Stretch], gone: Stretch) -> list[Stretch]:
    """Return stretches less one."""
    found: list[Stretch] = []
    for a, b in stretches:
        if a < gone[0]:
            found.append((a, min(b, gone[0])))
        if b > gone[1]:
            found.append((max(a, gone[1]), b))
    return [(a, b) for a, b in found if a < b]


def on_duty_at(
    patterns: Iterable[Pattern],
    overrides: Sequence[Override],
    at: int,
    legal: LegalDays | None = None,
    ahead: int = 2 * DAY,
) -> list[tuple[Span, bool]]:
    """Return who stands at an instant, and whether the span's end is known (it may go on past the look ahead)."""
    spans = duty_spans(patterns, overrides, at, at + ahead, legal)
    return [(span, span.end < at + ahead) for span in spans if span.start == at]


def by_post(spans: Iterable[Span]) -> Mapping[int, list[Span]]:
    """Return the spans of each post."""
    found: dict[int, list[Span]] = {}
    for span in spans:
        found.setdefault(span.post_id, []).append(span)
    return found
