"""The demonstration's first paper (演示日报): yesterday's report, from whatever history there is."""

from __future__ import annotations

from datetime import datetime, timedelta

from taxops.engines.base import CHINA, Scope

from . import gathering, queries, services


def seed(scope: Scope, now: datetime) -> None:
    """Make yesterday's reports, once; their files are made when somebody asks for them."""
    if queries.list_deliverables(scope).exists():
        return
    yesterday = (now.astimezone(CHINA) - timedelta(days=1)).date()
    for org in gathering.reporting_orgs(now):
        services.make_daily(scope, now=now, org=org, day=yesterday)
