"""Alerts (告警): from signals to who is told what and when; grouping, inhibition, silences, escalation. No I/O."""

from .book import Book, Changes
from .desk import Desk, group_key
from .groups import Delivery, Reason
from .inhibiting import Settled, find_loop, held_pairs, settle
from .matching import Matcher, fingerprint, parse_matchers
from .model import Alert, Signal
from .plan import Inhibition, Plan, Route, Silence, Step, parse_plan

__all__ = [
    "Alert",
    "Book",
    "Changes",
    "Delivery",
    "Desk",
    "Inhibition",
    "Matcher",
    "Plan",
    "Reason",
    "Route",
    "Settled",
    "Signal",
    "Silence",
    "Step",
    "find_loop",
    "fingerprint",
    "group_key",
    "held_pairs",
    "parse_matchers",
    "parse_plan",
    "settle",
]
