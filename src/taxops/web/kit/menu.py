"""The left-hand menu (菜单): filled from manifests at start, filtered by what the reader may see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from taxops.engines.base import Scope
from taxops.web.manifest import Manifest, MenuItem

from . import registry


@dataclass(frozen=True, slots=True)
class Link:
    """A menu line as shown (菜单项)."""

    label: str
    url: str
    icon: str = ""
    current: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A system, or a section of one, in the menu (系统) with the lines this reader may open."""

    code: str
    title: str
    icon: str
    links: list[Link] = field(default_factory=list)
    current: bool = False
    open: bool = True


SHORT = 16
"""A menu of more lines shows only the first group and the open page's; the reader unfolds the others."""

_groups: dict[str, Manifest] = {}
_group_of_page: dict[str, str] = {}


def declare(manifest: Manifest) -> None:
    """Take a system's menu in; called once per manifest by `project.assemble`, idempotent."""
    _groups[manifest.code] = manifest
    for page in manifest.pages:
        _group_of_page[page.name] = manifest.code


def group_of(page_name: str) -> Manifest | None:
    """Return the system that a page belongs to."""
    return _groups.get(_group_of_page.get(page_name, ""))


def for_scope(scope: Scope, current: str = "") -> list[Group]:
    """Return the systems and lines that this reader may open, those of their duty first.

    `current` is the name of the open page.
    """
    in_menu = {item.page for manifest in _groups.values() for item in manifest.menu}
    here = next((name for name in _trail(current, registry.pages) if name in in_menu), "")
    shown: list[Group] = []
    for manifest in sorted(_groups.values(), key=lambda one: not (one.duty and scope.has(one.duty))):
        for code, title, icon, items in _parts(manifest):
            links = [
                Link(item.label, url, item.icon, item.page == here)
                for item in items
                if _may(item, scope) and (url := url_or_nothing(item.page))
            ]
            if links:
                shown.append(Group(code, title, icon, links, any(link.current for link in links)))
    if sum(len(group.links) for group in shown) <= SHORT:
        return shown
    return [replace(group, open=group.current or place == 0) for place, group in enumerate(shown)]


def _parts(manifest: Manifest) -> Iterator[tuple[str, str, str, list[MenuItem]]]:
    """Yield code, title, icon and lines of a system's own group and of its sections."""
    by_page = {item.page: item for item in manifest.menu}
    named = {page for section in manifest.sections for page in section.pages}
    yield manifest.code, manifest.title, manifest.icon, [i for i in manifest.menu if i.page not in named]
    for section in manifest.sections:
        lines = [by_page[page] for page in section.pages if page in by_page]
        yield f"{manifest.code}-{section.code}", section.title, section.icon, lines


def links(items: Iterable[MenuItem], scope: Scope) -> list[Link]:
    """Return those of `items` that this reader may open."""
    return [
        Link(item.label, url, item.icon)
        for item in items
        if _may(item, scope) and (url := url_or_nothing(item.page))
    ]


def _trail(name: str, known: Mapping[str, type]) -> list[str]:
    """Return the open page and those above it; the menu marks the nearest that it holds."""
    trail: list[str] = []
    while name and name not in trail:
        trail.append(name)
        name = getattr(known.get(name), "parent", "")
    return trail


def _may(item: MenuItem, scope: Scope) -> bool:
    page = registry.pages.get(item.page)
    if page is not None and page.demo_only and not settings.CONFIG.demo:
        return False
    return item.permission is None or scope.has(item.permission)


def url_or_nothing(page: str) -> str:
    """Return the address of a page without arguments; empty when there is no such page."""
    try:
        return reverse(page)
    except NoReverseMatch:
        return ""
