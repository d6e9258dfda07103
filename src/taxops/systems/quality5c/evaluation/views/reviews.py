"""What waits for a second person (待复核): versions of indicators and models, schemes to publish, proposals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.systems.quality5c.definitions import queries as indicators
from taxops.systems.quality5c.evaluation import queries
from taxops.systems.quality5c.modelling import queries as models
from taxops.systems.quality5c.proposals import queries as proposals
from taxops.web.kit import Page


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits (待办): what, by whom, where to look, and how to decide; empty when it is one's own."""

    what: str
    name: str
    author: str
    since: datetime
    note: str
    look: str
    approve: str
    send_back: str = ""
    own: bool = False


class Reviews(Page):
    """What waits for review or publication (待复核)."""

    name = "q5c-reviews"
    path = "quality5c/reviews/"
    title = "待复核"
    permission = queries.VIEW
    template = "quality5c/reviews.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return what waits, the longest waiting first; nobody decides on his own work."""
        me, may = scope.actor_id, indicators.may_for_province(scope, queries.REVIEW)
        found = [
            Waiting(
                "指标", str(v), v.author_name, v.created_at, v.note,
                self.url("q5c-indicator", pk=v.indicator_id) + "?tab=versions",
                self.url("q5c-indicator-publish", pk=v.pk), self.url("q5c-indicator-return", pk=v.pk),
                own=v.author_id is not None and v.author_id == me,
            )
            for v in indicators.waiting()
        ] + [
            Waiting(
                "模型", str(v), v.author_name, v.created_at, v.note,
                self.url("q5c-model", pk=v.model_id) + "?tab=versions",
                self.url("q5c-model-publish", pk=v.pk), self.url("q5c-model-return", pk=v.pk),
                own=v.author_id is not None and v.author_id == me,
            )
            for v in models.waiting()
        ]  # fmt: skip
        found += [
            Waiting(
                "方案", s.name, s.made_by, s.evaluated_at or s.made_at, "已计算，待发布",
                f"{self.url('q5c-ratings')}?scheme={s.pk}", self.url("q5c-scheme-publish", pk=s.pk),
                own=s.made_by_id is not None and s.made_by_id == me,
            )
            for s in (queries.unpublished() if may or scope.has(queries.EDIT) else ())
        ]  # fmt: skip
        found += [
            Waiting(
                "提议", str(p), f"{p.org.short_name or p.org.name} {p.author_name}", p.submitted_at or p.made_at,
                p.reason, self.url("q5c-proposal", pk=p.pk), self.url("q5c-proposal-adopt", pk=p.pk),
                self.url("q5c-proposal-return", pk=p.pk), own=p.author_id is not None and p.author_id == me,
            )
            for p in (proposals.waiting(scope) if may or scope.has(queries.EDIT) else ())
        ]  # fmt: skip
        return {"rows": sorted(found, key=lambda w: w.since), "may": may}


PAGES: Sequence[type[Any]] = [Reviews]
