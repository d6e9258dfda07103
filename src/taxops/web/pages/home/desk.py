"""The desk (工作台): what waits for me and where I may go, for those whose system has no first screen yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from taxops.engines.base import Scope
from taxops.platform.notify import queries
from taxops.web.kit import Page, menu

PLATFORM = "platform"


class Desk(Page):
    """My notices and my places (工作台); the first screen of those who administer or only receive."""

    name = "desk"
    path = "desk/"
    title = "工作台"
    template = "home/desk.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return unread notices and the menu as cards."""
        return {
            "unread": queries.unread_count(scope),
            "notices": queries.latest_unread(scope, 8),
            "groups": menu.for_scope(scope, self.name),
        }


class Home(Page):
    """The address without a path (首页): leads to the first screen of the reader's own system."""

    name = "home"
    path = ""
    title = "首页"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send the reader on; a system's first menu line is its first screen."""
        own = [g for g in menu.for_scope(self.scope) if g.code not in {PLATFORM, "demo"}]
        return HttpResponseRedirect(own[0].links[0].url if own else self.url("desk"))


PAGES = [Home, Desk]
