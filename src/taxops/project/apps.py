"""The composition root as a Django app: reads every manifest once, at start."""

from __future__ import annotations

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """Registers what the rooms plug in, when Django is ready."""

    name = "taxops.project"
    label = "project"

    def ready(self) -> None:
        """Read the manifests of the first floor's pages and of every system."""
        from . import assemble  # models must be loaded first

        assemble.assemble()
