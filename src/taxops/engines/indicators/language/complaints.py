"""The one error of the language (表达式错误): Chinese, and it points at line and column."""

from __future__ import annotations

from taxops.engines.base import BadInput


class BadExpression(BadInput):
    """An expression cannot be understood (表达式有误).

    Args:
        what: what is wrong, one Chinese sentence.
        text: the whole expression.
        at: offset of the offending character.
        todo: what to write instead.
    """

    def __init__(self, what: str, *, text: str, at: int, todo: str = "") -> None:
        self.reason = what
        self.text = text
        self.at = min(at, len(text))
        before = text[: self.at]
        self.line = before.count("\n") + 1
        self.column = self.at - (before.rfind("\n") + 1) + 1
        super().__init__(f"第 {self.line} 行第 {self.column} 列：{what}", todo)

    def pointing(self) -> str:
        """Return the offending line with a caret under the place; wide characters take two columns."""
        row = self.text.splitlines()[self.line - 1] if self.text else ""
        indent = sum(2 if ord(c) > 0x2E7F else 1 for c in row[: self.column - 1])
        return f"{row}\n{' ' * indent}^"
