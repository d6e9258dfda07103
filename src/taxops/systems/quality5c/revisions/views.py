"""Pages of revisions (指标修订): what changed a figure, down to the records of the batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.systems.quality5c.definitions import computing
from taxops.systems.quality5c.definitions import queries as figures
from taxops.systems.quality5c.definitions.showing import value_words
from taxops.web.kit import DetailPage, Fact, Tab

from . import queries, services

DRILL = "quality5c.drill"


def _words(which: str) -> Any:
    def said(thing: Any) -> str:
        found = figures.find_code(thing.code)
        num, den, value = (getattr(thing, f"{which}_{part}") for part in ("num", "den", "value"))
        shown = value_words(value, found.unit if found else "number")
        return f"{shown}（{num:g} ÷ {den:g}）" if num is not None and den is not None else shown

    return said


def _causes(_scope: Scope, _now: datetime, thing: Any) -> Mapping[str, Any]:
    return {"causes": queries.cause_words(thing.causes)}


def _records(scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
    scope.require(DRILL, thing.org.path)
    found = queries.causes_of(thing, computing.folder())
    services.note_look(scope, thing, sum(len(c.rows) for c in found), now=now)
    return {"causes": found}


class Revision(DetailPage):
    """One revision (指标修订): the figure before and after, and the load that changed it."""

    name = "q5c-revision"
    path = "quality5c/figure-revisions/<int:pk>/"
    title = "指标修订"
    permission = queries.VIEW
    parent = "q5c-revisions"
    template = "quality5c/detail.html"
    facts = [
        Fact(name="org", label="单位", kind="org"),
        Fact(name="period", label="统计期"),
        Fact(name="old", label="原值", value=_words("old")),
        Fact(name="new", label="修订值", value=_words("new")),
        Fact(name="at", label="重算时间", kind="datetime"),
        Fact(name="version", label="定义版本"),
    ]
    tabs = [
        Tab(code="causes", label="原因", template="quality5c/revision_causes.html", context=_causes),
        Tab(code="records", label="批次中的记录", template="quality5c/revision_records.html", context=_records,
            permission=DRILL),
    ]  # fmt: skip

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the revision, within the scope."""
        return queries.find(scope, kwargs["pk"])

    def heading(self, thing: Any) -> str:
        """Return the indicator."""
        found = figures.find_code(thing.code)
        return f"{thing.code} {found.name if found else ''} 的修订"


PAGES: Sequence[type[Any]] = [Revision]
