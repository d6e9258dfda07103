"""Django's entry to this room."""

from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The trail (审计日志): one append-only, SM3-chained log of who did what."""

    name = "taxops.platform.audit"
    label = "audit"
