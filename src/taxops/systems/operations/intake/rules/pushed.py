"""What was pushed (推送事件), whoever pushed it, in one form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Pushed:
    """Something broke or recovered at another watch (推送事件).

    Args:
        key: what makes this message one and the same, however often it is sent; empty: every one counts.
        labels: who and what, as the other side says; they are the identity of the problem.
        firing: True while it lasts.
        at: when it began, or, of a recovery, when it ended.
        severity: the other side's own word.
        title: one line.
        summary: a sentence more.
        link: where the other side shows it.
    """

    key: str
    labels: Mapping[str, str]
    firing: bool
    at: datetime
    severity: str = ""
    title: str = ""
    summary: str = ""
    link: str = ""
