"""What the frame shows on every page (页面框架): menu, theme, bell, duty; nothing is asked before it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import cached_property

from taxops.engines.base import Scope, Unavailable
from taxops.platform.live import queries as live

from . import menu, slots
from .menu import Group, Link

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "taxops_theme"
MENU_COOKIE = "taxops_menu"


class Frame:
    """The frame of one request (框架); a template that does not use a part does not pay for it."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def scope(self) -> Scope:
        """Who reads; nobody when the request failed before identity was known."""
        found = getattr(self._request, "scope", None)
        return found if isinstance(found, Scope) else Scope(actor_id=None, actor_name="")

    @cached_property
    def now(self) -> datetime | None:
        """The request's instant, when it has one."""
        return getattr(self._request, "now", None)

    @cached_property
    def person(self) -> Any:
        """The person logged in, or None."""
        user = getattr(self._request, "user", None)
        return user if user is not None and getattr(user, "is_authenticated", False) else None

    @cached_property
    def theme(self) -> str:
        """`auto`, `light` or `dark`, from the cookie, so that the server renders it at once."""
        wanted = self._request.COOKIES.get(THEME_COOKIE, "auto")
        return wanted if wanted in THEMES else "auto"

    @cached_property
    def menu_folded(self) -> bool:
        """Whether the reader has folded the menu to its icons."""
        return self._request.COOKIES.get(MENU_COOKIE) == "folded"

    @cached_property
    def menu(self) -> list[Group]:
        """The systems and pages this reader may open."""
        match = self._request.resolver_match
        return menu.for_scope(self.scope, match.url_name or "" if match else "")

    @cached_property
    def me(self) -> list[Link]:
        """Lines of the me menu."""
        return menu.links(slots.me, self.scope)

    @cached_property
    def unread(self) -> slots.Badge | None:
        """The bell's count."""
        return slots.unread.ask(self.scope, self.now) if self.now and self.person else None

    @cached_property
    def duty(self) -> slots.Duty | None:
        """Who is on duty."""
        return slots.duty.ask(self.scope, self.now) if self.now and self.person else None

    @cached_property
    def live_since(self) -> str:
        """The newest live event when the page was rendered, so that none is lost until it listens."""
        try:
            return live.position()
        except Unavailable:
            return ""  # the page itself is worth more than its live refresh

    @cached_property
    def logout_url(self) -> str:
        """Where the log-out button posts to; empty while identity has no such page."""
        return menu.url_or_nothing("logout")

    @property
    def login_url(self) -> str:
        """Where nobody becomes somebody."""
        return str(settings.LOGIN_URL)

    @property
    def demo(self) -> bool:
        """Whether this is a demonstration."""
        return bool(settings.CONFIG.demo)


def frame(request: HttpRequest) -> Mapping[str, Any]:
    """Return the frame for templates (context processor)."""
    return {"frame": Frame(request)}
