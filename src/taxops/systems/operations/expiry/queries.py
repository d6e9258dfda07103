"""What runs out within the scope (到期清单); one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from taxops.engines.base import CHINA, Scope
from taxops.platform.assets.queries import list_assets

from . import rules
from .models import ExpiryReminder

VIEW = "monitoring.view"


@dataclass(frozen=True, slots=True)
class Row:
    """One date and its asset (到期行)."""

    asset: Any
    ending: rules.Ending
    told_at: datetime | None = None


def endings(scope: Scope, now: datetime) -> list[Row]:
    """Return the dates of assets in use that lie within a year or are past, nearest first."""
    today = now.astimezone(CHINA).date()
    dated = Q()
    for name in rules.FIELDS:
        dated |= Q(**{f"attributes__{name}__isnull": False})
    found = [
        Row(asset, one)
        for asset in list_assets(scope, VIEW).filter(dated).exclude(state="retired")
        for name in rules.FIELDS
        if (one := rules.ending(asset.pk, name, asset.attributes.get(name), today)) is not None
        and one.left <= rules.SHOWN_DAYS
    ]
    return sorted(found, key=lambda row: (row.ending.day, row.asset.code))


def with_reminders(rows: list[Row]) -> list[Row]:
    """Return the rows with when each was told last; one query."""
    told: dict[tuple[int, str, object], datetime] = {}
    found = ExpiryReminder.objects.filter(asset__in=[row.asset.pk for row in rows]).order_by("told_at", "pk")
    for asset, field, day, at in found.values_list("asset_id", "field", "day", "told_at"):
        told[asset, field, day] = at
    return [
        Row(row.asset, row.ending, told.get((row.asset.pk, row.ending.field, row.ending.day))) for row in rows
    ]


def due(now: datetime) -> list[tuple[Row, int]]:
    """Return the dates whose step nobody was told of yet, with the step (待提醒); two queries."""
    found = [
        (row, step)
        for row in endings(Scope.system("到期提醒"), now)
        if (step := rules.step_of(row.ending.left)) is not None
    ]
    known = set(
        ExpiryReminder.objects.filter(asset__in=[row.asset.pk for row, _ in found]).values_list(
            "asset_id", "field", "day", "step"
        )
    )
    return [
        (row, step)
        for row, step in found
        if (row.asset.pk, row.ending.field, row.ending.day, step) not in known
    ]
