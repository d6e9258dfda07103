"""Health over time (健康时间线): the tree swept over the instants at which a leaf changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from taxops.engines.base import Interval, merge

from .tree import Health, Leaf, Tree, evaluate, leaves


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
    states = dict.fromkeys(leaves(tree), otherwise)
    found: list[Span] = []
    since, health = horizon.start, evaluate(tree, states)
    i = 0
    while i < len(changes):
        at = changes[i][0]
        while i < len(changes) and changes[i][0] == at:
            _, leaf, after = changes[i]
            states[leaf] = after
            i += 1
        following = evaluate(tree, states)
        if following is not health:
            if at > since:
                found.append(Span(Interval(since, at), health))
            since, health = at, following
    found.append(Span(Interval(since, horizon.end), health))
    return found


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


def _changes(
    tree: Tree, spans: Mapping[Leaf, Sequence[Span]], horizon: Interval, otherwise: Health
) -> Iterable[tuple[datetime, Leaf, Health]]:
    """Yield each instant inside the horizon at which a leaf changes, and to what."""
    for leaf in dict.fromkeys(leaves(tree)):
        mine = [span for span in spans.get(leaf, ()) if span.interval]
        edges = {edge for span in mine for edge in (span.interval.start, span.interval.end)}
        inside = sorted({max(edge, horizon.start) for edge in edges if edge < horizon.end})
        opening = sorted(enumerate(mine), key=lambda item: item[1].interval.start)
        active: dict[int, Span] = {}
        health = otherwise
        for at in inside:
            while opening and opening[0][1].interval.start <= at:
                rank, span = opening.pop(0)
                active[rank] = span
            active = {rank: span for rank, span in active.items() if span.interval.end > at}
            after = active[max(active)].health if active else otherwise
            if after is not health:
                yield at, leaf, after
                health = after
