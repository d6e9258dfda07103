"""Tying assets together and apart (资产关系的建立与解除)."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from taxops.engines.base import BadInput, Conflict, NotFound, Scope
from taxops.platform.assets.models import Asset, Relation
from taxops.platform.assets.queries import EDIT, VIEW, onward_edges
from taxops.platform.assets.rules import RelationKind, find_path

from .keeping import note

_LOCK = 0x7A7870_61737374  # an arbitrary number that PostgreSQL's advisory lock goes by


def lock_graph() -> None:
    """Let nobody else change relations until the transaction ends: two halves of a loop must not pass."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def relate(scope: Scope, *, now: datetime, source: Asset, kind: str, target: Asset) -> Relation:
    """Let `source` be part of, run on, depend on or lie in `target` (建立关系); doing it twice is harmless.

    Raises:
        NotPermitted: without `assets.edit` at the source or `assets.view` at the target.
        BadInput: no such relation, an asset with itself, or a loop (named step by step).
        Conflict: the source lies elsewhere already.
    """
    scope.require(EDIT, source.org.path)
    if not scope.allows(EDIT, target.org.path):
        scope.require(VIEW, target.org.path)
    if kind not in [member.value for member in RelationKind]:
        raise BadInput(f"没有名为「{kind[:20]}」的资产关系。", "请从列表中选择。", field="kind")
    if source.pk == target.pk:
        raise BadInput("资产不能与自己建立关系。", "请选择另一项资产。", field="target")
    with transaction.atomic():
        lock_graph()
        held = Relation.objects.filter(source=source, kind=kind, target=target).first()
        if held is not None:
            return held
        _refuse_loop(source, kind, target)
        if kind == RelationKind.LOCATED_IN:
            place = Relation.objects.filter(source=source, kind=kind).select_related("target").first()
            if place is not None:
                raise Conflict(
                    f"「{source.name}」已登记位于「{place.target.name}」。", "请先解除原来的位置关系。"
                )
        relation = Relation.objects.create(source=source, kind=kind, target=target)
        words = f"{RelationKind.label_of(kind)} {target.code}"
        note(scope, now, "asset.relate", source, {"relation": ""}, {"relation": words})
    return relation


def _refuse_loop(source: Asset, kind: str, target: Asset) -> None:
    """Do nothing when the new relation closes no loop.

    Raises:
        BadInput: it does; the message names the way round.
    """
    way = find_path(onward_edges([target.pk], kind), target.pk, source.pk)
    if not way:
        return
    names = dict(Asset.objects.filter(pk__in=way).values_list("pk", "name"))
    round_ = " → ".join([source.name, *(names[step] for step in way)])
    raise BadInput(
        f"不能建立这个关系，它会成环：{round_}。",
        f"请先解除其中一段“{RelationKind.label_of(kind)}”关系。",
        field="target",
    )


def unrelate(scope: Scope, *, now: datetime, relation_id: int) -> None:
    """Take a relation away (解除关系).

    Raises:
        NotFound: there is none.
        NotPermitted: without `assets.edit` at its source.
    """
    with transaction.atomic():
        held = Relation.objects.select_related("source__org", "target").filter(pk=relation_id).first()
        if held is None:
            raise NotFound("没有这个关系，可能刚刚被解除。", "请刷新页面。")
        scope.require(EDIT, held.source.org.path)
        words = f"{RelationKind.label_of(held.kind)} {held.target.code}"
        source = held.source
        held.delete()
        note(scope, now, "asset.unrelate", source, {"relation": words}, {"relation": ""})
