"""The search page of knowledge (知识检索): answers while one types, by keyboard alone if one likes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from taxops.engines.base import Scope
from taxops.systems.operations.knowledge import queries
from taxops.systems.operations.knowledge.words import Category
from taxops.web.kit import Page
from taxops.web.kit.page import asks_partial

_PAGE = 20


class KnowledgeSearch(Page):
    """Find an article (知识检索)."""

    name = "knowledge-search"
    path = "operations/knowledge/search/"
    title = "知识检索"
    permission = queries.VIEW
    parent = "knowledge-articles"
    template = "operations/knowledge/search.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return what was found, and the counts that lead to lists."""
        text = self.request.GET.get("q", "").replace("\x00", "")[:200]
        category = self.request.GET.get("category", "")
        if category not in {c.value for c in Category}:
            category = ""
        try:
            first = max(0, min(int(self.request.GET.get("from", "0") or 0), 580))
        except ValueError:
            first = 0
        found = queries.search(scope, text, category=category, limit=_PAGE, offset=first)
        return {
            "q": text,
            "category": category,
            "categories": Category.pairs(),
            "found": found,
            "labels": dict(Category.pairs()),
            "first": first,
            "next": first + _PAGE if found.total > first + _PAGE else 0,
            "counts": queries.counts(scope, now) if not text else {},
            "may_write": scope.has("knowledge.write"),
        }

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the page, or the results alone while one types."""
        part = asks_partial(request) and request.headers.get("HX-Target") == "found"
        template = "operations/knowledge/found.html" if part else self.template
        return self.show(template, self.context(self.scope, self.now, **kwargs))


PAGES: Sequence[type[Any]] = [KnowledgeSearch]
