"""Django's entry to this room."""

from __future__ import annotations

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Background work (后台作业): leases, retries, schedules, progress."""

    name = "taxops.platform.jobs"
    label = "jobs"
