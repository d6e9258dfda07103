"""What runs out within the scope (到期清单); one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from taxops.engines.base import CHINA, Scope
from taxops.platform.assets.queries import list_assets

from . import rules

VIEW = "monitoring.view"


@dataclass(frozen=True, slots=True)
class Row:
    """One date and its asset (到期行)."""

    asset: Any
    ending: rules.Ending


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
