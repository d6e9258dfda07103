"""Codes and labels of the desk (受理台用语)."""

from __future__ import annotations

from taxops.engines.base import Choices


class Kind(Choices):
    """What comes in (受理类型), by the code of the case type."""

    REQUEST = "request", "服务请求（问题解答）"
    INCIDENT = "incident", "事件（故障）"
    FIELD = "field", "现场服务"
    COMPLAINT = "complaint", "投诉"


class Channel(Choices):
    """By which way (受理渠道); codes of the case types."""

    PHONE = "phone", "电话"
    WEB = "web", "运维网站"
    WECHAT = "wechat", "微信"
    QQ = "qq", "QQ"
    HOTLINE = "hotline", "12366"
    H12345 = "h12345", "12345"
    ONSITE = "onsite", "现场"
    MONITORING = "monitoring", "监控"


class Urgency(Choices):
    """How urgent (紧急程度): of a request its level, of an incident L4, L3 or L2."""

    DAILY = "daily", "日常"
    NORMAL = "normal", "一般"
    HIGH = "high", "紧急"


class Joining(Choices):
    """What one case has to do with another (关联方式)."""

    MERGE = "merge", "并入（本事项办结）"
    DUPLICATE = "duplicate", "重复于"
    PARENT = "parent", "属于"
    CAUSED_BY = "caused_by", "起因于"
    RELATED = "related", "相关"


class SheetKind(Choices):
    """What a field engineer sends (现场单类别)."""

    ARRIVE = "arrive", "到场签到"
    FINISH = "finish", "处理完成"
    NOTE = "note", "情况说明"
