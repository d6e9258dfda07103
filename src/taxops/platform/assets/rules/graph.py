"""Relations as a graph (资产关系图): loops, and what falls when something falls."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edge:
    """`source` has relation `kind` to `target`."""

    source: int
    kind: str
    target: int


def find_path(edges: Iterable[Edge], start: int, goal: int) -> list[int]:
    """Return the shortest way along the edges from `start` to `goal`, both included; empty: there is none."""
    onward: dict[int, list[int]] = {}
    for edge in edges:
        onward.setdefault(edge.source, []).append(edge.target)
    came: dict[int, int] = {start: start}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        if here == goal:
            way = [goal]
            while way[-1] != start:
                way.append(came[way[-1]])
            return way[::-1]
        for there in onward.get(here, ()):
            if there not in came:
                came[there] = here
                waiting.append(there)
    return []


@dataclass(frozen=True, slots=True)
class Impact:
    """An asset that is affected (受影响资产), how far away it is, and through which relation of which asset."""

    asset: int
    depth: int
    through: int
    kind: str


def affected(edges: Sequence[Edge], start: int) -> list[Impact]:
    """Return what is affected when `start` fails (影响范围), nearest first.

    What depends on it, runs on it or lies in it fails with it; what it is a part of is hurt, too.
    """
    onward: dict[int, list[tuple[int, str]]] = {}
    for edge in edges:
        if edge.kind == "part_of":
            onward.setdefault(edge.source, []).append((edge.target, edge.kind))
        else:
            onward.setdefault(edge.target, []).append((edge.source, edge.kind))
    seen = {start}
    found: list[Impact] = []
    waiting = deque([(start, 0)])
    while waiting:
        here, depth = waiting.popleft()
        for there, kind in sorted(onward.get(here, ())):
            if there not in seen:
                seen.add(there)
                found.append(Impact(there, depth + 1, here, kind))
                waiting.append((there, depth + 1))
    return found
