"""Comparing two configurations line by line (配置比较)."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from taxops.engines.base import Choices

MOST_SHOWN = 2000


class SnapshotState(Choices):
    """Where a snapshot stands (快照状态)."""

    REQUESTED = "requested", "待批准"
    APPROVED = "approved", "已批准"
    REJECTED = "rejected", "不同意"


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a diff (差异行): mark `+`, `-`, ` ` or `@`, and the numbers on both sides."""

    mark: str
    old: int | None
    new: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Diff:
    """Two configurations compared (差异)."""

    lines: Sequence[DiffLine]
    added: int
    removed: int

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not self.added and not self.removed


def compare(approved: str, present: str, *, context: int = 3) -> Diff:
    """Return how `present` differs from `approved`, with some lines around each difference.

    >>> [(line.mark, line.text) for line in compare("a\\nb", "a\\nc").lines]
    [(' ', 'a'), ('-', 'b'), ('+', 'c')]
    """
    old, new = approved.splitlines(), present.splitlines()
    lines: list[DiffLine] = []
    added = removed = 0
    for place, group in enumerate(
        difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(context)
    ):
        if place:
            lines.append(DiffLine("@", None, None, f"第 {group[0][1] + 1} 行起"))
        for tag, a1, a2, b1, b2 in group:
            if tag == "equal":
                lines += [DiffLine(" ", a1 + n + 1, b1 + n + 1, old[a1 + n]) for n in range(a2 - a1)]
                continue
            lines += [DiffLine("-", n + 1, None, old[n]) for n in range(a1, a2)]
            lines += [DiffLine("+", None, n + 1, new[n]) for n in range(b1, b2)]
            removed += a2 - a1
            added += b2 - b1
    return Diff(lines[:MOST_SHOWN], added, removed)
