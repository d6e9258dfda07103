"""Telling people what runs out (到期提醒): each step of each date once, one notice for each organisation a day."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from taxops.engines.base import CHINA, Scope
from taxops.platform.notify import services as notify
from taxops.systems.operations.alerting.services import reach

from . import queries, rules
from .models import ExpiryReminder
from .queries import Row


def remind(*, now: datetime) -> int:
    """Tell those who renew what comes to a step (到期提醒); return how many dates were told.

    Near the end the bureau is told as well; where nobody holds the role, those in charge are. What was missed
    while no worker ran is told at its present step. Running it again tells nothing twice.
    """
    by_org: dict[tuple[str, bool], list[tuple[Row, int]]] = {}
    for row, step in queries.due(now):
        by_org.setdefault((row.asset.org.path, step <= rules.URGENT), []).append((row, step))
    return sum(_tell(path, items, now) for (path, _), items in sorted(by_org.items()))


def _tell(org_path: str, items: list[tuple[Row, int]], now: datetime) -> int:
    step = min(step for _, step in items)
    with transaction.atomic():
        people = sorted(reach(rules.receivers_of(step), [org_path], now).people)
        made = [
            ExpiryReminder.objects.get_or_create(
                asset_id=row.asset.pk,
                field=row.ending.field,
                day=row.ending.day,
                step=at,
                defaults={"told_at": now, "people": people},
            )[1]
            for row, at in items
        ]
        fresh = [row for (row, _), is_new in zip(items, made, strict=True) if is_new]
        if not fresh:  # another worker was quicker
            return 0
        title, body, level = rules.reminder([(row.asset.name, row.ending) for row in fresh])
        marks = "-".join(str(row.asset.pk) for row in fresh[:8])
        notify.tell(
            Scope.system("到期提醒"),
            now=now,
            people=people,
            title=title,
            body=body,
            link="/operations/expiry/",
            severity=level,
            key=f"expiry-{now.astimezone(CHINA):%Y%m%d}-{len(fresh)}-{step}-{marks}",
            org_path=org_path,
        )
    return len(fresh)
