"""Availability of all systems and of one (可用性). L01-L03."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import CHINA, BadInput, Scope
from taxops.systems.operations.availability import drawing, queries
from taxops.systems.operations.availability.rules import days_of, explain
from taxops.systems.operations.monitoring import queries as monitoring
from taxops.web.kit import Action, DetailPage, Fact, Page, State, Tab, Tone

from . import badges


def asked_year(text: str) -> int | None:
    """Return the year asked for in an address; None when none is.

    Raises:
        BadInput: it is not a year.
    """
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) == 4):
        raise BadInput("年度不正确。", "请按 2026 的样式填写。", field="year")
    return int(text)


class AvailabilityList(Page):
    """All systems against the contract's three rules (可用性)."""

    name = "availability"
    path = "operations/availability/"
    title = "可用性"
    permission = "monitoring.view"
    template = "operations/availability/list.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return every system's year, the worst first."""
        year = asked_year(self.request.GET.get("year", ""))
        lines = [badges.shown(standing) for standing in queries.standings(scope, now, year=year)]
        order = {Tone.BAD: 0, Tone.WARNING: 1}
        lines.sort(key=lambda line: (order.get(line.state.tone, 2), line.figures.budget_s))
        this = now.astimezone(CHINA).year
        return {
            "lines": lines,
            "year": year,
            "years": [this, this - 1, this - 2],
            "broken": sum(line.state.tone is Tone.BAD for line in lines),
            "thin": sum(not line.figures.coverage_ok for line in lines),
            "unagreed": sum(not line.standing.reckoning.term.is_agreed for line in lines),
            "pending": queries.pending_count(scope),
            "may_exclude": scope.has("availability.exclude"),
        }


def _reckoning(_scope: Scope, _now: datetime, thing: Any) -> Mapping[str, Any]:
    return {"lines": explain(thing.name, thing.standing.reckoning)}


def _overview(scope: Scope, _now: datetime, thing: Any) -> Mapping[str, Any]:
    reckoning = thing.standing.reckoning
    return {
        "strips": drawing.strips(reckoning),
        "reckoning": reckoning,
        "figures": reckoning.figures,
        "raw_s": reckoning.figures.downtime_s + reckoning.excluded_s,
        "may_exclude": scope.has("availability.exclude"),
        "system": thing,
    }


def _span(system: Any) -> str:
    first, last = days_of(system.shown.figures.year)
    return f"{first} 至 {last}"


class AvailabilityDetail(DetailPage):
    """One system's service year (系统可用性)."""

    name = "availability-system"
    path = "operations/availability/<int:pk>/"
    title = "系统可用性"
    permission = "monitoring.view"
    parent = "availability"
    template = "operations/availability/detail.html"
    facts = [
        Fact(name="span", label="服务年度", value=_span),
        Fact(name="availability", label="可用率", value=lambda s: s.shown.availability),
        Fact(name="coverage", label="监测覆盖率", value=lambda s: s.shown.coverage),
        Fact(name="budget", label="尚余额度", kind="duration", value=lambda s: s.shown.figures.budget_s),
        Fact(
            name="longest", label="最长连续", kind="duration", value=lambda s: s.shown.figures.longest.seconds
        ),
        Fact(
            name="contract",
            label="合同",
            value=lambda s: s.standing.reckoning.term.name or "尚未登记，按自然年",
        ),
        Fact(name="org", label="机构", kind="org"),
    ]
    actions = [
        Action(
            "申请剔除",
            page="exclusion-new",
            icon="calendar-minus",
            kwargs=lambda _s: {},
        ),
        Action("监控详情", page="monitoring-system", icon="sitemap"),
    ]
    tabs = [
        Tab(code="year", label="年度", template="operations/availability/year.html", context=_overview),
        Tab(
            code="lines", label="测算过程", template="operations/availability/lines.html", context=_reckoning
        ),
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the system with its year reckoned."""
        year = asked_year(self.request.GET.get("year", ""))
        system = monitoring.get_system(scope, now, kwargs["pk"])
        system.standing = queries.standing_of(scope, now, system.pk, year=year)  # type: ignore[attr-defined]  # for the page
        system.shown = badges.shown(system.standing)  # type: ignore[attr-defined]  # replaces its monitoring state
        return system

    def heading(self, thing: Any) -> str:
        """Return the system's name."""
        return str(thing.name)

    def state(self, thing: Any) -> State:
        """Return how the year stands."""
        found: State = thing.shown.state
        return found

    def subheading(self, thing: Any) -> str:
        """Return the verdict."""
        return str(thing.shown.conclusion)

    def context_of(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the three rules for the cards above the tabs."""
        first = thing.standing.reckoning.term.signed_on.year
        this = now.astimezone(CHINA).year
        year = asked_year(self.request.GET.get("year", ""))
        return {"shown": thing.shown, "years": range(this, max(first, this - 3) - 1, -1), "year": year}


PAGES: Sequence[type[Any]] = [AvailabilityList, AvailabilityDetail]
