"""Says for every request who asks, from where, what he may do where, and when it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from taxops.engines.base import Scope

from .models import Person, PersonSession
from .services import anonymous, scope_for

SESSION_KEY = "identity"
"""Where the Django session keeps the key of the `PersonSession`."""


class Anonymous:
    """Nobody in particular (未登录); what `request.user` is before anybody signed in."""

    is_authenticated = False
    is_anonymous = True
    is_active = False
    pk = None
    id = None
    username = ""
    display_name = "未登录"

    def __str__(self) -> str:
        return self.display_name


class IdentityMiddleware:
    """Sets `request.now`, `request.user` and `request.scope`; the web's one reading of the clock is here."""

    clock: Callable[[], datetime] = staticmethod(timezone.now)

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Identify the request, then answer it."""
        now = type(self).clock()
        found: Any = request
        found.now = now
        scheme = request.scheme
        found._get_scheme = lambda: (
            scheme
        )  # under ASGI it reads the attribute that we now give a meaning of ours
        person = _signed_in(request)
        found.user = person or Anonymous()
        address = str(request.META.get("REMOTE_ADDR", ""))
        found.scope = SimpleLazyObject(lambda: _scope(person, now, address)) if person else anonymous(address)
        return self.get_response(request)


def _signed_in(request: HttpRequest) -> Person | None:
    key = request.session.get(SESSION_KEY)
    if not key:
        return None
    held = PersonSession.objects.select_related("person__org").filter(key=key, ended_at=None).first()
    return held.person if held and held.person.is_active else None


def _scope(person: Person, now: datetime, address: str) -> Scope:
    return scope_for(person, now=now, address=address)
