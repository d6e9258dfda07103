"""What the cases room does: outages become incidents, changes open windows, data fixes are executed."""

from .datafixing import execute, register_target, settle
from .watching import catch_up, propose_major, take_end, take_outage

__all__ = [
    "catch_up",
    "execute",
    "propose_major",
    "register_target",
    "settle",
    "take_end",
    "take_outage",
]
