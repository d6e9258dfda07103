"""Coded choices (代码与标签): the stored code is lower-case English, the shown word Chinese, declared once."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Choices(StrEnum):
    """A string enumeration whose members carry a Chinese label.

    >>> class State(Choices):
    ...     OPEN = "open", "待响应"
    >>> State.OPEN.label, State("open") is State.OPEN, State.pairs()
    ('待响应', True, [('open', '待响应')])
    """

    label: str

    def __new__(cls, code: str, label: str = "") -> Self:
        """Make a member that equals its code and knows its label."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label or code
        return member

    @classmethod
    def pairs(cls) -> list[tuple[str, str]]:
        """Return `(code, label)` pairs in declaration order, as form and model fields want them."""
        return [(member.value, member.label) for member in cls]

    @classmethod
    def label_of(cls, code: str) -> str:
        """Return the label of a stored code, or the code itself when it is not known any more."""
        return next((member.label for member in cls if member.value == code), code)
