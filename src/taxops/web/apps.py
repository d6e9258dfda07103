"""Django's entry to this room."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The web kit (界面组件): pages by declaration, components, static files."""

    name = "taxops.web"
    label = "web"
