"""Regular expressions within limits (正则): a pattern must not be able to stop a prober.

Python's matcher is quick but may take exponential time. It is used where it cannot hurt: on patterns without
open repeats, and on texts short enough for the repeats there are. All else goes to the automaton of `linear`.
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from re import _constants as codes  # type: ignore[attr-defined]  # typeshed does not know the parser
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from .limits import MAX_CHOICES, MAX_PATTERN, MAX_STEPS, SEARCHED
from .linear import Automaton, Unfit

_REPEATS = {codes.MAX_REPEAT, codes.MIN_REPEAT}
_LITERALS_MATTER_FROM = 3


class Refused(ValueError):
    """A pattern that may not be used; the message is the Chinese reason."""


class Pattern:
    """A checked regular expression (正则): searching takes time in proportion to the text, whatever it says.

    >>> Pattern(r"(\\d+ms)+ ERROR").search("12ms ERROR")
    True
    """

    __slots__ = ("_automaton", "_expression", "_literal", "_short", "text")

    def __init__(self, text: str) -> None:
        """Check and compile `text`.

        Raises:
            Refused: it is not a regular expression, or one whose cost cannot be bounded.
        """
        if len(text) > MAX_PATTERN:
            raise Refused(f"正则有 {len(text)} 个字符，最多 {MAX_PATTERN} 个。")
        self.text = text
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # "possible nested set": a remark for programmers
                tree = parser.parse(text)
                self._expression = re.compile(text)
            self._automaton = Automaton(tree, self._expression.flags)
        except Unfit as error:
            raise Refused(str(error)) from error
        except (re.error, OverflowError, RecursionError) as error:
            at = getattr(error, "pos", None)
            where = f"（第 {at + 1} 个字符处）" if at is not None else ""
            raise Refused(f"不是正确的正则{where}。") from error
        self._short = _harmless_length(tree)
        self._literal = _needed_literal(tree, self._expression.flags)

    def search(self, text: str) -> bool:
        """Test whether the expression is found anywhere in the first 65,536 characters of `text`."""
        if self._literal and self._literal not in text:
            return False
        if len(text) > SEARCHED:
            text = text[:SEARCHED]
        if len(text) <= self._short:
            return self._expression.search(text) is not None
        return self._automaton.search(text)


@lru_cache(maxsize=512)
def pattern_of(text: str) -> Pattern:
    """Return the pattern of `text`, one for all conditions that use it.

    Raises:
        Refused: see `Pattern`.
    """
    return Pattern(text)


def _harmless_length(tree: Any) -> int:
    """Return up to which length of text backtracking stays below MAX_STEPS."""
    open_repeats, choices, nested = _inspect(tree)
    if nested:
        return 0
    budget = MAX_STEPS // choices
    return (
        SEARCHED if not open_repeats and choices <= MAX_CHOICES else int(budget ** (1 / (open_repeats + 1)))
    )


def _inspect(tree: Any) -> tuple[int, int, bool]:
    """Return open repeats, the number of ways through what is bounded, and whether repeats are nested."""
    open_repeats, choices, nested = 0, 1, False
    for operation, argument in tree:
        found: list[tuple[int, int, bool]] = []
        if operation in _REPEATS:
            least, most, inner = argument
            found = [_inspect(inner)]
            if most is codes.MAXREPEAT:
                open_repeats += 1
            else:
                choices *= most - least + 1
            is_plain = found[0] == (0, 1, False)
            nested = nested or (most > 1 and not is_plain)
        elif operation is codes.BRANCH:
            found = [_inspect(branch) for branch in argument[1]]
            choices *= len(found)
        elif operation is codes.SUBPATTERN:
            found = [_inspect(argument[3])]
        for inner_open, inner_choices, inner_nested in found:
            open_repeats += inner_open
            choices = min(choices * inner_choices, MAX_STEPS)
            nested = nested or inner_nested
    return open_repeats, min(choices, MAX_STEPS), nested


def _needed_literal(tree: Any, flags: int) -> str:
    """Return the longest text that every match contains, to dismiss most texts at once; "" for none."""
    if flags & re.IGNORECASE:
        return ""
    longest = run = ""
    for operation, argument in tree:
        if operation is codes.LITERAL:
            run += chr(argument)
        else:
            run = ""
        longest = max(longest, run, key=len)
    return longest if len(longest) >= _LITERALS_MATTER_FROM else ""
