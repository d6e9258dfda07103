"""Knowledge in the search for anything (全局搜索)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse

from taxops.engines.base import Scope
from taxops.systems.operations.knowledge import queries
from taxops.systems.operations.knowledge.words import Category
from taxops.web.kit import Hit, Provider, search_providers


def find_articles(scope: Scope, text: str, _now: datetime) -> Sequence[Hit]:
    """Return the articles that the text finds, best first."""
    return [
        Hit(
            hit.plain,
            reverse("knowledge-article", kwargs={"pk": hit.object_id}),
            Category.label_of(hit.facet),
        )
        for hit in queries.search(scope, text, limit=5).hits
    ]


search_providers.add("knowledge", Provider("知识库", find_articles, queries.VIEW, "book"))
