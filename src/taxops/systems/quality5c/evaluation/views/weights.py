"""A model's weights by every method, side by side (权重方法对照)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import NotFound, Scope
from taxops.systems.quality5c.definitions.queries import list_indicators
from taxops.systems.quality5c.definitions.shipped import ASPECTS
from taxops.systems.quality5c.evaluation import queries
from taxops.systems.quality5c.modelling.queries import find_model
from taxops.web.kit import Page


class Weights(Page):
    """Manual, entropy and CRITIC weights of a model's items (权重方法对照)."""

    name = "q5c-model-weights"
    path = "quality5c/models/<int:pk>/weights/"
    title = "权重方法对照"
    permission = queries.VIEW
    parent = "q5c-model"
    template = "quality5c/weights.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return the table of the newest scheme that this model made.

        Raises:
            NotFound: no such model.
        """
        model = find_model(kwargs["pk"])
        if model is None:
            raise NotFound("没有这个评价模型。", "请从模型列表进入。")
        scheme, table = queries.weights_of(scope, model.pk)
        names = {i.code: i.name for i in list_indicators()}
        groups = [
            (ASPECTS.get(a, a), [(r, names.get(r.code, "")) for r in rows]) for a, rows in table.items()
        ]
        return {"scheme": scheme, "groups": groups, "model": model}


PAGES: Sequence[type[Any]] = [Weights]
