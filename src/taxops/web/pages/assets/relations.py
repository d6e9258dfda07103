"""Relations of assets (资产关系): making and taking away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from taxops.engines.base import BadInput, NotFound, Scope
from taxops.platform.assets import queries, services
from taxops.platform.assets.rules import RelationKind
from taxops.web.kit import ActionPage, Confirm, Done, FormPage

from .forms import RelateForm

EDIT = queries.EDIT


class AssetRelate(FormPage):
    """Tie an asset to another (建立关系)."""

    name = "asset-relate"
    path = "assets/<int:pk>/relate/"
    title = "建立关系"
    permission = EDIT
    parent = "asset"
    form = RelateForm

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the asset, or None outside the scope."""
        return queries.by_id(scope, kwargs["pk"], EDIT)

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Start empty."""
        return {}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Tie them."""
        may_see = queries.VIEW if scope.has(queries.VIEW) else EDIT
        try:
            target = queries.get(scope, data["target"], may_see)
        except NotFound as error:
            raise BadInput(error.what, error.todo, field="target") from error
        services.relate(scope, now=now, source=thing, kind=data["kind"], target=target)
        words = RelationKind.label_of(data["kind"])
        return Done(f"已登记：{thing.name} {words} {target.name}。", to=f"/assets/{thing.pk}/?tab=relations")


class AssetUnrelate(ActionPage):
    """Take a relation away (解除关系)."""

    name = "asset-unrelate"
    path = "assets/relations/<int:pk>/remove/"
    title = "解除关系"
    permission = EDIT
    parent = "assets"
    danger = True

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the relation, or None outside the scope."""
        return queries.find_relation(scope, kwargs["pk"])

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Name both ends."""
        words = RelationKind.label_of(thing.kind)
        return Confirm(
            f"将解除「{thing.source.name}」{words}「{thing.target.name}」这一关系，影响分析会随之改变。"
        )

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Take it away."""
        services.unrelate(scope, now=now, relation_id=thing.pk)
        return Done("关系已解除。", to=f"/assets/{thing.source_id}/?tab=relations")


PAGES = [AssetRelate, AssetUnrelate]
