"""The coded words of monitoring (运行监控用语): zones, severities, states as shown."""

from __future__ import annotations

from taxops.engines.base import Choices
from taxops.systems.operations.words import Severity

__all__ = ["PASSIVE_KINDS", "Cause", "Severity", "Shown", "Turn", "WindowState", "Zone"]


class Zone(Choices):
    """The network zone a check is made from (网络区域), as GX:61 divides them."""

    INTERNET = "internet", "互联网端"
    EXTRANET = "extranet", "外网端"
    INTRANET = "intranet", "内网端"


class Shown(Choices):
    """A check's or system's state as people see it (显示状态), worst first."""

    CRITICAL = "critical", "中断"
    AFFECTED = "affected", "受影响"
    FLAPPING = "flapping", "抖动"
    CONFIRMING = "confirming", "确认中"
    NO_DATA = "no_data", "无数据"
    UNKNOWN = "unknown", "未知"
    WARNING = "warning", "警告"
    PENDING = "pending", "待检"
    SUSPENDED = "suspended", "维护中"
    DISABLED = "disabled", "停用"
    OK = "ok", "正常"


class WindowState(Choices):
    """Where a maintenance window stands (维护窗口状态). Under way or over follows from the time."""

    REQUESTED = "requested", "待批准"
    APPROVED = "approved", "已批准"
    REJECTED = "rejected", "不同意"
    CANCELLED = "cancelled", "已取消"


class Turn(Choices):
    """What changed (变化), in the words of `engines.checks.ChangeKind` and a few of our own."""

    FIRST_GOOD = "first_good", "首次正常"
    SOFT_CLEARED = "soft_cleared", "异常未确认即消失"
    OUTAGE_OPENED = "outage_opened", "中断"
    OUTAGE_CLOSED = "outage_closed", "恢复"
    WARNING_BEGAN = "warning_began", "出现警告"
    WARNING_ENDED = "warning_ended", "警告消失"
    UNKNOWN_BEGAN = "unknown_began", "无法检查"
    UNKNOWN_ENDED = "unknown_ended", "恢复检查"
    SILENT_BEGAN = "silent_began", "结果中断"
    SILENT_ENDED = "silent_ended", "结果恢复"
    ENABLED = "enabled", "启用"
    DISABLED = "disabled", "停用"
    EDITED = "edited", "定义变更"
    BAND_LEFT = "band_left", "偏离基线"
    BAND_BACK = "band_back", "回到基线"
    FLAPPING_BEGAN = "flapping_began", "开始抖动"
    FLAPPING_ENDED = "flapping_ended", "抖动结束"


class Cause(Choices):
    """Why a state changed (变化原因)."""

    RESULT = "result", "检查结果"
    SILENCE = "silence", "结果中断"
    LATE = "late", "迟到结果重算"
    DEFINITION = "definition", "定义变更"
    TREE = "tree", "健康树判定"
    SWITCH = "switch", "启停"


PASSIVE_KINDS = frozenset({"heartbeat", "manual"})
"""Kinds that no prober carries out: results come from pings or from people."""
