"""Monitoring in the search for anything (全局搜索): systems and checks by name, code and target."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.urls import reverse

from taxops.engines.base import Scope
from taxops.systems.operations.monitoring import queries
from taxops.systems.operations.monitoring.words import Shown
from taxops.web.kit import Hit, Provider, search_providers

MOST = 5


def find_systems(scope: Scope, text: str, now: datetime) -> Sequence[Hit]:
    """Return systems whose name or code holds the text."""
    rows = queries.list_systems(scope, now).filter(Q(name__icontains=text) | Q(code__icontains=text))[:MOST]
    return [
        Hit(row.name, reverse("monitoring-system", kwargs={"pk": row.pk}), Shown.label_of(row.shown))
        for row in rows
    ]


def find_checks(scope: Scope, text: str, now: datetime) -> Sequence[Hit]:
    """Return checks whose name, code or target holds the text."""
    wanted = Q(name__icontains=text) | Q(code__icontains=text) | Q(target__icontains=text)
    rows = queries.list_checks(scope, now).filter(wanted)[:MOST]
    return [
        Hit(
            row.name,
            reverse("monitoring-check", kwargs={"pk": row.pk}),
            f"{row.system.name} · {Shown.label_of(row.shown)}",
        )
        for row in rows
    ]


search_providers.add("monitoring-systems", Provider("监控系统", find_systems, "monitoring.view", "sitemap"))
search_providers.add("monitoring-checks", Provider("检查项", find_checks, "monitoring.view", "heart-plus"))
