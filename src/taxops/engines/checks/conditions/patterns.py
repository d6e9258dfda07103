"""Regular expressions within limits (正则限制): a pattern must not be able to stop a prober.

Python's matcher backtracks. Refused are the shapes that take exponential time (a repeat within a repeat,
choices within a repeat that can match the same text, repeats side by side) and those whose cost nobody sees
(references back, look-around). What remains is polynomial at worst, and looks at a bounded piece of text.
"""

from __future__ import annotations

import re
import warnings
from re import _constants as codes  # type: ignore[attr-defined]  # typeshed does not know the parser
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from .limits import MAX_OPEN_REPEATS, MAX_PATTERN, SEARCHED

_REPEATS = {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}
_LARGE = 100


class Refused(ValueError):
    """A pattern that may not be used; the message is the Chinese reason."""


class Pattern:
    """A checked regular expression (正则): `search` looks at a bounded piece of the text."""

    __slots__ = ("expression", "reach", "text")

    def __init__(self, text: str) -> None:
        """Check and compile `text`.

        Raises:
            Refused: it is not a regular expression, or one that could take too long.
        """
        self.text = text
        self.expression, open_repeats = _checked(text)
        self.reach = SEARCHED[open_repeats]

    def search(self, text: str) -> bool:
        """Test whether the expression is found anywhere in the first `reach` characters of `text`."""
        return self.expression.search(text, 0, self.reach) is not None


def _checked(text: str) -> tuple[re.Pattern[str], int]:
    if len(text) > MAX_PATTERN:
        raise Refused(f"正则有 {len(text)} 个字符，最多 {MAX_PATTERN} 个。")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "possible nested set": a remark for programmers
            tree = parser.parse(text)
            open_repeats = _inspect(tree, inside_repeat=False)
            if open_repeats > MAX_OPEN_REPEATS:
                raise Refused(f"正则里的 * 和 + 共 {open_repeats} 个，最多 {MAX_OPEN_REPEATS} 个。")
            return re.compile(text), open_repeats
    except (re.error, OverflowError, RecursionError) as error:
        at = getattr(error, "pos", None)
        where = f"（第 {at + 1} 个字符处）" if at is not None else ""
        raise Refused(f"不是正确的正则{where}。") from error


def _inspect(tree: Any, *, inside_repeat: bool) -> int:
    """Return the number of open repeats.

    Raises:
        Refused: a shape that may take exponential time.
    """
    found = 0
    previous_open = False
    for operation, argument in tree:
        is_open = False
        if operation in _REPEATS:
            least, most, inner = argument
            if most > 1 and inside_repeat:
                raise Refused("正则的重复里面还有重复，可能极慢。")
            is_open = most > _LARGE
            if is_open and previous_open:
                raise Refused("正则里两个重复紧挨着，可能极慢。")
            if (most != codes.MAXREPEAT and most > 1000) or least > 1000:
                raise Refused("正则的重复次数最多 1000。")
            found += is_open + _inspect(inner, inside_repeat=inside_repeat or most > 1)
        elif operation is codes.BRANCH:
            if inside_repeat:
                raise Refused("正则的重复里面有“或”，可能极慢。")
            found += max(_inspect(branch, inside_repeat=inside_repeat) for branch in argument[1])
        elif operation is codes.SUBPATTERN:
            found += _inspect(argument[3], inside_repeat=inside_repeat)
        elif operation in {codes.GROUPREF, codes.GROUPREF_EXISTS, codes.ASSERT, codes.ASSERT_NOT}:
            raise Refused("正则里不能用回引和前后查看。")
        elif operation is codes.ATOMIC_GROUP:
            found += _inspect(argument, inside_repeat=inside_repeat)
        previous_open = is_open
    return found
