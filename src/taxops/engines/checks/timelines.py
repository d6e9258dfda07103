"""Health over time (健康时间线): the tree swept over the instants at which a leaf changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from taxops.engines.base import Interval, intersect, merge, subtract

from .tree import Health, Leaf, Quorum, Tree, counted_leaves, leaves, no_parts, quorum_health


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one health (状态段)."""

    interval: Interval
    health: Health


def timeline(
    tree: Tree,
    spans: Mapping[Leaf, Sequence[Span]],
    horizon: Interval,
    *,
    otherwise: Health = Health.GOOD,
) -> list[Span]:
    """Return the health of the whole over the horizon, without gaps, neighbours different (系统时间线).

    Args:
        tree: the health tree.
        spans: for each leaf its stretches; where two overlap, the later in the sequence wins.
        horizon: what to look at.
        otherwise: the health of a leaf outside its stretches.
    """
    if not horizon:
        return []
    changes = sorted(_changes(tree, spans, horizon, otherwise), key=lambda change: change[0])
    live = _Live(tree, otherwise)
    found: list[Span] = []
    since, health = horizon.start, live.health
    for at, together in groupby(changes, key=lambda change: change[0]):
        for _, leaf, after in together:
            live.change(leaf, after)
        if live.health is not health:
            if at > since:
                found.append(Span(Interval(since, at), health))
            since, health = at, live.health
    found.append(Span(Interval(since, horizon.end), health))
    return found


class _Live:
    """A tree whose leaves change one at a time: only what stands above a changed leaf is judged anew."""

    def __init__(self, tree: Tree, health: Health) -> None:
        self.leaves: dict[Leaf, Health] = {}
        self.owners: dict[Leaf, list[int]] = {}
        self.quorums: list[Quorum] = []
        self.parents: list[int | None] = []
        self.counts: list[dict[Health, int]] = []
        self.healths: list[Health] = []
        self.health = self._add(tree, None, health)

    def _add(self, tree: Tree, parent: int | None, health: Health) -> Health:
        if isinstance(tree, Leaf):
            self.leaves[tree] = health
            if parent is not None:
                self.owners.setdefault(tree, []).append(parent)
            return health
        index = len(self.quorums)
        self.quorums.append(tree)
        self.parents.append(parent)
        self.counts.append(no_parts())
        self.healths.append(Health.UNKNOWN)
        for part in tree.parts:
            self.counts[index][self._add(part, index, health)] += 1
        self.healths[index] = quorum_health(tree, self.counts[index])
        return self.healths[index]

    def change(self, leaf: Leaf, after: Health) -> None:
        before, self.leaves[leaf] = self.leaves[leaf], after
        if not self.quorums:  # the whole is this leaf
            self.health = after
        for owner in self.owners.get(leaf, ()):
            self._move(owner, before, after)

    def _move(self, index: int, before: Health, after: Health) -> None:
        counts = self.counts[index]
        counts[before] -= 1
        counts[after] += 1
        was, now = self.healths[index], quorum_health(self.quorums[index], counts)
        self.healths[index] = now
        parent = self.parents[index]
        if parent is None:
            self.health = now
        elif now is not was:
            self._move(parent, was, now)


def down_intervals(
    tree: Tree,
    bad: Mapping[Leaf, Sequence[Interval]],
    horizon: Interval,
    *,
    suspended: Mapping[Leaf, Sequence[Interval]] | None = None,
) -> list[Interval]:
    """Return when the whole was bad (系统中断), from the outages of its leaves.

    Args:
        tree: the health tree.
        bad: the outages of each leaf; a leaf without any was good.
        horizon: what to look at.
        suspended: when a leaf was under maintenance and is left out.
    """
    spans: dict[Leaf, list[Span]] = {}
    for health, intervals in ((Health.BAD, bad), (Health.SUSPENDED, suspended or {})):
        for leaf, found in intervals.items():
            spans.setdefault(leaf, []).extend(Span(interval, health) for interval in found)
    whole = timeline(tree, spans, horizon)
    return merge(span.interval for span in whole if span.health is Health.BAD)


def leaving(tree: Tree, suspended: Mapping[Leaf, Sequence[Interval]]) -> dict[Leaf, list[Interval]]:
    """Return when each member of a counted group leaves the count for maintenance (维护中退出计数).

    Only members of counted groups leave, and only while somebody stays: a group that is under maintenance
    as a whole, like anything that must all be good, is judged by the plain facts, which the window then
    excludes from the outage that stands.
    """
    found: dict[Leaf, list[Interval]] = {}
    for group in _groups(tree):
        own = [part for part in group.parts if isinstance(part, Leaf)]
        together: list[Interval] | None = None
        for part in own:
            away = merge(suspended.get(part, ()))
            together = away if together is None else intersect(together, away)
        whole = together if together and len(own) == len(group.parts) else []
        for part in own:
            found.setdefault(part, []).extend(subtract(suspended.get(part, ()), whole))
    kept = counted_leaves(tree)
    return {leaf: merge(intervals) for leaf, intervals in found.items() if intervals and leaf in kept}


def _groups(tree: Tree) -> Iterable[Quorum]:
    """Yield the counted groups of a tree."""
    if isinstance(tree, Quorum):
        if tree.is_counted:
            yield tree
        for part in tree.parts:
            yield from _groups(part)


def _changes(
    tree: Tree, spans: Mapping[Leaf, Sequence[Span]], horizon: Interval, otherwise: Health
) -> Iterable[tuple[datetime, Leaf, Health]]:
    """Yield each instant inside the horizon at which a leaf changes, and to what."""
    for leaf in dict.fromkeys(leaves(tree)):
        mine = [span for span in spans.get(leaf, ()) if span.interval]
        edges = {edge for span in mine for edge in (span.interval.start, span.interval.end)}
        inside = sorted({max(edge, horizon.start) for edge in edges if edge < horizon.end})
        opening = sorted(enumerate(mine), key=lambda item: item[1].interval.start, reverse=True)
        active: dict[int, Span] = {}
        health = otherwise
        for at in inside:
            while opening and opening[-1][1].interval.start <= at:
                rank, span = opening.pop()
                active[rank] = span
            active = {rank: span for rank, span in active.items() if span.interval.end > at}
            after = active[max(active)].health if active else otherwise
            if after is not health:
                yield at, leaf, after
                health = after
