"""Which case types there are (事项类型登记), and the versions that open cases still stand under."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from taxops.engines.base import NotFound, Registry
from taxops.engines.cases import CaseType, Field, read_type, shown
from taxops.engines.worktime import WorkCalendar, shipped

from .models import TypeVersion

_current: Registry[CaseType] = Registry("事项类型")
_texts: dict[str, str] = {}
Calendars = Callable[[str], WorkCalendar]
"""`name` → the working calendar of that name, as it is at one organisation."""
_calendars: list[Callable[[str], Calendars]] = [lambda _path: shipped]

Escalated = Callable[[str, str, datetime], Sequence[int]]
"""`(to, organisation path, instant)` → ids of the people a rung of the ladder means."""
_escalated: list[Escalated] = []
_named: dict[str, Callable[[str], str]] = {}


def register(text: str, file: str) -> CaseType:
    """Make a type known (登记事项类型); the same text twice is harmless.

    Raises:
        BadInput: the file is wrong; says where.
        ValueError: the code stands for another type.
    """
    kind = read_type(text, file)
    if kind.digest in _texts:
        return _current.get(kind.code)
    _texts[kind.digest] = text
    return _current.add(kind.code, kind)


def current(code: str) -> CaseType:
    """Return the type under which new cases are opened.

    Raises:
        NotFound: there is none of that code.
    """
    return _current.get(code)


def all_types() -> list[CaseType]:
    """Return every type, in the order of registration."""
    return [kind for _, kind in _current.items()]


def keep(kind: CaseType, now: datetime) -> None:
    """Keep a type's text, so that a case can be read under it for ever."""
    TypeVersion.objects.get_or_create(
        digest=kind.digest,
        defaults={"code": kind.code, "label": kind.label, "source": _texts[kind.digest], "kept_at": now},
    )


@lru_cache(maxsize=256)
def _stored(digest: str) -> CaseType:
    row = TypeVersion.objects.filter(digest=digest).first()
    if row is None:
        raise NotFound("事项所依据的类型版本没有留存。", "请联系系统管理员，执行 taxops case types --check。")
    return read_type(row.source, f"{row.code}（{digest[:8]}）")


def version(code: str, digest: str) -> CaseType:
    """Return a type as it was when a case was opened under it.

    Raises:
        NotFound: its text was not kept.
    """
    if code in _current and _current.get(code).digest == digest:
        return _current.get(code)
    return _stored(digest)


def calendars(path: str) -> Calendars:
    """Return the working calendars of an organisation: the shipped ones with its important periods (重要时期).

    Ask once for a case and use the answer for all of its clocks: each call may cost a query.
    """
    return _calendars[0](path)


def use_calendars(find: Callable[[str], Calendars]) -> None:
    """Let `find(organisation path)` answer for calendars; it falls back to the shipped ones itself."""
    _calendars[:] = [find]


def escalate_with(find: Escalated) -> None:
    """Let `find(to, path, at)` say who a rung of the ladder means; the roster's owner calls this once."""
    _escalated[:] = [find]


def escalated(to: str, path: str, at: datetime) -> Sequence[int]:
    """Return the people a rung means; nobody when no one answers."""
    return _escalated[0](to, path, at) if _escalated else ()


def name_with(code: str, find: Callable[[str], str]) -> None:
    """Let `find(value)` name what the fields of that code hold (显示名称): a system is shown by name, kept by code."""
    _named[code] = find


def worded(field: Field, value: Any) -> str:
    """Return a kept value in words for the reader, with the name of what it stands for."""
    words = shown(field, value)
    return _named[field.code](words) if field.code in _named and value not in (None, "") else words
