"""Pages that the frame itself needs (框架页面): the global search."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponseBase

from taxops.engines.base import Scope
from taxops.web.kit import Page
from taxops.web.kit.page import asks_partial
from taxops.web.kit.search import look_up


class SearchPage(Page):
    """One box for everything (全局搜索, Ctrl K): pages, and whatever the rooms offer within the scope."""

    name = "search"
    path = "search/"
    title = "搜索"
    template = "kit/search.html"
    partial: ClassVar[str] = "kit/search_results.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return what is found for `?q=`."""
        text = self.request.GET.get("q", "")
        return {"q": text.replace("\x00", "")[:100], "found": look_up(scope, text, now)}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the results alone when the search box asks."""
        return self.show(
            self.partial if asks_partial(request) else self.template, self.context(self.scope, self.now)
        )


PAGES = [SearchPage]
