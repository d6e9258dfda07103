"""Decisions of the cases room (事项规则), pure: what is major, who is unfit, addresses of targets, the report."""

from .addresses import Address, address_of, parts_of
from .analysis import PARTS, TYPES, analysis_paper, checked, first_words, inputs_of_analysis, is_other
from .deciding import LEVEL_OF, Parameters, is_major, is_unfit, parameters_on, require_major, within_windows
from .matters import statement, task_sheet
from .paper import Report, fault_report

__all__ = [
    "LEVEL_OF",
    "PARTS",
    "TYPES",
    "Address",
    "Parameters",
    "Report",
    "address_of",
    "analysis_paper",
    "checked",
    "fault_report",
    "first_words",
    "inputs_of_analysis",
    "is_major",
    "is_other",
    "is_unfit",
    "parameters_on",
    "parts_of",
    "require_major",
    "statement",
    "task_sheet",
    "within_windows",
]
