"""Use cases of knowledge (知识库业务)."""

from .articles import attach, draft, edit, remind_due, retire, review, revise, submit, vote
from .editions import compose_edition, document_of_edition, freeze_edition
from .questions import link_case, record_question

__all__ = [
    "attach",
    "compose_edition",
    "document_of_edition",
    "draft",
    "edit",
    "freeze_edition",
    "link_case",
    "record_question",
    "remind_due",
    "retire",
    "review",
    "revise",
    "submit",
    "vote",
]
