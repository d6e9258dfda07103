"""Working calendars with the important periods of an organisation (重要时期的时限日历): what clocks run on. GX:437."""

from __future__ import annotations

from collections.abc import Callable

from taxops.engines.base import CHINA
from taxops.engines.worktime import WorkCalendar

from . import rules
from .models import DutyPeriod


def _specials(path: str) -> list[rules.Special]:
    """Return the periods of an organisation and of those above it; one query."""
    codes = [code for code in path.split("/") if code]
    above = ["/".join(codes[: n + 1]) + "/" for n in range(len(codes))]
    rows = DutyPeriod.objects.filter(org__path__in=above).order_by("first_on", "pk")
    return [
        rules.Special(
            row.first_on,
            row.last_on,
            row.hours,
            row.entered_at.astimezone(CHINA).date(),
            row.cancelled_at.astimezone(CHINA).date() if row.cancelled_at is not None else None,
        )
        for row in rows
    ]


def calendars_of(path: str) -> Callable[[str], WorkCalendar]:
    """Return the calendars of an organisation by name; the periods are read once, when a calendar needs them."""
    known: list[list[rules.Special]] = []

    def find(name: str) -> WorkCalendar:
        if name in rules.LENGTHENED and not known:
            known.append(_specials(path))
        return rules.lengthened(name, known[0] if known else ())

    return find
