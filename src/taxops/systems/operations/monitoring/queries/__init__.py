"""What monitoring can be asked; the scope is always an argument, the number of queries never grows with rows."""

from taxops.systems.operations.alerting.queries import get_alert, list_alerts

from .bands import bands_of
from .checks import (
    counts_by_state,
    coverage,
    find_check,
    get_check,
    list_checks,
    list_versions,
    recent_notes,
    watched_assets,
    with_shown,
)
from .dependencies import get_dependency, list_dependencies, suppressed_by
from .lanes import Lanes, lanes
from .outages import (
    about,
    get_outage,
    leaves_of,
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
from .reckoning import Watched, agreed_of, monitored_of, outages_of, results_of
from .results import chart_series, raw_results
from .storage import growth, last_sample_at, retention, storage
from .systems import drawn_tree, get_system, list_systems, systems_and_counts, systems_for
from .timelines import Timeline, of_check, of_system
from .trees import Trial, try_tree
from .windows import (
    Occurrence,
    agreed_between,
    exclusions_of,
    get_rule,
    get_window,
    list_rules,
    list_windows,
    occurrences_between,
    suspended_now,
    times_of,
    windows_between,
)

__all__ = [
    "Lanes",
    "Occurrence",
    "Timeline",
    "Trial",
    "Watched",
    "about",
    "agreed_between",
    "agreed_of",
    "bands_of",
    "chart_series",
    "counts_by_state",
    "coverage",
    "drawn_tree",
    "exclusions_of",
    "find_check",
    "gauges",
    "get_alert",
    "get_check",
    "get_dependency",
    "get_outage",
    "get_prober",
    "get_rule",
    "get_system",
    "get_window",
    "growth",
    "lanes",
    "last_sample_at",
    "leaves_of",
    "list_alerts",
    "list_changes",
    "list_checks",
    "list_dependencies",
    "list_outages",
    "list_probers",
    "list_rules",
    "list_systems",
    "list_versions",
    "list_windows",
    "monitored_of",
    "occurrences_between",
    "of_check",
    "of_system",
    "open_outages",
    "outage_intervals",
    "outages_of",
    "prober_health",
    "proof_of",
    "raw_results",
    "recent_notes",
    "recent_recoveries",
    "results_of",
    "retention",
    "storage",
    "suppressed_by",
    "suspended_now",
    "systems_and_counts",
    "systems_for",
    "times_of",
    "touching",
    "try_tree",
    "watched_assets",
    "windows_beside",
    "windows_between",
    "with_shown",
]
