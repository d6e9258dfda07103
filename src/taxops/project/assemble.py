"""Reads the manifests (插件清单) and hands each part to the room that keeps it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from taxops.web.manifest import Manifest

SYSTEMS = (  # in menu order: people's own work first, the platform's administration last
    "taxops.systems.operations.manifest",
    "taxops.systems.quality5c.manifest",
    "taxops.web.pages.manifest",
    "taxops.project.pages.manifest",
)


def manifests() -> list[Manifest]:
    """Return every manifest, in menu order."""
    return [import_module(name).MANIFEST for name in SYSTEMS]


def assemble() -> None:
    """Declare permissions, live topics, jobs and pages of all manifests; idempotent."""
    from taxops.platform.identity import permissions
    from taxops.platform.live import topics
    from taxops.web.kit import menu

    from . import notices

    for manifest in manifests():
        for permission in manifest.permissions:
            permissions.declare(permission.code, permission.label, permission.group)
        for prefix, needed in manifest.live_topics:
            topics.declare(prefix, needed)
        menu.declare(manifest)
        for module in manifest.job_modules:
            import_module(module)
        if "takes_runner" in manifest.extra:  # rooms that try checks do it with the prober's drivers
            from taxops.project.prober.once import run_once

            manifest.extra["takes_runner"](run_once)
    notices.wire()
