"""Django's entry to this room."""

from __future__ import annotations

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Operations (运维服务)."""

    name = "taxops.systems.operations"
    label = "operations"

    def ready(self) -> None:
        """Register the case types; let the roster say who is on duty and what important periods do to calendars."""
        from .cases import wiring

        wiring.wire()

        from taxops.systems.operations import duty
        from taxops.systems.operations.roster.queries import areas_of, on_duty

        duty.answer_with(on_duty, areas_of)
        from taxops.platform.casework import registry
        from taxops.systems.operations.roster.calendars import calendars_of

        registry.use_calendars(calendars_of)
        from taxops.systems.operations.desk.wiring import wire as wire_desk

        wire_desk()
