"""What is wrong with a condition, with its column and a caret beneath (条件错误)."""

from __future__ import annotations

import unicodedata

from taxops.engines.base import BadInput

_BEFORE, _AFTER = 40, 30


class BadCondition(BadInput):
    """A condition that cannot be read (条件有误); `column` counts from 1.

    Args:
        reason: what is wrong there, without the column.
        text: the whole condition.
        at: where, counted from 0.
        todo: what to write instead.
    """

    def __init__(self, reason: str, *, text: str, at: int, todo: str = "") -> None:
        self.reason = reason
        self.text = text
        self.column = at + 1
        self.excerpt = excerpt(text, at)
        super().__init__(f"条件第 {self.column} 列：{reason}\n{self.excerpt}", todo, field="condition")

    def as_dict(self) -> dict[str, object]:
        """Return the error as the API answers it, with `reason`, `column` and `excerpt` for an editor."""
        return super().as_dict() | {"reason": self.reason, "column": self.column, "excerpt": self.excerpt}


def excerpt(text: str, at: int) -> str:
    """Return two lines: the condition around `at`, and a caret beneath it.

    Wide characters are matched by ideographic spaces, so the caret stands right in any fixed-width font.
    """
    start, end = max(0, at - _BEFORE), at + _AFTER
    shown = "".join(char if char.isprintable() else " " for char in text[start:end])
    lead = "…" if start else ""
    tail = "…" if end < len(text) else ""
    padding = "".join("　" if _is_wide(char) else " " for char in lead + shown[: at - start])
    return f"{lead}{shown}{tail}\n{padding}^"


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"
