"""What the cases room does: outages become incidents, changes open windows, data fixes are executed."""

from .analysing import WRITE, write_analysis
from .datafixing import execute, settle
from .targets import edit_target, register_target, retire_target, try_target
from .watching import catch_up, propose_major, take_end, take_outage

__all__ = [
    "WRITE",
    "catch_up",
    "edit_target",
    "execute",
    "propose_major",
    "register_target",
    "retire_target",
    "settle",
    "take_end",
    "take_outage",
    "try_target",
    "write_analysis",
]
