"""Django's entry to this room."""

from __future__ import annotations

from django.apps import AppConfig


class LiveConfig(AppConfig):
    """Live events (实时推送): what changed, told to open pages by SSE."""

    name = "taxops.platform.live"
    label = "live"
