"""Use cases of monitoring (运行监控业务操作): one transaction each; scope and time are arguments."""

from taxops.systems.operations.alerting.services import acknowledge
from taxops.systems.operations.monitoring.definitions import Definition, Fit, fit

from .bands import set_bands
from .checks import (
    archive_check,
    copy_check,
    create_check,
    edit_check,
    switch_checks,
)
from .dependencies import add_dependency, remove_dependency
from .descriptions import definition_of, sealed_names, shown_definition
from .heartbeats import ping
from .probers import assignments, edit_prober, falls_to, prober_of, register, take_report
from .recurring import decide_rule, end_rule, request_rule
from .storage import LIMITS as RETENTION_LIMITS
from .storage import sample, set_retention
from .systems import archive_system, create_system, define_tree, edit_system
from .templates import apply_item, planned
from .trying import TooOften, try_definition, use_runner
from .windows import cancel_window, decide_window, end_window, request_window

__all__ = [
    "RETENTION_LIMITS",
    "Definition",
    "Fit",
    "TooOften",
    "acknowledge",
    "add_dependency",
    "apply_item",
    "archive_check",
    "archive_system",
    "assignments",
    "cancel_window",
    "copy_check",
    "create_check",
    "create_system",
    "decide_rule",
    "decide_window",
    "define_tree",
    "definition_of",
    "edit_check",
    "edit_prober",
    "edit_system",
    "end_rule",
    "end_window",
    "falls_to",
    "fit",
    "ping",
    "planned",
    "prober_of",
    "register",
    "remove_dependency",
    "request_rule",
    "request_window",
    "sample",
    "sealed_names",
    "set_bands",
    "set_retention",
    "shown_definition",
    "switch_checks",
    "take_report",
    "try_definition",
    "use_runner",
]
