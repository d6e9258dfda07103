"""What alerting does (告警的业务操作)."""

from .handling import acknowledge, acknowledge_many, assign_alert
from .inhibiting import restore_inhibition, retire_inhibition, save_inhibition
from .planning import ensure_defaults, plan_changed
from .raising import Trouble, raise_alerts, reopen_alerts, resolve_alerts, touch_alerts
from .routing import move_route, remove_route, save_policy, save_route
from .silencing import end_silence, silence, silence_alerts
from .telling import reach
from .trying import parse_labels, try_labels
from .turning import is_due, turn, turn_quietly, turn_soon

__all__ = [
    "Trouble",
    "acknowledge",
    "acknowledge_many",
    "assign_alert",
    "end_silence",
    "ensure_defaults",
    "is_due",
    "move_route",
    "parse_labels",
    "plan_changed",
    "raise_alerts",
    "reach",
    "remove_route",
    "reopen_alerts",
    "resolve_alerts",
    "restore_inhibition",
    "retire_inhibition",
    "save_inhibition",
    "save_policy",
    "save_route",
    "silence",
    "silence_alerts",
    "touch_alerts",
    "try_labels",
    "turn",
    "turn_quietly",
    "turn_soon",
]
