"""Taking a piece out of a text by a regular expression (正则取值) without letting the expression stop the prober.

Python's matcher backtracks. So an expression is tried only where its own leading text stands, on a window of
2,048 characters each; one without leading text looks at the beginning of the text only.
"""

from __future__ import annotations

import re
import warnings
from re import _constants as codes  # type: ignore[attr-defined]  # typeshed does not know the parser
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from taxops.engines.checks.conditions.patterns import Pattern, Refused

_LITERAL = 3
_WINDOW = 2048
_PLACES = 50
_START = 4096
_MOST_OPEN = 2
_REPEATS = {codes.MAX_REPEAT, codes.MIN_REPEAT}


class Capture:
    """A checked expression that yields its first group, or what it matched (取值表达式).

    >>> Capture(r'name="csrf" value="([^"]+)"').take('<input name="csrf" value="a1b2">')
    'a1b2'
    """

    __slots__ = ("_expression", "_literal")

    def __init__(self, text: str) -> None:
        """Check and compile `text`.

        Raises:
            Refused: it is no regular expression, or one that could take too long.
        """
        Pattern(text)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "possible nested set": a remark for programmers
            tree = parser.parse(text)
            self._expression = re.compile(text)
        if _open_repeats(tree, inside=False) > _MOST_OPEN:
            raise Refused(f"取值的正则里 * 和 + 最多 {_MOST_OPEN} 个。")
        self._literal = _leading(tree) if not self._expression.flags & re.IGNORECASE else ""

    def take(self, text: str) -> str | None:
        """Return the first group, or the whole match when there is no group; None when nothing matches."""
        found = self._find(text)
        if found is None:
            return None
        value = found.group(1) if self._expression.groups else found.group(0)
        return value if value is None else str(value)

    def _find(self, text: str) -> re.Match[str] | None:
        if len(self._literal) < _LITERAL:
            return self._expression.search(text, 0, _START)
        at = text.find(self._literal)
        for _ in range(_PLACES):
            if at < 0:
                return None
            found = self._expression.match(text, at, at + _WINDOW)
            if found is not None:
                return found
            at = text.find(self._literal, at + 1)
        return None


def _leading(tree: Any) -> str:
    letters = []
    for operation, argument in tree:
        if operation is not codes.LITERAL:
            break
        letters.append(chr(argument))
    return "".join(letters)


def _open_repeats(tree: Any, *, inside: bool) -> int:
    """Return the number of open repeats.

    Raises:
        Refused: a repeat within a repeat.
    """
    found = 0
    for operation, argument in tree:
        if operation in _REPEATS:
            _, most, inner = argument
            if most > 1 and inside:
                raise Refused("取值的正则里，重复里面不能还有重复。")
            found += (most > 100) + _open_repeats(inner, inside=inside or most > 1)
        elif operation is codes.SUBPATTERN:
            found += _open_repeats(argument[3], inside=inside)
        elif operation is codes.BRANCH:
            found += sum(_open_repeats(branch, inside=inside) for branch in argument[1])
    return found
