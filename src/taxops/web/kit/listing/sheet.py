"""One screenful of a list (一页数据) as the template shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from taxops.web.kit import show

from .asked import Asked
from .columns import Column


@dataclass(frozen=True, slots=True)
class Line:
    """A row as shown (行)."""

    pk: Any
    url: str
    cells: list[tuple[Column, SafeString]]
    tone: str = ""
    inner: bool = False
    """Whether it belongs to the row above it, which was unfolded; it is not counted."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One screenful of a list (一页数据)."""

    lines: list[Line]
    total: int
    more: bool
    """Whether there are more rows than were counted."""
    page: int
    last: int
    first_row: int
    has_next: bool
    whole: int | None = None
    """How many rows there are with those that are folded into others; None: none are."""

    @property
    def last_row(self) -> int:
        """Number of the last row shown."""
        return self.first_row + sum(not line.inner for line in self.lines) - 1

    @property
    def all_words(self) -> str:
        """The count of everything that a bulk action on all would reach."""
        return self.total_words if self.whole is None else show.number(self.whole)

    @property
    def is_all_shown(self) -> bool:
        """Whether every row is on this page and unfolded."""
        return (self.total if self.whole is None else self.whole) <= len(self.lines)

    @property
    def total_words(self) -> str:
        """The count as shown; beyond the limit only that it is more."""
        return f"超过 {show.number(self.total)}" if self.more else show.number(self.total)


def page_links(sheet: Sheet, asked: Asked) -> list[tuple[int, str]]:
    """Return the page numbers worth showing with their addresses; 0 stands for a gap."""
    near = {1, sheet.last, *range(max(1, sheet.page - 2), min(sheet.last, sheet.page + 2) + 1)}
    shown: list[tuple[int, str]] = []
    before = 0
    for number in sorted(near):
        if number > before + 1:
            shown.append((0, ""))
        shown.append((number, asked.url(page=number)))
        before = number
    return shown


def head(column: Column, asked: Asked) -> dict[str, Any]:
    """Return a heading with the link that sorts by it: ascending, then descending."""
    up, down = asked.sort == column.name, asked.sort == f"-{column.name}"
    turn = f"-{column.name}" if up else column.name
    return {
        "column": column,
        "url": asked.url(sort=turn) if column.order_by else "",
        "sorted": "ascending" if up else "descending" if down else "",
    }


def heads(columns: Sequence[Column], asked: Asked) -> list[dict[str, Any]]:
    """Return the headings of the columns shown."""
    return [head(c, asked) for c in columns]
