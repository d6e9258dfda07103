"""What assets there are for whom, and how they hang together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from taxops.engines.base import NotFound, Scope
from taxops.platform.identity.queries import within

from .models import Asset, AssetType, Relation
from .rules import Edge, Field, RelationKind, affected, read_fields, shown

VIEW, EDIT = "assets.view", "assets.edit"
_DEPTH = 20


def list_assets(scope: Scope, permission: str = VIEW) -> QuerySet[Asset]:
    """Return the assets within the scope (资产列表), with type and organisation."""
    return Asset.objects.filter(within(scope, permission)).select_related("type", "org")


def get(scope: Scope, code: str, permission: str = VIEW) -> Asset:
    """Return one asset by its code (资产编号).

    Raises:
        NotFound: there is none within the scope.
    """
    found = list_assets(scope, permission).filter(code=code).first()
    if found is None:
        raise NotFound(f"没有编号为「{code[:60]}」的资产，或它不在您的管理范围内。", "请核对资产编号。")
    return found


def by_id(scope: Scope, asset_id: int, permission: str = VIEW) -> Asset | None:
    """Return one asset by its id, or None outside the scope."""
    return list_assets(scope, permission).filter(pk=asset_id).first()


def find_relation(scope: Scope, relation_id: int) -> Relation | None:
    """Return a relation that this person may take away, or None."""
    mine = Relation.objects.filter(within(scope, EDIT, "source__org__path"), pk=relation_id)
    return mine.select_related("source__org", "target").first()


def find(scope: Scope, text: str, limit: int = 10) -> list[Asset]:
    """Return the assets whose code or name contains the text, for searches."""
    if not text.strip():
        return []
    asked = Q(code__icontains=text.strip()) | Q(name__icontains=text.strip())
    return list(list_assets(scope).filter(asked)[:limit])


def current_types() -> QuerySet[AssetType]:
    """Return the types in force (现行资产类型)."""
    return AssetType.objects.filter(is_current=True)


def counted_types(scope: Scope) -> QuerySet[AssetType]:
    """Return the types in force with `n_assets` within the scope, whatever their version."""
    mine = (
        Asset.objects.filter(within(scope, VIEW), type__code=OuterRef("code"))
        .order_by()
        .values("type__code")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return current_types().annotate(n_assets=Coalesce(Subquery(mine), 0))


def get_type(code: str) -> AssetType:
    """Return the version in force of a type.

    Raises:
        NotFound: there is none.
    """
    found = current_types().filter(code=code).first()
    if found is None:
        raise NotFound(f"没有代码为「{code[:40]}」的资产类型。", "请在资产类型页面核对。")
    return found


def fields_of(kind: AssetType) -> list[Field]:
    """Return the attributes that a type has."""
    return read_fields(kind.fields)


def shown_attributes(asset: Asset) -> list[tuple[str, str]]:
    """Return an asset's attributes as `(label, text)`, in the order of its type."""
    return [(field.label, shown(field, asset.attributes.get(field.name))) for field in fields_of(asset.type)]


@dataclass(frozen=True, slots=True)
class Tie:
    """One relation as seen from one of its ends (关系): `other` is None when it is outside the scope."""

    id: int
    kind: str
    is_outgoing: bool
    other: Asset | None

    @property
    def words(self) -> str:
        """The relation in words, read from this end."""
        back = {"part_of": "包含", "runs_on": "承载", "depends_on": "被依赖", "located_in": "容纳"}
        return RelationKind.label_of(self.kind) if self.is_outgoing else back[self.kind]


def ties(scope: Scope, asset: Asset) -> list[Tie]:
    """Return an asset's relations in both directions; two queries."""
    rows = list(Relation.objects.filter(Q(source=asset) | Q(target=asset)).order_by("kind", "id"))
    others = {row.target_id if row.source_id == asset.pk else row.source_id for row in rows}
    seen = {other.pk: other for other in list_assets(scope).filter(pk__in=others)}
    return [
        Tie(row.pk, row.kind, row.source_id == asset.pk,
            seen.get(row.target_id if row.source_id == asset.pk else row.source_id))
        for row in rows
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Affected:
    """An asset that falls with another (受影响资产): how far away, through which asset and relation."""

    asset: Asset
    depth: int
    through: str
    relation: str


@dataclass(frozen=True, slots=True)
class ImpactReport:
    """What is affected when an asset fails (影响分析); `n_hidden` more are outside the scope."""

    items: list[Affected]
    n_hidden: int


def impact(scope: Scope, asset: Asset) -> ImpactReport:
    """Return what is affected when an asset fails (影响分析), nearest first; three queries, however large."""
    ids = _reach(asset.pk)
    edges = [
        Edge(*row)
        for row in Relation.objects.filter(source__in=ids, target__in=ids).values_list(
            "source_id", "kind", "target_id"
        )
    ]
    hits = affected(edges, asset.pk)
    seen = {found.pk: found for found in list_assets(scope).filter(pk__in=[hit.asset for hit in hits])}
    seen[asset.pk] = asset
    items = [
        Affected(
            seen[hit.asset],
            hit.depth,
            seen[hit.through].name if hit.through in seen else "（范围外资产）",
            RelationKind.label_of(hit.kind),
        )
        for hit in hits
        if hit.asset in seen
    ]
    return ImpactReport(items, len(hits) - len(items))


def _reach(start: int) -> list[int]:
    """Return the ids of everything a failure can reach, at most twenty steps away; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE edge(a, b) AS (
                SELECT target_id, source_id FROM assets_relation WHERE kind <> 'part_of'
                UNION ALL
                SELECT source_id, target_id FROM assets_relation WHERE kind = 'part_of'
            ),
            hit(id, depth) AS (
                SELECT CAST(%s AS bigint), 0
                UNION
                SELECT edge.b, hit.depth + 1 FROM hit JOIN edge ON edge.a = hit.id WHERE hit.depth < %s
            )
            SELECT DISTINCT id FROM hit
            """,
            [start, _DEPTH],
        )
        return [row[0] for row in cursor.fetchall()]


def beneath(
    scope: Scope, asset_id: int, *, permission: str = VIEW, most: int = 200
) -> tuple[list[Asset], list[Edge]]:
    """Return an asset with everything it consists of, depends on and runs on, and the relations among these.

    Three queries; at most `most` assets, nearest first (what lies in a place is left out: a room holds many systems).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE edge(a, b) AS (
                SELECT target_id, source_id FROM assets_relation WHERE kind = 'part_of'
                UNION ALL
                SELECT source_id, target_id FROM assets_relation WHERE kind IN ('runs_on', 'depends_on')
            ),
            hit(id, depth) AS (
                SELECT CAST(%s AS bigint), 0
                UNION
                SELECT edge.b, hit.depth + 1 FROM hit JOIN edge ON edge.a = hit.id WHERE hit.depth < %s
            )
            SELECT id, min(depth) AS near FROM hit GROUP BY id ORDER BY near, id LIMIT %s
            """,
            [asset_id, _DEPTH, most],
        )
        depth = {row[0]: row[1] for row in cursor.fetchall()}
    seen = sorted(list_assets(scope, permission).filter(pk__in=depth), key=lambda a: (depth[a.pk], a.pk))
    ids = [asset.pk for asset in seen]
    rows = Relation.objects.filter(source__in=ids, target__in=ids).exclude(kind=RelationKind.LOCATED_IN)
    return seen, [Edge(*row) for row in rows.order_by("id").values_list("source_id", "kind", "target_id")]


def onward_edges(starts: Iterable[int], kind: str) -> list[Edge]:
    """Return the relations of one kind that can be reached from some assets; one query."""
    chosen = sorted(set(starts))
    if not chosen:
        return []
    marks = ", ".join(["(%s)"] * len(chosen))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH RECURSIVE hit(id) AS (
                SELECT CAST(column1 AS bigint) FROM (VALUES {marks}) AS given
                UNION
                SELECT r.target_id FROM hit JOIN assets_relation r ON r.source_id = hit.id AND r.kind = %s
            )
            SELECT r.source_id, r.kind, r.target_id
            FROM assets_relation r JOIN hit ON hit.id = r.source_id AND r.kind = %s
            """,  # noqa: S608 -- only placeholders are put in
            [*chosen, kind, kind],
        )
        return [Edge(*row) for row in cursor.fetchall()]


def parts(scope: Scope, asset: Asset) -> QuerySet[Asset]:
    """Return the direct components of an asset (组成部分) within the scope."""
    return list_assets(scope).filter(relations_out__kind=RelationKind.PART_OF, relations_out__target=asset)
