"""The wall board of monitoring (监控大屏)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.systems.operations.monitoring import queries
from taxops.web.kit import BoardPage

from .badges import LIVE
from .overview import board_context


class MonitoringBoard(BoardPage):
    """What hangs on the wall (监控大屏)."""

    name = "monitoring-board"
    path = "operations/board/"
    title = "运行监控"
    permission = "monitoring.view"
    template = "operations/monitoring/board.html"
    body_template = "operations/monitoring/board_body.html"
    live_topic = LIVE
    refresh_s = 10

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return systems, outages and recoveries."""
        return {**board_context(scope, now), "recoveries": queries.recent_recoveries(scope, now, limit=6)}


PAGES: Sequence[type[Any]] = [MonitoringBoard]
