"""Django's entry to this room."""

from __future__ import annotations

from django.apps import AppConfig


class NotifyConfig(AppConfig):
    """Notices (通知): in-app, mail, webhook and robots, with one delivery log."""

    name = "taxops.platform.notify"
    label = "notify"

    def ready(self) -> None:
        """Let everyone listen to the notices told to himself."""
        from taxops.platform.live import topics

        topics.declare("notify.person.", topics.EVERYONE, own=True)
