"""The demonstration of checks that people carry out (演示人工检查): some answered, one due, one overdue."""

from __future__ import annotations

from datetime import datetime, timedelta

from taxops.engines.base import Scope
from taxops.platform.identity.models import Person
from taxops.platform.identity.services import scope_for
from taxops.systems.operations.monitoring.models import Check

from . import services
from .models import ManualAnswer

_NO_TAPE = "本周没有到期的磁带"
# check, hours ago (latest last), reading, word
_ANSWERS: tuple[tuple[str, tuple[float, ...], float | None, str], ...] = (
    ("city-2201-fire", (2.5,), None, ""),
    ("city-2201-round", (99, 75, 51, 27, 3), None, ""),
    ("city-2201-warmth", (38, 26, 14, 2), 22.5, ""),
    ("city-2202-round", (102, 78, 54, 30), None, "一号空调滤网已清洗"),
    ("city-2202-warmth", (34, 22, 11), 24.0, ""),
    ("city-2224-round", (94.5, 70.5, 46.5, 22.5), None, ""),
    ("city-2224-warmth", (31, 19, 7), 20.5, ""),
    ("city-2202-tape", (118,), None, _NO_TAPE),
    ("city-2224-tape", (117,), None, _NO_TAPE),
)
"""City 2202's round is overdue, city 2224's is near its end; readings rise by half a degree each time."""


def seed(scope: Scope, now: datetime) -> None:
    """Answer the duties of the demonstration's template as they would have been, once."""
    who = Person.objects.filter(username="engineer", is_active=True).first()
    actor = scope_for(who, now=now) if who is not None else scope
    checks = {
        c.code: c.pk for c in Check.objects.filter(code__in=[row[0] for row in _ANSWERS], archived_at=None)
    }
    if not checks or ManualAnswer.objects.filter(check_row__in=checks.values()).exists():
        return
    for code, ago, value, word in _ANSWERS:
        for number, hours in enumerate(ago if code in checks else ()):
            looked = now - timedelta(hours=hours)
            services.answer(
                actor,
                checks[code],
                now=looked + timedelta(minutes=4),
                answer="na" if word == _NO_TAPE else "ok",
                fact_at=looked,
                value=None if value is None else value + number / 2,
                note=word if number == len(ago) - 1 else "",
            )
