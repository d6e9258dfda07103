"""What the first floor's pages plug in: each module beside this one is a room and says what it adds.

A room's module (`web/pages/<room>.py`) declares any of `PAGES`, `MENU`, `PERMISSIONS`, `JOB_MODULES`,
`LIVE_TOPICS`, `API_ROUTERS`, `HEALTH`, `GAUGES`; menu lines appear in the order of `ORDER`.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import taxops.web.pages as _here
from taxops.web.manifest import Manifest

ORDER = ("home", "notify", "assets", "jobs", "files", "identity", "audit", "frame", "kit")


def _rooms() -> list[Any]:
    names = [m.name for m in iter_modules(_here.__path__) if m.name != "manifest"]
    names.sort(key=lambda n: (ORDER.index(n) if n in ORDER else len(ORDER), n))
    return [import_module(f"{_here.__name__}.{name}") for name in names]


_ROOMS = _rooms()


def _all(what: str) -> list[Any]:
    return [item for room in _ROOMS for item in getattr(room, what, ())]


MANIFEST = Manifest(
    code="platform",
    title="平台管理",
    icon="settings",
    pages=_all("PAGES"),
    menu=_all("MENU"),
    permissions=_all("PERMISSIONS"),
    api_routers=_all("API_ROUTERS"),
    job_modules=_all("JOB_MODULES"),
    live_topics=_all("LIVE_TOPICS"),
    health=_all("HEALTH"),
    gauges=_all("GAUGES"),
)
