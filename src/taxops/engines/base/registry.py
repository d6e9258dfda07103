"""A write-once registry (注册表) with errors that name what is known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from .errors import NotFound

T = TypeVar("T")


class Registry(Generic[T]):
    """Named things of one sort, filled at import time, read ever after.

    Args:
        noun: the Chinese word for the sort, used in messages (for example 检查类型).
    """

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self._items: dict[str, T] = {}

    def add(self, name: str, item: T) -> T:
        """Register `item` under `name` and return it.

        Raises:
            ValueError: the name is taken by something else.
        """
        if self._items.get(name, item) is not item:
            raise ValueError(f"{self.noun} {name} is registered twice")
        self._items[name] = item
        return item

    def get(self, name: str) -> T:
        """Return what is registered under `name`.

        Raises:
            NotFound: nothing is; the message lists what there is.
        """
        try:
            return self._items[name]
        except KeyError:
            known = "、".join(sorted(self._items)) or "（无）"
            raise NotFound(f"没有名为「{name}」的{self.noun}。", f"可用的有：{known}。") from None

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def items(self) -> list[tuple[str, T]]:
        """Return all `(name, item)` pairs in the order of registration."""
        return list(self._items.items())
