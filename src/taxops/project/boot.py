"""Getting Django ready in a process that is not the web server."""

from __future__ import annotations

import os


def django_ready() -> None:
    """Load Django's settings and apps, once; cheap when it is already done.

    Raises:
        BadInput: the environment names something unusable (see `project.config`).
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "taxops.project.settings")
    import django  # heavy; only processes that need it pay
    from django.apps import apps

    if not apps.ready:
        django.setup()
