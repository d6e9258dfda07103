"""Says for every request who asks, from where, what he may do where, and when it is."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils import timezone

from taxops.engines.base import NotPermitted, Scope, TaxopsError

from . import rules
from .models import Person, PersonSession
from .policy import policy_at
from .services import TokenRefused, anonymous, authenticate, resume_session, scope_for
from .terms import SessionEnd
from .web_session import NOTICE_KEY, SESSION_KEY

__all__ = ["NOTICES", "SESSION_KEY", "Anonymous", "IdentityMiddleware", "address_of"]

NOTICES = {
    SessionEnd.IDLE: "您已超过 30 分钟没有操作，请重新登录。",
    SessionEnd.ABSOLUTE: "本次登录已超过最长时间，请重新登录。",
    SessionEnd.DISPLACED: "您的账户已在别处登录，本次登录已结束。如非本人操作，请立即修改口令。",
    SessionEnd.REVOKED: "本次登录已被强制下线，请重新登录。",
    SessionEnd.PASSWORD: "口令已修改，请用新口令登录。",
    SessionEnd.INACTIVE: "账户已停用，如需恢复请联系系统管理员。",
}
"""What the login page says after a session that ended by itself; logging out needs no word."""

TOKEN_PATHS = ("/api/", "/live/", "/metrics", "/healthz")
"""Where a bearer token counts; pages are for people."""

PASSWORD_PATH = "/account/password/"  # noqa: S105  an address
FREE_PATHS = (PASSWORD_PATH, "/login/", "/logout/", "/static/", "/healthz")
"""What somebody may open who must change his password first."""

BACKGROUND_HEADER = "HTTP_X_TAXOPS_BACKGROUND"
"""Sent by pages that poll by themselves: such requests do not keep an idle session alive."""


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
    """Sets `request.now`, `request.user` and `request.scope`; the web's one reading of the clock is here.

    A signed-in request costs two queries (session with person and organisation; assignments) beside the
    Django session's own; they are made at once, since asynchronous views cannot make them later.
    """

    clock: Callable[[], datetime] = staticmethod(timezone.now)

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Identify the request, then answer it."""
        asked: Any = request
        asked.now = type(self).clock()
        scheme = request.scheme
        asked._get_scheme = lambda: scheme  # under ASGI it reads `request.scope`, whose meaning is ours now
        asked.user, asked.scope, asked.person_session = Anonymous(), anonymous(address_of(request)), None
        try:
            early = self._identify(asked)
        except TokenRefused as error:
            answer = JsonResponse(
                error.as_dict(), status=error.status, json_dumps_params={"ensure_ascii": False}
            )
            answer["WWW-Authenticate"] = "Bearer"
            return answer
        return early or self.get_response(request)

    def _identify(self, asked: Any) -> HttpResponse | None:
        """Find out who asks; return an answer when he has to do something else first."""
        address: str = asked.scope.address
        bearer = _bearer(asked)
        if bearer is not None:
            asked.user, asked.scope = authenticate(bearer, now=asked.now, address=address)
            asked._dont_enforce_csrf_checks = True  # no cookie is involved
            return None
        held = _resume(asked)
        if held is None:
            return None
        person = held.person
        asked.person_session, asked.user = held, person
        expired, days_left = rules.password_age(
            person.password_set_at, asked.now, policy_at(asked.now).password
        )
        asked.password_days_left = days_left
        if (expired or person.must_change_password) and not asked.path_info.startswith(FREE_PATHS):
            return _first_change_password(asked, expired=expired)
        asked.scope = _scope(person, asked, expired=expired)
        return None


def _scope(person: Person, asked: Any, *, expired: bool) -> Scope:
    """Return what the person may do; nothing but change his password while he must."""
    if expired or person.must_change_password:
        return Scope(person.pk, person.display_name, address=asked.scope.address)
    return scope_for(person, now=asked.now, address=asked.scope.address)


def _resume(asked: Any) -> PersonSession | None:
    """Return the living session of the browser's cookie; of a dead one leave a word for the login page."""
    key = asked.session.get(SESSION_KEY)
    if not key:
        return None
    background = BACKGROUND_HEADER in asked.META or asked.path_info.startswith("/live/")
    held, over = resume_session(str(key), now=asked.now, is_activity=not background)
    if held is None:
        del asked.session[SESSION_KEY]
        if over in NOTICES:
            asked.session[NOTICE_KEY] = NOTICES[over]
    return held


def _first_change_password(asked: Any, *, expired: bool) -> HttpResponse:
    why = "口令已超过有效期，须先修改。" if expired else "首次登录或口令重置后，须先修改口令。"
    if asked.path_info.startswith(TOKEN_PATHS) or asked.method not in {"GET", "HEAD"}:
        error: TaxopsError = NotPermitted(why, f"请打开「{PASSWORD_PATH}」修改口令后继续。")
        return JsonResponse(
            {**error.as_dict(), "code": "password_change_required"},
            status=error.status,
            json_dumps_params={"ensure_ascii": False},
        )
    return HttpResponseRedirect(f"{PASSWORD_PATH}?next={quote(asked.get_full_path())}")


def _bearer(asked: Any) -> str | None:
    """Return the token of the Authorization header where tokens count."""
    kind, _, text = str(asked.META.get("HTTP_AUTHORIZATION", "")).partition(" ")
    if kind.lower() != "bearer" or not asked.path_info.startswith(TOKEN_PATHS):
        return None
    return text.strip()


def address_of(request: HttpRequest) -> str:
    """Return where a request comes from (网络地址).

    `X-Forwarded-For` is believed only as far as proxies named in the setting `TRUSTED_PROXIES` wrote it.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    trusted: Iterable[str] = getattr(settings, "TRUSTED_PROXIES", ())
    networks = [ipaddress.ip_network(entry, strict=False) for entry in trusted]
    if not networks:
        return address
    hops = [
        hop.strip() for hop in str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",") if hop.strip()
    ]
    while hops and _is_in(address, networks):
        if not _is_address(hops[-1]):
            break
        address = hops.pop()
    return address


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_in(address: str, networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    return _is_address(address) and any(ipaddress.ip_address(address) in network for network in networks)
