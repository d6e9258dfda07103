"""One page of each kind, with every component on it (组件样例)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from taxops.engines.base import (
    BadInput,
    Conflict,
    NotFound,
    NotPermitted,
    Scope,
    TooLarge,
    Unavailable,
)
from taxops.web.kit import (
    BoardPage,
    Change,
    Page,
    State,
    state_of,
)

from . import samples
from .entry import KitAction, KitForm, KitImport
from .lists import KitDetail, KitList


class KitHome(Page):
    """Every component at a glance (组件总览)."""

    name = "kit"
    path = "kit/"
    title = "组件总览"
    demo_only = True
    template = "kit/living/home.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return invented values for each component."""
        return {
            "states": samples.STATES,
            "clocks": [now + timedelta(hours=5), now + timedelta(minutes=12), now - timedelta(minutes=130)],
            "at": now - timedelta(minutes=7),
            "last_year": now - timedelta(days=400),
            "spark": [3.0, 5.0, 4.0, 9.0, 2.0, 6.0, 8.0, 3.0],
            "charts": samples.charts(),
            "changes": [
                Change("间隔", "300", "60"),
                Change("告警人", "张三、李四", "张三"),
                Change("备注", "", "征期加密"),
            ],
            "icons": ["bell", "search", "plus", "pencil", "trash", "download", "printer", "history", "users"],
            "labels": ["征期", "核心系统", "省级"],
        }


class KitBoard(BoardPage):
    """A wall board (大屏样例)."""

    name = "kit-board"
    path = "kit/board/"
    title = "全省信息系统运行监控"
    demo_only = True
    parent = "kit"
    body_template = "kit/living/board_body.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return invented figures."""
        systems = [
            "电子税务局",
            "金税核心征管",
            "发票综合服务",
            "自然人扣缴",
            "12366 热线",
            "办税厅叫号",
            "影像系统",
            "数据交换",
            "短信平台",
            "统一认证",
            "银税直连",
            "社保费征收",
        ]
        tones = [
            "good",
            "good",
            "bad",
            "good",
            "warning",
            "good",
            "good",
            "suspended",
            "good",
            "good",
            "unknown",
            "good",
        ]
        notes = [
            "186 毫秒",
            "92 毫秒",
            "中断 14 分钟",
            "240 毫秒",
            "排队 38 人",
            "在线 316 / 318",
            "311 毫秒",
            "维护至 22:00",
            "正常",
            "55 毫秒",
            "5 分钟无结果",
            "正常",
        ]
        return {
            "tiles": [
                (s, State(n, tone)) for s, n, tone in zip(systems, notes, map(_tone, tones), strict=True)
            ],
            "outages": [
                ("发票综合服务", "查验接口无响应", now - timedelta(minutes=14), 840),
                ("12366 热线", "平均等待超过 3 分钟", now - timedelta(minutes=42), 2520),
            ],
        }


def _tone(code: str) -> Any:
    return state_of(code).tone


class KitErrors(Page):
    """Each kind of failure (错误样例): `?kind=…` raises it."""

    name = "kit-error"
    path = "kit/error/"
    title = "错误样例"
    demo_only = True
    parent = "kit"
    template = "kit/living/errors.html"
    kinds: Mapping[str, Exception] = {
        "bad": BadInput("「间隔」不是整数。", "请填写 10 到 86400 之间的整数。"),
        "permission": NotPermitted("您没有修改检查项的权限。", "如确需办理，请联系安全管理员授权。"),
        "missing": NotFound("没有找到这个检查项，或它不在您的管理范围内。", "请从列表进入。"),
        "conflict": Conflict("这个检查项刚被别人修改过。", "请刷新后重新提交。"),
        "large": TooLarge("文件超过 2 MB。", "请拆分后重试。"),
        "away": Unavailable("数据库暂时连不上。", "请稍后重试。"),
        "fault": RuntimeError("a fault for the living page"),
    }

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Raise what is asked for, or list the kinds."""
        failure = self.kinds.get(request.GET.get("kind", ""))
        if failure is not None:
            raise failure
        return self.show(self.template, {"kinds": list(self.kinds)})


PAGES: list[type[Page]] = [
    KitHome,
    KitList,
    KitDetail,
    KitForm,
    KitAction,
    KitImport,
    KitBoard,
    KitErrors,
]
