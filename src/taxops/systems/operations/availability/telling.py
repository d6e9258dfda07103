"""Whom a change of exclusions concerns (剔除变更): reports listen, without this room knowing them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from taxops.engines.base import Interval

Listener = Callable[[Interval, datetime], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Have `listener(interval, now)` called in the transaction in which an exclusion came or went."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell(interval: Interval, now: datetime) -> None:
    """Tell that what counts within the interval has changed."""
    for listener in _listeners:
        listener(interval, now)
