"""Pages of monitoring (运行监控页面): parse, one service call or query, show."""

from collections.abc import Sequence
from typing import Any

from taxops.systems.operations.alerting.views import MENU as ALERT_MENU
from taxops.web.manifest import MenuItem

from . import (
    agenda,
    bands,
    check_actions,
    checks,
    dependencies,
    editor,
    finding,
    outages,
    overview,
    probers,
    recurring,
    storage,
    systems,
    timeline,
    trees,
    windows,
)

PAGES: Sequence[type[Any]] = [
    *overview.PAGES,
    *systems.PAGES,
    *trees.PAGES,
    *timeline.PAGES,
    *checks.PAGES,
    *check_actions.PAGES,
    *bands.PAGES,
    *dependencies.PAGES,
    *editor.PAGES,
    *outages.PAGES,
    *recurring.PAGES,
    *windows.PAGES,
    *agenda.PAGES,
    *probers.PAGES,
    *storage.PAGES,
]

MENU = [
    MenuItem("运行总览", "monitoring-overview", "monitoring.view", "activity-heartbeat"),
    *ALERT_MENU,
    MenuItem("监控系统", "monitoring-systems", "monitoring.view", "sitemap"),
    MenuItem("检查项", "monitoring-checks", "monitoring.view", "heart-plus"),
    MenuItem("中断", "monitoring-outages", "monitoring.view", "plug-connected-x"),
    MenuItem("维护窗口", "monitoring-windows", "monitoring.view", "calendar-month"),
    MenuItem("监控内容覆盖", "monitoring-coverage", "monitoring.view", "list-check"),
    MenuItem("探测器", "monitoring-probers", "monitoring.view", "server-2"),
    MenuItem("存储与保留", "monitoring-storage", "monitoring.view", "database"),
]

_LOADED = finding  # importing it puts monitoring into the global search

__all__ = ["MENU", "PAGES"]
