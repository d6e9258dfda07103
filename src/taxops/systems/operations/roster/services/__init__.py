"""Use cases of the roster (值班业务)."""

from .changes import add_override, add_period, cancel_override, cancel_period, import_spans
from .handovers import accept_handover, write_handover
from .posts import archive_post, end_pattern, save_pattern, save_post
from .signing import sign
from .swaps import answer_swap, decide_swap, request_swap, withdraw_swap

__all__ = [
    "accept_handover",
    "add_override",
    "add_period",
    "answer_swap",
    "archive_post",
    "cancel_override",
    "cancel_period",
    "decide_swap",
    "end_pattern",
    "import_spans",
    "request_swap",
    "save_pattern",
    "save_post",
    "sign",
    "withdraw_swap",
    "write_handover",
]
