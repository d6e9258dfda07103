"""What a store of live events can do, whatever it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from taxops.platform.live.rules import Event


@dataclass(frozen=True, slots=True)
class Draft:
    """An event that has no id yet."""

    topic: str
    path: str
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Events read from a store, in order; up to `floor` the store may have forgotten some."""

    events: tuple[Event, ...]
    floor: int


class Store(Protocol):
    """A short, ordered, shared memory of events; ids grow in the order in which readers can see them."""

    def append(self, drafts: Sequence[Draft]) -> None:
        """Keep new events, and now and then forget old ones.

        Raises:
            Unavailable: the store does not answer.
        """

    def position(self) -> int:
        """Return the id of the newest event; 0 when there never was one.

        Raises:
            Unavailable: the store does not answer.
        """

    def after(self, cursor: int, limit: int) -> Batch:
        """Return up to `limit` events younger than `cursor`.

        Raises:
            Unavailable: the store does not answer.
        """

    def wait(self, cursor: int, timeout: float) -> None:
        """Return when there may be something after `cursor`, or when the time is over.

        Raises:
            Unavailable: the store does not answer.
        """

    def wake(self) -> None:
        """End a `wait` of this process early."""

    def close(self) -> None:
        """Give back this thread's connection."""
