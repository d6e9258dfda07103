"""The ASGI entry point (服务入口)."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "taxops.project.settings")

from django.core.asgi import get_asgi_application

application = get_asgi_application()
