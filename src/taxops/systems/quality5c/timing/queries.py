"""What timed schemes can be asked (定时查询): what ran, and what runs next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from taxops.engines.base import CHINA, BadInput
from taxops.engines.indicators import Grain
from taxops.engines.worktime import levy_last_day, shipped_legal_days
from taxops.systems.quality5c.modelling.models import SchemeTemplate
from taxops.systems.quality5c.modelling.words import Timing

from .models import TimedRun
from .rules import Due, newest_due, next_due

USUAL = 15
"""The last day of a levy period in a year whose holidays are not known yet."""


def last_day(year: int, month: int) -> date:
    """Return the last day of a month's levy period; the fifteenth for a year whose holidays are not published yet."""
    try:
        return levy_last_day(year, month, shipped_legal_days())
    except BadInput:
        return date(year, month, USUAL)


def runs() -> QuerySet[TimedRun]:
    """Return the timed runs without what they computed; they belong to the province."""
    return TimedRun.objects.select_related("template", "scheme").defer("result", "scheme__frozen")


def find_run(pk: int) -> TimedRun | None:
    """Return one timed run."""
    return TimedRun.objects.select_related("template", "scheme").filter(pk=pk).first()


def timed_templates() -> list[SchemeTemplate]:
    """Return the templates in use that run by themselves."""
    found = SchemeTemplate.objects.filter(is_active=True).exclude(timing=Timing.OFF).select_related("model")
    return list(found.order_by("code"))


def find_timed(pk: int) -> SchemeTemplate | None:
    """Return one template that runs by itself."""
    return next((t for t in timed_templates() if t.pk == pk), None)


def due_of(template: SchemeTemplate, now: datetime) -> Due:
    """Return the newest period of a template whose data count now."""
    return newest_due(now.astimezone(CHINA).date(), Grain(template.grain), template.lag_days, last_day)


@dataclass(frozen=True, slots=True)
class Planned:
    """A template that runs by itself (定时计划): what is next, what was last, and whether something is left undone."""

    template: SchemeTemplate
    next: Due
    last: TimedRun | None
    overdue: str


def plan(now: datetime) -> list[Planned]:
    """Return every template that runs by itself with its next and its last run; two queries."""
    templates, today = timed_templates(), now.astimezone(CHINA).date()
    last: dict[int, TimedRun] = {}
    done = set()
    for run in runs().filter(template__in=templates).order_by("-at"):
        last.setdefault(run.template_id, run)
        if run.state == "done":
            done.add((run.template_id, run.period, run.timing))
    found = []
    for t in templates:
        due = str(due_of(t, now).period)
        overdue = "" if (t.pk, due, t.timing) in done else due
        found.append(
            Planned(t, next_due(today, Grain(t.grain), t.lag_days, last_day), last.get(t.pk), overdue)
        )
    return found
