"""Django's entry to this room."""

from __future__ import annotations

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Operations (运维服务)."""

    name = "taxops.systems.operations"
    label = "operations"

    def ready(self) -> None:
        """Register the case types."""
        from .cases import wiring

        wiring.wire()
