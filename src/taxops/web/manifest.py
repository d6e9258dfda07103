"""What a system plugs in (插件清单): pages, menu, permissions, API, jobs, live topics, demo data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Health = Callable[[datetime], Mapping[str, object]]
"""Says how a part is doing: at least `{"status": "ok" | "degraded" | "down", "detail": Chinese text}`."""

Gauges = Callable[[datetime], Iterable[tuple[str, str, Mapping[str, str], float]]]
"""Yields `(metric name, help, labels, value)` for `/metrics`."""


@dataclass(frozen=True, slots=True)
class Permission:
    """A permission (权限): a code that pages and services ask for, and its Chinese name."""

    code: str
    label: str
    group: str


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A line of the menu (菜单项): shown to those who hold `permission` (None: everyone logged in)."""

    label: str
    page: str
    permission: str | None = None
    icon: str = ""


@dataclass(frozen=True, slots=True)
class MenuSection:
    """A part of a long menu (菜单分组): the named pages, in this order, under a title of their own."""

    code: str
    title: str
    icon: str
    pages: Sequence[str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything one system adds to the platform; read by `project.assemble` alone.

    Args:
        code: the system's name in addresses and in docs.
        title: its Chinese name.
        icon: name of a Tabler icon shown beside it.
        pages: page classes of the web kit.
        menu: lines of the left-hand menu, in order.
        sections: parts of a long menu; lines that none of them names stay under the system's own title.
        duty: the permission of those whose daily work lies here; their menu and their day begin with this system.
        permissions: what may be granted to roles.
        api_routers: `(prefix, router)` pairs mounted under `/api/v1/`.
        job_modules: modules whose import registers background jobs.
        live_topics: `(topic prefix, permission)` pairs that pages may listen to.
        health: `(part, function)` pairs asked by `/healthz`.
        gauges: functions asked by `/metrics`.
        demo: module with `seed(scope, now)` that fills a demonstration.
    """

    code: str
    title: str
    icon: str = ""
    pages: Sequence[type[Any]] = ()
    menu: Sequence[MenuItem] = ()
    sections: Sequence[MenuSection] = ()
    duty: str = ""
    permissions: Sequence[Permission] = ()
    api_routers: Sequence[tuple[str, Any]] = ()
    job_modules: Sequence[str] = ()
    live_topics: Sequence[tuple[str, str]] = ()
    health: Sequence[tuple[str, Health]] = ()
    gauges: Sequence[Gauges] = ()
    demo: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
