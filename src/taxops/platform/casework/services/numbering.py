"""Numbers of cases (编号): prefix, day, running number; two who open at once never get the same."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from taxops.engines.base import CHINA
from taxops.platform.casework import rules
from taxops.platform.casework.models import CaseCounter


def next_number(prefix: str, at: datetime) -> str:
    """Return the next number of a prefix on the day of `at` in China; call it inside the transaction."""
    day = at.astimezone(CHINA).strftime("%Y%m%d")
    key = f"{prefix}{day}"
    while not CaseCounter.objects.filter(key=key).update(last=F("last") + 1):
        try:
            with transaction.atomic():
                CaseCounter.objects.create(key=key, last=0)
        except IntegrityError:
            pass  # somebody else opened the day's first case a moment ago
    return rules.number_of(prefix, day, CaseCounter.objects.get(key=key).last)
