"""All models of operations (运维服务), room by room, as Django wants them in one place."""

from .monitoring.models import (
    Alert,
    BatchReceipt,
    Check,
    CheckState,
    CheckVersion,
    ControlRoom,
    HeartbeatPing,
    MaintenanceWindow,
    MonitoredSystem,
    Outage,
    Prober,
    RawResult,
    ResultNote,
    Rollup5m,
    StaleSlot,
    StateChange,
)

__all__ = [
    "Alert",
    "BatchReceipt",
    "Check",
    "CheckState",
    "CheckVersion",
    "ControlRoom",
    "HeartbeatPing",
    "MaintenanceWindow",
    "MonitoredSystem",
    "Outage",
    "Prober",
    "RawResult",
    "ResultNote",
    "Rollup5m",
    "StaleSlot",
    "StateChange",
]
