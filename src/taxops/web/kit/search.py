"""Global search (全局搜索, Ctrl K): each room registers a provider; one box asks them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from taxops.engines.base import Registry, Scope

from . import menu

LIMIT = 5


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found (搜索结果)."""

    title: str
    url: str
    note: str = ""
    icon: str = ""


Find = Callable[[Scope, str, datetime], Sequence[Hit]]
"""Looks a text up within the scope and returns at most five hits."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A room's part of the search (搜索来源): asked only when the reader holds `permission`."""

    label: str
    find: Find
    permission: str | None = None
    icon: str = ""


providers: Registry[Provider] = Registry("搜索来源")


def look_up(scope: Scope, text: str, now: datetime) -> list[tuple[Provider, list[Hit]]]:
    """Return what every provider finds, empty ones left out; pages first."""
    text = text.strip().replace("\x00", "")[:100]
    if not text:
        return []
    found = [(_PAGES, _pages(scope, text))]
    for name in providers:
        provider = providers.get(name)
        if provider.permission is None or scope.has(provider.permission):
            found.append((provider, list(provider.find(scope, text, now))[:LIMIT]))
    return [(provider, hits) for provider, hits in found if hits]


def _pages(scope: Scope, text: str, now: datetime | None = None) -> list[Hit]:  # noqa: ARG001 - one shape for all
    low = text.lower()
    return [
        Hit(link.label, link.url, group.title, link.icon or group.icon)
        for group in menu.for_scope(scope)
        for link in group.links
        if low in link.label.lower() or low in group.title.lower()
    ][:LIMIT]


_PAGES = Provider("页面", _pages, icon="layout-list")
