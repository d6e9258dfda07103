"""What the desk keeps and gives: groups of alerts (告警分组) and the notices that are to be sent (待发通知)."""

from __future__ import annotations

from dataclasses import dataclass, field

from taxops.engines.base import Choices

from .model import Alert


class Reason(Choices):
    """Why a notice is sent (通知原因)."""

    NEW = "new", "新告警"
    RESOLVED = "resolved", "已恢复"
    REPEAT = "repeat", "持续未恢复"
    ESCALATION = "escalation", "无人确认，升级"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One notice to be sent (待发通知).

    Args:
        key: never used twice; the delivery log refuses a second one.
        group: the group's key, to acknowledge it by.
        route: the route's name.
        reason: why now.
        receivers: whom.
        firing: alerts that last, longest first.
        resolved: alerts that ended since the last notice.
        at_ms: the instant it was decided.
        fresh: fingerprints of those that are told for the first time.
    """

    key: str
    group: str
    route: str
    reason: Reason
    receivers: tuple[str, ...]
    firing: tuple[Alert, ...]
    resolved: tuple[Alert, ...]
    at_ms: int
    fresh: frozenset[str] = frozenset()


@dataclass(slots=True)
class Group:
    """Alerts that are told together (告警分组)."""

    key: str
    route: str
    alerts: dict[str, Alert] = field(default_factory=dict)
    due_ms: int = 0
    told: set[str] = field(default_factory=set)  # fingerprints last told as firing
    told_ms: int = 0
    first_told_ms: int = 0  # escalation counts from here
    acknowledged: dict[str, str] = field(default_factory=dict)  # fingerprint -> who
    step: int = 0
    count: int = 0
