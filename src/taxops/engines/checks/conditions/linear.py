"""Regular expressions in linear time (线性匹配): the same answers as `re.search`, however the text is made.

Python's own matcher backtracks: `(a+)+b` or `.*x.*y` can take hours on the wrong text. Only yes or no is wanted
here, so the pattern becomes a finite automaton whose states are made as the text asks for them. The characters
a single item matches are left to `re` itself, so capitals and character classes mean what they mean there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from re import _compiler as compiler  # type: ignore[attr-defined]  # typeshed does not know these
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

MAX_POSITIONS = 500
"""Positions of an automaton: what one character may cost at worst."""

MAX_STATES = 1000
"""States kept before they are thrown away and made anew."""

MAX_STEPS_KEPT = 20_000
"""Transitions between them kept before all are thrown away; Chinese text has many characters."""


_FINAL_NEWLINE = "\n$"
"""What stands for the newline that ends a text, among the characters."""


class Unfit(ValueError):
    """A pattern that no automaton can express, or a too large one; the message is the Chinese reason."""


class Around(IntEnum):
    """What stands before or after a place in the text."""

    EDGE = 0
    NEWLINE = 1
    FINAL_NEWLINE = 2
    WORD = 3
    OTHER = 4


@dataclass(slots=True)
class _Position:
    """One place in the pattern: a character to match, a condition on the place, or a fork."""

    item: Callable[[str], object] | None = None
    place: tuple[Any, int] | None = None
    following: list[int] = field(default_factory=list)


class _State(dict[str, "_State"]):
    """A set of places the pattern may be at; its entries are the states after each character seen so far."""

    __slots__ = ("automaton", "before", "places")

    def __init__(self, automaton: Automaton, places: frozenset[int], before: Around) -> None:
        self.automaton = automaton
        self.places = places
        self.before = before

    def __missing__(self, char: str) -> _State:
        found = self.automaton.after(self, char)
        self[char] = found
        return found


class Automaton:
    """A pattern that can be searched for in linear time (自动机).

    Raises:
        Unfit: look-around, references back, possessive repeats, or too many positions.
    """

    def __init__(self, tree: Any, flags: int) -> None:
        """Build from the parse tree of a pattern and its flags."""
        self.positions: list[_Position] = []
        self.flags = flags
        self.goal = self._add(_Position())
        self.start = self._sequence(tree, flags, self.goal)
        self.found = _State(self, frozenset(), Around.EDGE)
        self.states: dict[tuple[frozenset[int], Around], _State] = {}
        self.steps_kept = 0

    def search(self, text: str) -> bool:
        """Test whether the pattern is found anywhere in the text, which is not empty.

        (For an empty text `re` itself is quick, and `\\B` differs there between versions of Python.)
        """
        found = self.found
        state = self._state(frozenset([self.start]), Around.EDGE)
        last = text[-1:] == "\n"
        for char in text[:-1] if last else text:
            state = state[char]
            if state is found:
                return True
        if last:  # `$` also stands before a newline that ends the text
            state = state[_FINAL_NEWLINE]
            if state is found:
                return True
        return self._is_goal(state, Around.EDGE)

    def after(self, state: _State, char: str) -> _State:
        """Return the state after one more character, `found` once the pattern has been found."""
        self.steps_kept += 1
        if self.steps_kept > MAX_STEPS_KEPT:
            self._forget()
        reached = self._closure(state, self._around(char))
        if self.goal in reached:
            return self.found
        places = {self.start}
        for place in reached:
            position = self.positions[place]
            if position.item is not None and position.item(char[0]):
                places.update(position.following)
        return self._state(frozenset(places), self._around(char))

    def _state(self, places: frozenset[int], before: Around) -> _State:
        key = (places, before)
        state = self.states.get(key)
        if state is None:
            if len(self.states) >= MAX_STATES:
                self._forget()
            state = self.states[key] = _State(self, places, before)
        return state

    def _forget(self) -> None:
        for state in self.states.values():
            state.clear()
        self.states.clear()
        self.steps_kept = 0

    def _is_goal(self, state: _State, ahead: Around) -> bool:
        return self.goal in self._closure(state, ahead)

    def _closure(self, state: _State, ahead: Around) -> set[int]:
        """Return every position reachable from the state's without consuming a character."""
        reached: set[int] = set()
        pending = list(state.places)
        while pending:
            place = pending.pop()
            if place in reached:
                continue
            reached.add(place)
            position = self.positions[place]
            if position.item is None and (
                position.place is None or _stands(position.place, state.before, ahead)
            ):
                pending.extend(position.following)
        return reached

    def _around(self, char: str) -> Around:
        if char[0] == "\n":
            return Around.NEWLINE if char == "\n" else Around.FINAL_NEWLINE
        is_word = char == "_" or (char.isalnum() and (char.isascii() or not self.flags & re.ASCII))
        return Around.WORD if is_word else Around.OTHER

    # ---- building, from the end of the pattern to its beginning

    def _add(self, position: _Position) -> int:
        if len(self.positions) >= MAX_POSITIONS:
            raise Unfit("正则展开后太大，请写简单一些。")
        self.positions.append(position)
        return len(self.positions) - 1

    def _sequence(self, tree: Any, flags: int, following: int) -> int:
        for operation, argument in reversed(list(tree)):
            following = self._item(operation, argument, flags, following)
        return following

    def _item(self, operation: Any, argument: Any, flags: int, following: int) -> int:
        if operation in _SINGLE:
            key = tuple(argument) if operation is codes.IN else argument
            item = _single(operation, key, flags & _ITEM_FLAGS)
            return self._add(_Position(item=item, following=[following]))
        if operation is codes.AT:
            return self._add(_Position(place=(argument, flags), following=[following]))
        if operation is codes.SUBPATTERN:
            _, added, removed, inner = argument
            return self._sequence(inner, (flags | added) & ~removed, following)
        if operation is codes.BRANCH:
            ways = [self._sequence(branch, flags, following) for branch in argument[1]]
            return self._add(_Position(following=ways))
        if operation in (codes.MAX_REPEAT, codes.MIN_REPEAT):
            return self._repeat(argument, flags, following)
        raise Unfit("正则里不能用回引、前后查看和独占重复。")

    def _repeat(self, argument: Any, flags: int, following: int) -> int:
        least, most, inner = argument
        if most is codes.MAXREPEAT:
            fork = self._add(_Position())
            self.positions[fork].following = [self._sequence(inner, flags, fork), following]
            following = fork
        else:
            end = following
            for _ in range(most - least):
                once = self._sequence(inner, flags, following)
                following = self._add(_Position(following=[once, end]))
        for _ in range(least):
            following = self._sequence(inner, flags, following)
        return following


_SINGLE = {codes.LITERAL, codes.NOT_LITERAL, codes.ANY, codes.IN}
_ITEM_FLAGS = re.IGNORECASE | re.DOTALL | re.ASCII | re.UNICODE


@lru_cache(maxsize=2048)
def _single(operation: Any, argument: Any, flags: int) -> Callable[[str], object]:
    """Return a test for one character, the same one for all patterns."""
    if operation is codes.LITERAL and not flags & re.IGNORECASE:
        return chr(argument).__eq__
    inner = list(argument) if operation is codes.IN else argument
    single = parser.SubPattern(parser.State(), [(operation, inner)])
    test: Callable[[str], object] = compiler.compile(single, flags).fullmatch
    return test


def _stands(place: tuple[Any, int], before: Around, ahead: Around) -> bool:
    """Test whether `^`, `$`, `\\b` and their like hold between what is before and what is ahead."""
    at, flags = place
    if at is codes.AT_BEGINNING:
        return before is Around.EDGE or (bool(flags & re.MULTILINE) and before is Around.NEWLINE)
    if at is codes.AT_END:
        is_line_end = bool(flags & re.MULTILINE) and ahead is Around.NEWLINE
        return ahead in (Around.EDGE, Around.FINAL_NEWLINE) or is_line_end
    if at is codes.AT_BEGINNING_STRING:
        return before is Around.EDGE
    if at is codes.AT_END_STRING:
        return ahead is Around.EDGE
    is_boundary = (before is Around.WORD) is not (ahead is Around.WORD)
    return is_boundary is (at is codes.AT_BOUNDARY)
