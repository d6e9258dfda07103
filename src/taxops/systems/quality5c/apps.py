"""Django's entry to this system."""

from __future__ import annotations

from django.apps import AppConfig


class Quality5cConfig(AppConfig):
    """5C quality evaluation (税收征管质量5C监控评价)."""

    name = "taxops.systems.quality5c"
    label = "quality5c"
