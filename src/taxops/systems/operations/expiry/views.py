"""The page of what runs out (授权与保修到期)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.web.kit import Page, State, Tone
from taxops.web.manifest import MenuItem

from . import queries, rules

TONES = {rules.Expiry.OVER: Tone.BAD, rules.Expiry.SOON: Tone.WARNING, rules.Expiry.FINE: Tone.GOOD}


class ExpiryList(Page):
    """Licences and warranties by the day on which they end (授权与保修到期)."""

    name = "expiry"
    path = "operations/expiry/"
    title = "授权与保修到期"
    permission = "monitoring.view"
    template = "operations/expiry/list.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return the dates, nearest first."""
        rows = queries.with_reminders(queries.endings(scope, now))
        return {
            "rows": [(row, State(row.ending.state.label, TONES[row.ending.state])) for row in rows[:500]],
            "counts": [
                (State(s.label, TONES[s]), sum(row.ending.state is s for row in rows)) for s in rules.Expiry
            ],
            "warn_days": rules.WARN_DAYS,
            "steps": "、".join(str(step) for step in reversed(rules.STEPS) if step),
            "may_open": scope.has("assets.view"),
        }


PAGES: Sequence[type[Any]] = [ExpiryList]
MENU = [MenuItem("授权与保修到期", "expiry", "monitoring.view", "certificate")]
