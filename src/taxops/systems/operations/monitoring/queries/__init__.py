"""What monitoring can be asked; the scope is always an argument, the number of queries never grows with rows."""

from .checks import (
    counts_by_state,
    coverage,
    find_check,
    get_check,
    list_checks,
    list_versions,
    recent_notes,
    with_shown,
)
from .outages import (
    get_alert,
    get_outage,
    list_alerts,
    list_changes,
    list_outages,
    open_outages,
    outage_intervals,
    recent_recoveries,
    touching,
)
from .probers import gauges, get_prober, list_probers, prober_health
from .results import chart_series, raw_results
from .systems import drawn_tree, get_system, list_systems, systems_for
from .windows import get_window, list_windows, suspended_now, windows_between

__all__ = [
    "chart_series",
    "counts_by_state",
    "coverage",
    "drawn_tree",
    "find_check",
    "gauges",
    "get_alert",
    "get_check",
    "get_outage",
    "get_prober",
    "get_system",
    "get_window",
    "list_alerts",
    "list_changes",
    "list_checks",
    "list_outages",
    "list_probers",
    "list_systems",
    "list_versions",
    "list_windows",
    "open_outages",
    "outage_intervals",
    "prober_health",
    "raw_results",
    "recent_notes",
    "recent_recoveries",
    "suspended_now",
    "systems_for",
    "touching",
    "windows_between",
    "with_shown",
]
