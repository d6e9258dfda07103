"""Telling open pages that alerts changed (页面推送)."""

from __future__ import annotations

from taxops.platform.live import services as live

TOPIC = "monitoring.changes"
"""The topic of the whole watch: whoever looks at monitoring looks at its alerts."""


def tell_pages(what: str, *, scope_path: str = "") -> None:
    """Let pages that show alerts know, after the commit, that `what` changed; they ask again for what is theirs."""
    live.publish(f"{TOPIC}@{scope_path}" if scope_path else TOPIC, {"what": what}, key=what)
