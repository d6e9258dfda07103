"""What alerting does (告警的业务操作)."""

from .handling import acknowledge, acknowledge_many
from .planning import ensure_defaults, plan_changed
from .raising import Trouble, raise_alerts, reopen_alerts, resolve_alerts, touch_alert
from .turning import is_due, turn, turn_quietly, turn_soon

__all__ = [
    "Trouble",
    "acknowledge",
    "acknowledge_many",
    "ensure_defaults",
    "is_due",
    "plan_changed",
    "raise_alerts",
    "reopen_alerts",
    "resolve_alerts",
    "touch_alert",
    "turn",
    "turn_quietly",
    "turn_soon",
]
