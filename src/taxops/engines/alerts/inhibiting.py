"""What inhibitions keep quiet (抑制): one rule tried by itself, all rules together, and rules that go in a circle.

All together, an alert is kept quiet only by one that is heard itself. Of alerts that would keep each other quiet, in a
circle of whatever length, none silences another; what stands outside the circle may silence them all. So whatever the
rules are, some alert of every set that hangs together is heard.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from .matching import Matcher
from .plan import Inhibition

Bucket = tuple[int, tuple[str, ...]]
"""A rule by its place, and the values that source and target share."""

_PLACES = frozenset({"org"})
"""Labels that say where, not what: rules that share only these are about different things."""


def held_pairs(rule: Inhibition, firing: Sequence[Mapping[str, str]]) -> list[tuple[int, int]]:
    """Return `(target, source)` for each alert that the rule keeps quiet, by place in `firing`.

    The source is the first in the order given that does it. An alert that is itself a source of the rule is never
    its target, so that two alerts cannot keep each other quiet and be told to nobody.

    Args:
        rule: the inhibition.
        firing: labels of the alerts that fire at one instant.
    """
    first: dict[tuple[str, ...], int] = {}
    for place, labels in enumerate(firing):
        if rule.is_source(labels):
            first.setdefault(rule.key(labels), place)
    return [
        (place, first[rule.key(labels)])
        for place, labels in enumerate(firing)
        if rule.is_target(labels) and rule.key(labels) in first
    ]


@dataclass(frozen=True, slots=True)
class Settled:
    """Which of the alerts that keep others quiet are quiet themselves (抑制链判定).

    Args:
        quiet: their fingerprints.
        circle: by fingerprint: the number of the circle it belongs to; each is at least a circle of its own.
    """

    quiet: Set[str] = frozenset()
    circle: Mapping[str, int] = field(default_factory=dict)

    def is_held(self, sources: Set[str], mark: str) -> bool:
        """Test whether one of these sources keeps an alert quiet: heard itself, and not in its circle."""
        own = self.circle.get(mark, -1)
        return any(s not in self.quiet and s != mark and self.circle.get(s, -2) != own for s in sources)


def settle(sources: Mapping[Bucket, Set[str]], between: Mapping[str, Sequence[Bucket]]) -> Settled:
    """Return which alerts in the middle of chains are quiet (抑制链判定); the work grows with the sources, once each.

    Args:
        sources: by rule and shared values: the fingerprints that keep others quiet.
        between: the sources that are targets too, with the buckets whose sources would keep them quiet.
    """
    circle: dict[str, int] = {}
    quiet: set[str] = set()
    for number, members in enumerate(_Circles(sources, between)):
        circle.update(dict.fromkeys(members, number))
        settled = Settled(quiet, circle)  # whatever could keep these quiet was settled before
        found = [
            m for m in members if any(settled.is_held(sources.get(b, frozenset()), m) for b in between[m])
        ]
        quiet.update(found)
    return Settled(quiet, circle)


Node = str | Bucket


class _Circles:
    """Strongly connected alerts, those that keep others quiet first (Tarjan's algorithm, without recursion)."""

    def __init__(self, sources: Mapping[Bucket, Set[str]], between: Mapping[str, Sequence[Bucket]]) -> None:
        self._sources, self._between = sources, between
        self._index: dict[Node, int] = {}
        self._low: dict[Node, int] = {}
        self._stack: list[Node] = []
        self._open: set[Node] = set()

    def __iter__(self) -> Iterator[list[str]]:
        for root in self._between:
            if root not in self._index:
                yield from self._from(root)

    def _from(self, root: Node) -> Iterator[list[str]]:
        work = [self._enter(root)]
        while work:
            node, rest = work[-1]
            step = next((other for other in rest if self._is_new(node, other)), None)
            if step is not None:
                work.append(self._enter(step))
                continue
            work.pop()
            if work:
                above = work[-1][0]
                self._low[above] = min(self._low[above], self._low[node])
            if self._low[node] == self._index[node] and (members := self._leave(node)):
                yield members

    def _enter(self, node: Node) -> tuple[Node, Iterator[Node]]:
        self._index[node] = self._low[node] = len(self._index)
        self._stack.append(node)
        self._open.add(node)
        if isinstance(node, str):
            return node, iter(self._between[node])
        return node, iter(sorted(mark for mark in self._sources.get(node, ()) if mark in self._between))

    def _is_new(self, node: Node, other: Node) -> bool:
        if other in self._open:
            self._low[node] = min(self._low[node], self._index[other])
        return other not in self._index

    def _leave(self, node: Node) -> list[str]:
        place = len(self._stack) - 1
        while self._stack[place] != node:
            place -= 1
        found = self._stack[place:]
        del self._stack[place:]
        self._open.difference_update(found)
        return [one for one in found if isinstance(one, str)]


def find_loop(rules: Sequence[Inhibition], start: int) -> list[int]:
    """Return the shortest circle of rules through one of them, by place, begun and ended with it; empty: none (抑制环).

    A rule leads to another when what it keeps quiet may be what the other is set off by: they name a common label, and
    no label that both name forbids it. What only the alerts of an instant can tell is left to `settle`.
    """
    came: dict[int, int] = {}
    front = [start]
    while front:
        ahead: list[int] = []
        for one in front:
            for other in range(len(rules)):
                if other == one or not _leads(rules[one], rules[other]):
                    continue
                if other == start:
                    path = [start, one]
                    while path[-1] != start:
                        path.append(came[path[-1]])
                    return path[::-1]
                if other not in came:
                    came[other] = one
                    ahead.append(other)
        front = ahead
    return []


def _leads(first: Inhibition, second: Inhibition) -> bool:
    pairs = [(one, two) for one in first.target for two in second.source if one.label == two.label]
    # What makes the first quiet is never its own source.
    own = [m for m in first.source if m.operator == "="]
    if own and len(own) == len(first.source) and all(m in second.source for m in own):
        return False
    shared = any(one.label not in _PLACES and _says(one) and _says(two) for one, two in pairs)
    return shared and all(_may_meet(one, two) for one, two in pairs)


def _says(matcher: Matcher) -> bool:
    """Test whether a matcher says what a label is, not only what it is not."""
    return matcher.operator in {"=", "=~", "^="}


def _may_meet(one: Matcher, other: Matcher) -> bool:
    """Test whether one value may satisfy both; in doubt, yes."""
    for first, second in ((one, other), (other, one)):
        if first.operator == "=":
            return second.holds({second.label: first.value})
    if one.operator == other.operator == "^=":
        return one.value.startswith(other.value) or other.value.startswith(one.value)
    for first, second in ((one, other), (other, one)):
        values = _listed(first)
        if values is not None:
            return any(second.holds({second.label: value}) for value in values)
    return True


def _listed(matcher: Matcher) -> list[str] | None:
    """Return the values of a pattern that only lists some (`a|b`); None: it says more."""
    plain = re.sub(r"\\(.)", "", matcher.value)
    if matcher.operator != "=~" or set(plain) & set(".^$*+?{}[]()\\"):
        return None
    return [re.sub(r"\\(.)", r"\1", part) for part in re.split(r"(?<!\\)\|", matcher.value)]
