"""Pages of probers (探测器)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Choices, Scope
from taxops.systems.operations.monitoring import forms, queries, services
from taxops.systems.operations.monitoring.words import Zone
from taxops.web.kit import ChoiceFilter, Column, Done, FormPage, ListPage, Tone

from .badges import LIVE


class Liveness(Choices):
    """Whether a prober is there (探测器状态)."""

    ONLINE = "online", "在线"
    OFFLINE = "offline", "失联"
    PENDING = "pending", "未连接过"
    DISABLED = "disabled", "停用"


def _vital(name: str) -> Any:
    return lambda prober: prober.vitals.get(name) if isinstance(prober.vitals, dict) else None


class ProberList(ListPage):
    """All probers (探测器列表)."""

    name = "monitoring-probers"
    path = "operations/probers/"
    title = "探测器"
    permission = "monitoring.view"
    scope_field = ""
    columns = [
        Column(name="liveness", label="状态", kind="state", choices=Liveness, tones={"pending": Tone.PLAIN}),
        Column(name="name", label="名称", wide=True, value=str, sort="name"),
        Column(
            name="zone",
            label="区域",
            value=lambda p: Zone.label_of(p.zone) if p.zone else "全部区域",
            sort="zone",
        ),
        Column(name="last_seen_at", label="最近联系", kind="datetime"),
        Column(
            name="last_batch_at",
            label="最近上报",
            kind="datetime",
            help="与「最近联系」相差大时，结果积压在探测器上",
        ),
        Column(name="software", label="版本"),
        Column(name="checks", label="检查项", kind="number", value=_vital("checks")),
        Column(
            name="late",
            label="迟到 p99",
            kind="number",
            unit="毫秒",
            digits=1,
            value=_vital("late_p99_ms"),
            help="超过 1000 毫秒的结果存疑，不参与判定",
        ),
        Column(name="spooled", label="待上报批次", kind="number", value=_vital("spooled")),
        Column(name="dropped", label="放弃", kind="number", value=_vital("dropped"), hidden=True),
        Column(name="rss", label="内存", kind="number", unit="MB", digits=0, value=_vital("rss_mb")),
        Column(
            name="skew_ms",
            label="时钟偏差",
            kind="number",
            unit="毫秒",
            help="平台收到时刻减发送时刻，含传输时间",
        ),
        Column(name="address", label="地址"),
        Column(name="code", label="代码", hidden=True),
        Column(name="boot", label="本次启动", hidden=True),
    ]
    filters = [
        ChoiceFilter(name="liveness", label="状态", choices=Liveness, multiple=True),
        ChoiceFilter(name="zone", label="区域", choices=Zone, multiple=True),
    ]
    search = ["name", "code", "address"]
    sort = "zone"
    detail = "monitoring-prober-edit"
    live_topic = LIVE
    empty = (
        "没有探测器连接过。请创建带「探测器上报」权限的令牌，并在能访问被查对象的主机上运行 taxops prober。"
    )

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the probers within the scope."""
        return queries.list_probers(scope, now)

    def row_url(self, row: Any) -> str:
        """Return the editor, for those who may edit."""
        return self.url("monitoring-prober-edit", pk=row.pk) if self.scope.has("monitoring.edit") else ""


class ProberEdit(FormPage):
    """Name a prober, give it a zone (维护探测器)."""

    name = "monitoring-prober-edit"
    path = "operations/probers/<int:pk>/"
    title = "维护探测器"
    permission = "monitoring.edit"
    parent = "monitoring-probers"
    form = forms.ProberForm

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the prober."""
        return queries.get_prober(scope, now, kwargs["pk"])

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it."""
        services.edit_prober(
            scope, thing.pk, now=now, name=data["name"], zone=data["zone"], enabled=data["enabled"]
        )
        return Done("探测器已保存。", to=self.url("monitoring-probers"))


PAGES: Sequence[type[Any]] = [ProberList, ProberEdit]
