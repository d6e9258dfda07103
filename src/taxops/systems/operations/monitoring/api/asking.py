"""Who asks, and when: what the identity middleware set on the request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from taxops.engines.base import BadInput, Scope, parse_instant


@dataclass(frozen=True, slots=True)
class Asked:
    """The asker's scope and the request's instant (请求人与时刻)."""

    scope: Scope
    now: datetime


def asked(request: HttpRequest) -> Asked:
    """Return who asks and when."""
    return Asked(request.scope, request.now)  # type: ignore[attr-defined]  # set by IdentityMiddleware


def instant(text: str, field: str) -> datetime | None:
    """Return the time a parameter gives, or None when it is empty.

    Raises:
        BadInput: it is not a time.
    """
    if not text:
        return None
    try:
        return parse_instant(text)
    except BadInput as error:
        raise BadInput(error.what, error.todo, field=field) from error
