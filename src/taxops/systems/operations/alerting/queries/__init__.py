"""What alerting can be asked (告警查询); the scope is always an argument."""

from .alerts import chosen_alerts, figures, folded, get_alert, groups_of, list_alerts, mine, open_alerts
from .inhibitions import get_inhibition, list_inhibitions, would_inhibit
from .notices import history_of, notices_of, siblings_of
from .people import names_of, role_names, usernames
from .plans import (
    get_policy,
    get_route,
    get_silence,
    list_policies,
    list_routes,
    list_silences,
    orgs_for,
    receiver_choices,
    silences_between,
    system_choices,
    would_silence,
)

__all__ = [
    "chosen_alerts",
    "figures",
    "folded",
    "get_alert",
    "get_inhibition",
    "get_policy",
    "get_route",
    "get_silence",
    "groups_of",
    "history_of",
    "list_alerts",
    "list_inhibitions",
    "list_policies",
    "list_routes",
    "list_silences",
    "mine",
    "names_of",
    "notices_of",
    "open_alerts",
    "orgs_for",
    "receiver_choices",
    "role_names",
    "siblings_of",
    "silences_between",
    "system_choices",
    "usernames",
    "would_inhibit",
    "would_silence",
]
