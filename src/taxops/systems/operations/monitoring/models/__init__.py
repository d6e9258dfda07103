"""The nouns of monitoring (运行监控): definitions, results, history, windows."""

from taxops.systems.operations.monitoring.words import Severity, Shown, Zone

from .definitions import Check, CheckVersion, ControlRoom, MonitoredSystem, Prober
from .history import Dependency, Outage, StateChange
from .results import (
    BandState,
    BatchReceipt,
    CheckState,
    HeartbeatPing,
    MetricRollup5m,
    RawMetric,
    RawResult,
    ResultNote,
    Rollup5m,
    StaleSlot,
    StorageSample,
)
from .windows import MaintenanceRule, MaintenanceWindow, WindowState

__all__ = [
    "BandState",
    "BatchReceipt",
    "Check",
    "CheckState",
    "CheckVersion",
    "ControlRoom",
    "Dependency",
    "HeartbeatPing",
    "MaintenanceRule",
    "MaintenanceWindow",
    "MetricRollup5m",
    "MonitoredSystem",
    "Outage",
    "Prober",
    "RawMetric",
    "RawResult",
    "ResultNote",
    "Rollup5m",
    "Severity",
    "Shown",
    "StaleSlot",
    "StateChange",
    "StorageSample",
    "WindowState",
    "Zone",
]
