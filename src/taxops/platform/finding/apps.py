"""Django's entry to this room."""

from __future__ import annotations

from django.apps import AppConfig


class FindingConfig(AppConfig):
    """Finding (全文检索)."""

    name = "taxops.platform.finding"
    label = "finding"
