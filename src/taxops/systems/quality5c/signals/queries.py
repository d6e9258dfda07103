"""What signals can be asked (预警查询), only within the asker's scope."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Count, Q, QuerySet

from taxops.engines.base import Scope
from taxops.engines.indicators import Period
from taxops.platform.identity.queries import within
from taxops.systems.quality5c.definitions import queries as indicators
from taxops.systems.quality5c.definitions.models import IndicatorResult
from taxops.systems.quality5c.definitions.rules import Figure

from .models import Signal, SignalRule
from .words import SignalState

VIEW = "quality5c.view"
EDIT = "quality5c.edit"
ANSWER = "quality5c.answer"


def signals(scope: Scope) -> QuerySet[Signal]:
    """Return the signals of the units within the scope."""
    return Signal.objects.filter(within(scope, VIEW)).select_related("org", "rule")


def find(scope: Scope, pk: int) -> Signal | None:
    """Return one signal."""
    return signals(scope).filter(pk=pk).first()


def list_rules() -> QuerySet[SignalRule]:
    """Return all rules with how many of their signals wait (`n_open`); they belong to the province."""
    waiting = Q(signals__state__in=[SignalState.OPEN, SignalState.ANSWERED])
    return SignalRule.objects.annotate(n_open=Count("signals", filter=waiting))


def find_rule(pk: int) -> SignalRule | None:
    """Return one rule."""
    return list_rules().filter(pk=pk).first()


def figure_of(scope: Scope, signal: Signal) -> IndicatorResult | None:
    """Return the figure as it is stored now, to follow it down to the records."""
    rows = indicators.results(scope).filter(code=signal.code, period=signal.period, org=signal.org_id)
    return rows.order_by("source", "-version").first()


def compared(rule: SignalRule, period: str, version: int) -> tuple[dict[int, Figure], dict[int, Figure]]:
    """Return unit → figure of a rule's level, for a period and the one before."""
    units = list(indicators.units_of(rule.level).values_list("pk", flat=True))
    both = []
    for when in (period, str(Period.parse(period).back(1))):
        found = indicators.figures(when, units, {rule.code: version})
        both.append({org: figure for (org, _), figure in found.items()})
    return both[0], both[1]


def waiting(scope: Scope, today: date) -> tuple[int, int]:
    """Return how many signals of the scope wait for an answer, and how many of them too long."""
    rows = signals(scope).filter(state=SignalState.OPEN)
    return rows.count(), rows.filter(due_on__lt=today).count()


def newest_periods(codes: Iterable[str], last: int = 2) -> list[str]:
    """Return the newest periods with figures of some indicators, oldest first."""
    rows = IndicatorResult.objects.filter(code__in=list(codes)).order_by("-period")
    return sorted(rows.values_list("period", flat=True).distinct()[:last])
