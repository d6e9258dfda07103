"""The topology tab of a system (拓扑页签)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse

from taxops.engines.base import Scope
from taxops.systems.operations.monitoring.views import badges
from taxops.systems.operations.monitoring.views.systems import SystemDetail
from taxops.web.kit import State, Tab

from . import drawing, queries


def _topology(scope: Scope, now: datetime, system: Any) -> Mapping[str, Any]:
    found = queries.topology(scope, now, system)

    def url(node: queries.Node) -> str:
        if node.system_id is not None and node.system_id != system.pk:
            return reverse("monitoring-system", args=[node.system_id])
        if node.checks:
            return f"{reverse('monitoring-checks')}?asset={node.asset.pk}"
        return reverse("asset", args=[node.asset.pk])

    return {
        "topology": found,
        "picture": drawing.drawn(found, url),
        "rows": [
            (node, badges.shown(node.shown) if node.shown else State("没有检查项"), url(node))
            for node in found.nodes
        ],
    }


TAB = Tab(
    code="topology",
    label="拓扑",
    template="operations/topology/tab.html",
    context=_topology,
    live_topic=badges.LIVE,
)
# monitoring stands below this room and does not know of it; so the tab is put in from here
if TAB not in SystemDetail.tabs:
    SystemDetail.tabs = [*SystemDetail.tabs[:1], TAB, *SystemDetail.tabs[1:]]

__all__ = ["TAB"]
