"""Django's entry to this room."""

from __future__ import annotations

from django.apps import AppConfig


class FilesConfig(AppConfig):
    """Stored files (文件): bytes with a hash, a purpose and a scope."""

    name = "taxops.platform.files"
    label = "files"
