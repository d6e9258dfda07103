"""Decisions of casework that no type makes: links, queues, who a mention means, when a notice may go out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from taxops.engines.base import Choices, Registry
from taxops.engines.worktime import WorkCalendar


class LinkKind(Choices):
    """What one case has to do with another (关联类型)."""

    DUPLICATE = "duplicate", "重复于"
    PARENT = "parent", "属于"
    CAUSED_BY = "caused_by", "起因于"
    RELATED = "related", "相关"


@dataclass(frozen=True, slots=True)
class Queue:
    """Where cases wait for somebody (队列); who holds `permission` works on it."""

    code: str
    label: str
    permission: str


QUEUES: Registry[Queue] = Registry("队列")

_MENTION = re.compile(r"(?:^|(?<=[\s，。、：；（(]))@([\w.\-]{1,64})")


def mentions(text: str) -> list[str]:
    """Return the user names that a comment calls (提及), each once.

    >>> mentions("请 @zhangsan 和 @li.si 看一下，@zhangsan")
    ['zhangsan', 'li.si']
    """
    return list(dict.fromkeys(name.rstrip(".-") for name in _MENTION.findall(text)))


def delivered_at(due: int, calendar: WorkCalendar, *, urgent: bool) -> int:
    """Return when a notice that is due goes out (送达时间): at once when urgent, else when the calendar is open.

    >>> from taxops.engines.worktime import shipped
    >>> midnight = 1780243200  # 2026-06-01 00:00 in China
    >>> (delivered_at(midnight, shipped("onsite7x12"), urgent=False) - midnight) / 3600
    7.5
    """
    if urgent or calendar.is_open(due):
        return due
    return calendar.add(due, 1) - 1


def number_of(prefix: str, day: str, n: int) -> str:
    """Return a case's number (编号): prefix, day, at least four digits.

    >>> number_of("GZ", "20260601", 7)
    'GZ20260601-0007'
    """
    return f"{prefix}{day}-{n:04d}"
