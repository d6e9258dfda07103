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
    about,
    get_alert,
    get_outage,
    leaves_of,
    list_alerts,
    list_changes,
    list_outages,
    open_outages,
    outage_intervals,
    proof_of,
    recent_recoveries,
    touching,
    windows_beside,
)
from .probers import gauges, get_prober, list_probers, prober_health
from .results import chart_series, raw_results
from .systems import drawn_tree, get_system, list_systems, systems_for
from .timelines import Timeline, of_check, of_system
from .windows import get_window, list_windows, suspended_now, windows_between

__all__ = [
    "Timeline",
    "about",
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
    "leaves_of",
    "list_alerts",
    "list_changes",
    "list_checks",
    "list_outages",
    "list_probers",
    "list_systems",
    "list_versions",
    "list_windows",
    "of_check",
    "of_system",
    "open_outages",
    "outage_intervals",
    "prober_health",
    "proof_of",
    "raw_results",
    "recent_notes",
    "recent_recoveries",
    "suspended_now",
    "systems_for",
    "touching",
    "windows_beside",
    "windows_between",
    "with_shown",
]
