"""The coded words of alerting (告警用语)."""

from __future__ import annotations

from taxops.engines.base import Choices


class AlertState(Choices):
    """Where an alert stands (告警状态)."""

    OPEN = "open", "待确认"
    ACKNOWLEDGED = "acknowledged", "已确认"
    RESOLVED = "resolved", "已恢复"


class Source(Choices):
    """Where an alert comes from (告警来源)."""

    MONITORING = "monitoring", "本平台监控"
    ALERTMANAGER = "alertmanager", "Alertmanager"
    ZABBIX = "zabbix", "Zabbix"
    EVENTS = "events", "事件接口"
    SYSLOG = "syslog", "系统日志"


class What(Choices):
    """What happened to an alert (告警经过)."""

    FIRED = "fired", "告警"
    CHANGED = "changed", "内容变化"
    REOPENED = "reopened", "重新打开"
    ACKNOWLEDGED = "acknowledged", "确认"
    ASSIGNED = "assigned", "指派给系统"
    RESOLVED = "resolved", "恢复"


class Reason(Choices):
    """Why a notice was sent (通知原因); as the engine has them."""

    NEW = "new", "新告警"
    RESOLVED = "resolved", "已恢复"
    REPEAT = "repeat", "持续未恢复"
    ESCALATION = "escalation", "无人确认，升级"


class Outcome(Choices):
    """What came of one receiver of a notice (通知结果)."""

    TOLD = "told", "已通知"
    NOBODY = "nobody", "无人可通知"
    FAILED = "failed", "未能通知"
