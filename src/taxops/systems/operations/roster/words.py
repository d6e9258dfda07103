"""Codes and labels of the roster (值班用语)."""

from __future__ import annotations

from taxops.engines.base import Choices


class Hours(Choices):
    """Which hours a post must be covered (值守时间), by the name of a shipped working calendar."""

    ONSITE = "onsite7x12", "7×12（07:30–12:00、14:30–22:00）"
    ALWAYS = "always", "7×24"
    OFFICE = "office5x8", "工作日 8 小时"


class Days(Choices):
    """On which days a pattern runs (适用日期)."""

    ALL = "all", "每天"
    WORKING = "working", "工作日"
    REST = "rest", "休息日和节假日"


class Change(Choices):
    """What an override does to the pattern (调整方式)."""

    ADD = "add", "增派"
    REMOVE = "remove", "缺勤、请假"
    REPLACE = "replace", "替班"
    ONLY = "only", "改由一人值守"


class PeriodKind(Choices):
    """What kind of special period it is (时期类别)."""

    IMPORTANT = "important", "重要时期"
    LEVY = "levy", "征期"


class SwapState(Choices):
    """Where a swap stands (换班状态)."""

    REQUESTED = "requested", "待对方同意"
    ACCEPTED = "accepted", "待批准"
    APPROVED = "approved", "已批准"
    REFUSED = "refused", "未同意"
    WITHDRAWN = "withdrawn", "已撤回"


class SignKind(Choices):
    """Coming or going (打卡类别)."""

    IN = "in", "到岗"
    OUT = "out", "离岗"


class Presence(Choices):
    """What the sign-ins say of a span (到岗情况)."""

    DUE = "due", "未到时间"
    ON_TIME = "on_time", "按时到岗"
    LATE = "late", "迟到"
    ABSENT = "absent", "未打卡"


class HandoverState(Choices):
    """Where a hand-over stands (交接状态)."""

    DUE = "due", "待填写"
    WRITTEN = "written", "待接班人确认"
    ACCEPTED = "accepted", "已交接"
    MISSED = "missed", "未交接"
