"""Comparing two configurations line by line (配置比较)."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from taxops.engines.base import Choices

MOST_SHOWN = 2000
_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@.*")
_SAID = re.compile(r"与批准的.*|还没有批准.*", re.DOTALL)


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


def from_unified(lines: Sequence[str]) -> Diff:
    """Return what a check noted as the differences it saw, with the line numbers of both sides (最近一次差异).

    >>> [(d.mark, d.old, d.new, d.text) for d in from_unified(["@@ -2,2 +2 @@", " a", "-b"]).lines]
    [('@', None, None, '第 2 行起'), (' ', 2, 2, 'a'), ('-', 3, None, 'b')]
    """
    found: list[DiffLine] = []
    old = new = 1
    added = removed = 0
    for line in lines:
        hunk = _HUNK.fullmatch(line)
        if hunk is not None:
            # a side without lines is told by the line before it
            old, new = int(hunk[1]) + (hunk[2] == "0"), int(hunk[3]) + (hunk[4] == "0")
            found.append(DiffLine("@", None, None, f"第 {old} 行起"))
            continue
        mark, text = line[:1] or " ", line[1:]
        if mark not in "+- ":
            continue
        is_old, is_new = mark != "+", mark != "-"
        found.append(DiffLine(mark, old if is_old else None, new if is_new else None, text))
        old, new = old + is_old, new + is_new
        added, removed = added + (mark == "+"), removed + (mark == "-")
    return Diff(found[:MOST_SHOWN], added, removed)


def said(message: str) -> str:
    """Return what a result says about the configuration, without how the condition was computed (说明).

    >>> said("same 实际为 false，要求 true（与批准的不一致：多 1 行）。"), said("连接被拒绝。")
    ('与批准的不一致：多 1 行', '连接被拒绝。')
    """
    found = _SAID.search(message)
    return found[0].removesuffix("）。").removesuffix("。") if found else message
