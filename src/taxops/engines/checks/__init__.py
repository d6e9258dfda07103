"""Checks (检查): kinds, conditions, soft and hard states, outages, health trees, time slots.

A check is a kind, a target, a schedule and conditions. Its results run through a pure state machine to
outages; health trees say which outages are a system's; service years say what the contract makes of them.
"""

from .availability import (
    Availability,
    Terms,
    add_months,
    fault_days,
    measure_availability,
    service_year,
)
from .bands import Band, BandDay, BandRule, BandVerdict, band, parse_bands, slots_wanted
from .bands import Point as BandPoint
from .bands import day_of as band_day
from .conditions import BadCondition, Condition, Judgement, compile_condition
from .dependencies import Cover, Suppression, ancestors, find_circle, suppression
from .flapping import Flapping, FlapPolicy, changed_side, flap, flap_share
from .heartbeats import Cron, Heartbeat, HeartbeatStatus, Period, heartbeat_status
from .kinds import Database, Fact, Kind, Param, ParamType, Rows, Tools, guard_select, in_thread
from .kinds import registry as check_kinds
from .model import CheckSpec, Result, Verdict
from .outages import Correction, Outage, Replay, Sighting, outages, recompute, replay
from .prober import Prober, Report, prepare, run_once
from .repeats import Repeat, RepeatKind, parse_repeat
from .schedule import next_due_ms, offset_ms
from .states import Change, ChangeKind, Phase, Policy, State, Tracker, step
from .timelines import Span, down_intervals, leaving, timeline
from .tree import (
    Health,
    Leaf,
    LeafKind,
    Quorum,
    Tree,
    all_of,
    counted_leaves,
    culprits,
    evaluate,
    evaluate_all,
    explain_tree,
    grow,
    leaves,
    parse_tree,
    system_order,
    tree_data,
)
from .windows import Exclusion, Recurring, Window, exclusions, expand, open_window, remaining
from .wire import Failed

__all__ = [
    "Availability",
    "BadCondition",
    "Band",
    "BandDay",
    "BandPoint",
    "BandRule",
    "BandVerdict",
    "Change",
    "ChangeKind",
    "CheckSpec",
    "Condition",
    "Correction",
    "Cover",
    "Cron",
    "Database",
    "Exclusion",
    "Fact",
    "Failed",
    "FlapPolicy",
    "Flapping",
    "Health",
    "Heartbeat",
    "HeartbeatStatus",
    "Judgement",
    "Kind",
    "Leaf",
    "LeafKind",
    "Outage",
    "Param",
    "ParamType",
    "Period",
    "Phase",
    "Policy",
    "Prober",
    "Quorum",
    "Recurring",
    "Repeat",
    "RepeatKind",
    "Replay",
    "Report",
    "Result",
    "Rows",
    "Sighting",
    "Span",
    "State",
    "Suppression",
    "Terms",
    "Tools",
    "Tracker",
    "Tree",
    "Verdict",
    "Window",
    "add_months",
    "all_of",
    "ancestors",
    "band",
    "band_day",
    "changed_side",
    "check_kinds",
    "compile_condition",
    "counted_leaves",
    "culprits",
    "down_intervals",
    "evaluate",
    "evaluate_all",
    "exclusions",
    "expand",
    "explain_tree",
    "fault_days",
    "find_circle",
    "flap",
    "flap_share",
    "grow",
    "guard_select",
    "heartbeat_status",
    "in_thread",
    "leaves",
    "leaving",
    "measure_availability",
    "next_due_ms",
    "offset_ms",
    "open_window",
    "outages",
    "parse_bands",
    "parse_repeat",
    "parse_tree",
    "prepare",
    "recompute",
    "remaining",
    "replay",
    "run_once",
    "service_year",
    "slots_wanted",
    "step",
    "suppression",
    "system_order",
    "timeline",
    "tree_data",
]
