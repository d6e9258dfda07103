"""Telling open pages that something changed (页面推送)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taxops.platform.live import services as live

TOPIC = "monitoring.changes"


def tell_pages(what: str, *, scope_path: str = "", payload: Mapping[str, Any] | None = None) -> None:
    """Let pages that show monitoring know, after the commit, that `what` changed.

    What is sent names no system: a page that hears it asks again for what its reader may see.

    Args:
        scope_path: organisation whose watchers are told; empty: all.
    """
    topic = f"{TOPIC}@{scope_path}" if scope_path else TOPIC
    live.publish(topic, {"what": what, **(payload or {})}, key=what)
