"""The page on which bands are set (设置基线)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.systems.operations.monitoring import forms, queries, services
from taxops.web.kit import Done, FormPage


class CheckBands(FormPage):
    """Which metrics of a check are compared with past weeks (设置基线)."""

    name = "monitoring-check-bands"
    path = "operations/checks/<int:pk>/bands/"
    title = "设置基线"
    permission = "monitoring.edit"
    parent = "monitoring-check"
    form = forms.BandsForm
    intro = "每五分钟与过去几周同类日（工作日、休息日、征期）同一时刻比较；偏离显示为警告，不计为中断。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the check."""
        return queries.get_check(scope, now, kwargs["pk"], "monitoring.edit")

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Start with what holds."""
        return {"lines": forms.band_lines(thing.bands)}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it."""
        services.set_bands(scope, thing.pk, now=now, bands=data["lines"])
        return Done("基线已保存。", to=self.url("monitoring-check", pk=thing.pk))


PAGES: Sequence[type[Any]] = [CheckBands]
