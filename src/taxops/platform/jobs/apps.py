"""Django's entry to this room."""

from __future__ import annotations

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Background work (后台作业): leases, retries, schedules, progress."""

    name = "taxops.platform.jobs"
    label = "jobs"

    def ready(self) -> None:
        """Declare the topic of progress and the upkeep jobs of this room and of those beneath."""
        from taxops.platform.live import topics

        from . import upkeep  # noqa: F401 - importing declares the jobs

        topics.declare("jobs.", topics.EVERYONE)  # a run's id cannot be guessed; knowing it is enough
