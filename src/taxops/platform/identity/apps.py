"""Django's entry to this room."""

from __future__ import annotations

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Who may do what where (身份与权限): organisations, people, roles, sessions, tokens."""

    name = "taxops.platform.identity"
    label = "identity"
