"""Use cases of the desk (受理台业务)."""

from .answers import archive_answer, save_answer
from .conferences import record_conference
from .indexing import index_case, index_changed
from .intake import receive
from .joining import join
from .picking import pick_up
from .sheets import send_sheet

__all__ = [
    "archive_answer",
    "index_case",
    "index_changed",
    "join",
    "pick_up",
    "receive",
    "record_conference",
    "save_answer",
    "send_sheet",
]
