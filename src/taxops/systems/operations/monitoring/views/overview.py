"""The first screen (运行总览): what is wrong, what is mine, what is due next; and which items are covered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from taxops.engines.base import Scope
from taxops.systems.operations.monitoring import queries
from taxops.systems.operations.monitoring.items import all_items
from taxops.systems.operations.monitoring.words import Shown
from taxops.web.kit import Page
from taxops.web.kit.page import asks_partial

from . import badges


def board_context(scope: Scope, now: datetime) -> dict[str, Any]:
    """Return what is wrong now, for the overview's first half; a fixed number of queries."""
    systems, counts = queries.systems_and_counts(scope, now)
    down = [s for s in systems if s.shown == Shown.CRITICAL]
    outages = list(queries.open_outages(scope, now)[:30])
    return {
        "systems": [(system, badges.shown(system.shown)) for system in systems],
        "down": down,
        "counts": [
            (badges.shown(state), counts[state.value], state.value) for state in Shown if counts[state.value]
        ],
        "total": sum(counts.values()),
        "n_dark": sum(s.shown in badges.DARK for s in systems),
        "n_bad": counts[Shown.CRITICAL.value],
        "outages": outages,
        "system_outages": [o for o in outages if o.system_id],
        "check_outages": [o for o in outages if not o.system_id],
    }


class Overview(Page):
    """The overview of monitoring (运行总览)."""

    name = "monitoring-overview"
    path = "operations/"
    title = "运行总览"
    permission = "monitoring.view"
    template = "operations/monitoring/overview.html"
    live_topic = badges.LIVE

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return what the page shows."""
        alerts = queries.list_alerts(scope, now)
        windows = list(queries.windows_between(scope, now, now, now + timedelta(days=7))[:12])
        return {
            **board_context(scope, now),
            "topic": badges.LIVE,
            "open_alerts": list(alerts.filter(state="open", quiet=False)[:8]),
            "n_open": alerts.filter(state="open", quiet=False).count(),
            "mine": list(alerts.filter(state="acknowledged", acknowledged_by_id=scope.actor_id)[:6]),
            "to_decide": [
                w
                for w in windows
                if w.phase == "requested"
                and w.requested_by_id != scope.actor_id
                and scope.allows("monitoring.maintain", w.org.path)
            ],
            "coming": [
                (w, badges.phase(w.phase)) for w in windows if w.phase in {"requested", "due", "running"}
            ],
            "recoveries": queries.recent_recoveries(scope, now, limit=8),
            "may_run": scope.has("monitoring.run"),
        }

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer the page, or its living part when an event asks for it."""
        found = self.context(self.scope, self.now)
        part = asks_partial(request)
        return self.show("operations/monitoring/overview_body.html" if part else self.template, found)


class Coverage(Page):
    """Which systems have which items covered (监控内容覆盖). GX:67-109, JL:153-165."""

    name = "monitoring-coverage"
    path = "operations/coverage/"
    title = "监控内容覆盖"
    permission = "monitoring.view"
    template = "operations/monitoring/coverage.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return a row an item, with the systems that have it."""
        systems = list(queries.list_systems(scope, now))
        found = queries.coverage(scope)
        rows = [
            {
                "item": item,
                "cells": [(s, found[item.code][s.pk]) for s in systems if found.get(item.code, {}).get(s.pk)],
                "total": sum(found.get(item.code, {}).values()),
            }
            for item in all_items()
        ]
        return {
            "systems": systems,
            "rows": rows,
            "n_covered": sum(1 for row in rows if row["total"]),
            "may_edit": scope.has("monitoring.edit"),
        }


PAGES = [Overview, Coverage]
