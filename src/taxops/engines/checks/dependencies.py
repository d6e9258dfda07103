"""Dependencies (依赖关系): what hangs behind what, and which outages are another's doing (抑制).

When a line is down everything behind it fails. Those failures are facts and stay; but they are not outages of
their own while the line's outage covers them. What goes on after that is over counts from then on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

N = TypeVar("N")


def find_circle(edges: Mapping[N, Iterable[N]], start: N) -> list[N] | None:
    """Return the way from a node back to itself (依赖成环), both ends included; None when there is none."""
    path: list[N] = [start]
    pending: list[Iterator[N]] = [iter(edges.get(start, ()))]
    done: set[N] = set()
    while pending:
        following = next(pending[-1], None)
        if following is None:
            pending.pop()
            done.add(path.pop())
        elif following == start:
            return [*path, start]
        elif following not in done and following not in path:
            path.append(following)
            pending.append(iter(edges.get(following, ())))
    return None


def ancestors(edges: Mapping[N, Iterable[N]], node: N) -> dict[N, int]:
    """Return everything that a node depends on, near or far, with how far (依赖的祖先).

    One that depends on itself by way of others has none: in a circle nothing is another's doing.
    """
    found: dict[N, int] = {}
    ring = list(edges.get(node, ()))
    depth = 1
    while ring:
        following: list[N] = []
        for one in ring:
            if one not in found:
                found[one] = depth
                following.extend(edges.get(one, ()))
        ring, depth = following, depth + 1
    return {} if node in found else found


class Cover(NamedTuple):
    """An outage of something that others depend on (上级中断).

    Args:
        key: names it.
        start: its first failed result.
        end: its first good one; None while it lasts.
        slack: its first failure may have been seen so much later than theirs: its own interval.
        depth: how far up it stands.
    """

    key: int
    start: datetime
    end: datetime | None
    slack: timedelta
    depth: int


class Suppression(NamedTuple):
    """What becomes of an outage behind another (抑制结果).

    Args:
        by: the key of the outage that explains it, the farthest up.
        counts_from: from when on it counts after all; None: not at all, as far as is known.
    """

    by: int
    counts_from: datetime | None


def suppression(
    start: datetime, end: datetime | None, covers: Sequence[Cover], *, grace: timedelta, now: datetime
) -> Suppression | None:
    """Return what the outages above make of an outage `[start, end)`; None: it is one of its own (抑制判定).

    It is another's doing when that one covers its beginning. After the last cover it has `grace` to come
    back, for its next result may be an interval away; then what goes on counts from the cover's end.

    Args:
        start: its beginning.
        end: its end; None while it lasts.
        covers: the outages of what it depends on.
        grace: how long after the cover its recovery may be seen.
        now: the present instant.
    """
    first = [c for c in covers if c.start - c.slack <= start and (c.end is None or c.end > start)]
    if not first:
        return None
    by = max(first, key=lambda c: (c.depth, -c.start.timestamp(), -c.key)).key
    reach: datetime | None = start
    for cover in sorted(covers, key=lambda c: c.start):
        if reach is None:
            break
        if cover.start - cover.slack <= reach + grace and (cover.end is None or cover.end > reach):
            reach = cover.end
    if reach is None or (now if end is None else end) <= reach + grace:
        return Suppression(by, None)
    return Suppression(by, reach)
