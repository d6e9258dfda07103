"""Django's entry to this room."""

from __future__ import annotations

from django.apps import AppConfig


class AssetsConfig(AppConfig):
    """Assets (资产): anything operated, typed by a schema, with relations and QR codes."""

    name = "taxops.platform.assets"
    label = "assets"
