"""The page of storage (存储与保留)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import CHINA, Scope
from taxops.systems.operations.monitoring import forms, queries, services
from taxops.systems.operations.monitoring.rules import total
from taxops.web.kit import Chart, Done, FormPage, Page, Series


class Storage(Page):
    """What monitoring stores and what it will come to (存储与保留)."""

    name = "monitoring-storage"
    path = "operations/storage/"
    title = "存储与保留"
    permission = "monitoring.view"
    template = "operations/monitoring/storage.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return the tables with their forecast."""
        rows = queries.storage(now)
        size, a_day, at_end = total(rows)
        points = queries.growth(now)
        return {
            "rows": [(row, row.bytes_a_day, row.at_the_end()) for row in rows],
            "size": size,
            "a_day": a_day,
            "at_end": at_end,
            "sampled_at": queries.last_sample_at(),
            "may_edit": scope.has("monitoring.edit"),
            "chart": Chart(
                title="近 30 天占用",
                unit="MB",
                source="每小时采样一次，各表连同索引",
                categories=[at.astimezone(CHINA).strftime("%m-%d %H:%M") for at, _ in points],
                series=[Series(name="占用", values=[round(value / 1e6, 2) for _, value in points])],
                height="small",
            ),
        }


class Retention(FormPage):
    """How long what is kept (设置保留期)."""

    name = "monitoring-storage-retention"
    path = "operations/storage/retention/"
    title = "设置保留期"
    permission = "monitoring.edit"
    parent = "monitoring-storage"
    form = forms.RetentionForm
    intro = "超过保留期的数据在每天夜间清理；尚未汇总的原始结果不会被清理，中断记录永久保留。"

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Start with what holds."""
        room = queries.retention()
        return {name: getattr(room, name) for name in services.RETENTION_LIMITS}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it."""
        services.set_retention(scope, now=now, **data)
        return Done("保留期已保存。", to=self.url("monitoring-storage"))


PAGES: Sequence[type[Any]] = [Storage, Retention]
