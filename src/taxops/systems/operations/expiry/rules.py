"""How near the end of a licence is (到期判定)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from taxops.engines.base import Choices

FIELDS = {"expires_on": "授权到期", "warranty_to": "保修到期"}
"""Attributes of assets that say when something ends."""
WARN_DAYS = 60
SHOWN_DAYS = 365


class Expiry(Choices):
    """How a date stands (到期状态), most urgent first."""

    OVER = "over", "已到期"
    SOON = "soon", "即将到期"
    FINE = "fine", "未到期"


@dataclass(frozen=True, slots=True)
class Ending:
    """One date of one asset (到期项); the last day still counts, as 届满 does (民法典 §1259)."""

    asset: int
    what: str
    day: date
    left: int
    state: Expiry


def ending(asset: int, field: str, value: object, today: date) -> Ending | None:
    """Return how a date stands; None when it is none.

    >>> ending(1, "expires_on", "2026-06-30", date(2026, 6, 30)).state.label
    '即将到期'
    """
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        return None
    left = (day - today) // timedelta(days=1)
    state = Expiry.OVER if left < 0 else Expiry.SOON if left <= WARN_DAYS else Expiry.FINE
    return Ending(asset, FIELDS[field], day, left, state)
