"""The ASGI entry point (服务入口)."""

from __future__ import annotations

from django.core.asgi import get_asgi_application

from taxops.project.boot import django_ready

django_ready()
application = get_asgi_application()
