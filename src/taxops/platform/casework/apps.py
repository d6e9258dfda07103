"""Django's entry to this room."""

from __future__ import annotations

from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    """Casework (事项办理)."""

    name = "taxops.platform.casework"
    label = "casework"
