"""What a change of an indicator touches (影响清单): rooms above say what uses it, this room only asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

_askers: list[Callable[[str], Sequence[Any]]] = []


def asks(answer: Callable[[str], Sequence[Any]]) -> None:
    """Let a room above answer which of its things use an indicator; declaring it twice changes nothing."""
    if answer not in _askers:
        _askers.append(answer)


def uses_of(code: str) -> list[Any]:
    """Return everything that says it uses the indicator."""
    return [thing for answer in _askers for thing in answer(code)]
