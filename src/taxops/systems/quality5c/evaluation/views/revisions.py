"""Published figures beside what late data say (修订对照)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.systems.quality5c.definitions.queries import list_indicators, may_for_province
from taxops.systems.quality5c.definitions.showing import value_words
from taxops.systems.quality5c.evaluation import queries, trying
from taxops.systems.quality5c.evaluation.words import SchemeState
from taxops.systems.quality5c.revisions import queries as causes

from .schemes import OfScheme

SHOWN = 500
"""Revisions on the page."""


class Revisions(OfScheme):
    """What became of a published scheme's figures since (修订对照); its scores stay as they were published."""

    name = "q5c-revisions"
    path = "quality5c/revisions/"
    title = "修订对照"
    permission = queries.VIEW
    parent = "q5c-ratings"
    template = "quality5c/revisions.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return the revisions within the scope; to those who keep the schemes, what they would do to grades."""
        if self.scheme is None:
            return {"scheme": None}
        found = queries.revisions(scope, self.scheme)
        named = {i.code: i for i in list_indicators()}
        units = queries.names_of(scope, [r.unit for r in found])
        late = causes.since(
            scope, self.scheme.period, self.scheme.evaluated_at, {r.unit for r in found[:SHOWN]}
        )
        rows = []
        for r in found[:SHOWN]:
            unit = named[r.code].unit if r.code in named else "number"
            words = [value_words(v, unit) for v in (r.frozen.value, r.fresh.value, r.moved)]
            told = late.get((r.unit, r.code), [])
            why = [(one.pk, c) for one in reversed(told) for c in causes.cause_words(one.causes)]
            rows.append(
                (units.get(r.unit), named.get(r.code), r, words, why[:3], told[-1].pk if told else None)
            )
        keeps = any(may_for_province(scope, p) for p in (queries.EDIT, queries.REVIEW))
        effect = trying.with_revisions(self.scheme)["summary"] if found and keeps else None
        return {"scheme": self.scheme, "published": self.scheme.state == SchemeState.PUBLISHED, "rows": rows,
                "more": max(0, len(found) - SHOWN), "effect": effect}  # fmt: skip


PAGES: Sequence[type[Any]] = [Revisions]
