"""Decisions of the cases room (事项规则), pure: what is major, who is unfit, addresses of targets, the report."""

from .addresses import Address, address_of, parts_of
from .deciding import LEVEL_OF, Parameters, is_major, is_unfit, parameters_on, require_major, within_windows
from .paper import Report, fault_report

__all__ = [
    "LEVEL_OF",
    "Address",
    "Parameters",
    "Report",
    "address_of",
    "fault_report",
    "is_major",
    "is_unfit",
    "parameters_on",
    "parts_of",
    "require_major",
    "within_windows",
]
