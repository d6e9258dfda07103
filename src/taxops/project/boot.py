"""Getting Django ready in a process that is not the web server."""

from __future__ import annotations

import gc
import os


def django_ready() -> None:
    """Load Django's settings and apps, once; cheap when it is already done.

    What is loaded stays until the process ends. The collector is kept from walking through it: while loading, when
    that costs a quarter of the time and frees nothing, and at every full collection afterwards.

    Raises:
        BadInput: the environment names something unusable (see `project.config`).
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "taxops.project.settings")
    import django  # heavy; only processes that need it pay
    from django.apps import apps

    if apps.ready:
        return
    collecting = gc.isenabled()
    gc.disable()
    try:
        django.setup()
    finally:
        gc.freeze()
        if collecting:
            gc.enable()
