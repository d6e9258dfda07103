"""How near the end of a licence is (到期判定)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from taxops.engines.base import Choices

FIELDS = {"expires_on": "授权到期", "warranty_to": "保修到期"}
"""Attributes of assets that say when something ends."""
WARN_DAYS = 60
SHOWN_DAYS = 365
STEPS = (0, 7, 30, WARN_DAYS)
"""Days before the end at which somebody is told, nearest first."""
OVER = -1
"""The step of what is over."""
URGENT = 7
"""From this step on the bureau is told too, and louder."""


class Expiry(Choices):
    """How a date stands (到期状态), most urgent first."""

    OVER = "over", "已到期"
    SOON = "soon", "即将到期"
    FINE = "fine", "未到期"


@dataclass(frozen=True, slots=True)
class Ending:
    """One date of one asset (到期项); the last day still counts, as 届满 does (民法典 §1259)."""

    asset: int
    field: str
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
    return Ending(asset, field, FIELDS[field], day, left, state)


def step_of(left: int) -> int | None:
    """Return the step at which so many days before the end are told; None: not yet.

    >>> [step_of(n) for n in (61, 60, 31, 30, 7, 1, 0, -1, -400)]
    [None, 60, 60, 30, 7, 7, 0, -1, -1]
    """
    if left < 0:
        return OVER
    return next((step for step in STEPS if left <= step), None)


def receivers_of(step: int) -> tuple[str, ...]:
    """Return who is told at a step: the project manager; near the end the bureau, who renews, as well."""
    return ("role:ops_manager", "role:bureau_admin") if step <= URGENT else ("role:ops_manager",)


def reminder(items: Sequence[tuple[str, Ending]]) -> tuple[str, str, str]:
    """Return title, body and level of one notice about several dates (到期提醒), nearest first; thirty lines at most.

    Args:
        items: the asset's name and the date.
    """
    items = sorted(items, key=lambda item: (item[1].day, item[0]))
    over = sum(ending.left < 0 for _, ending in items)
    first, ending = items[0]
    what = f"{first} {ending.what}" + (f" 等 {len(items)} 项" if len(items) > 1 else "")
    title = f"{'已到期' if over else '即将到期'}：{what}"
    lines = [f"{name}：{one.what} {one.day:%Y-%m-%d}，{_left(one.left)}" for name, one in items[:30]]
    if len(items) > 30:
        lines.append(f"……另有 {len(items) - 30} 项。")
    return title[:200], "\n".join(lines), "warning" if min(one.left for _, one in items) <= URGENT else "info"


def _left(days: int) -> str:
    return f"已过期 {-days} 天" if days < 0 else "今天到期" if days == 0 else f"剩 {days} 天"
