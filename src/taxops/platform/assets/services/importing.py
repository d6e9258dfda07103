"""Importing assets from a table (资产导入): first look, then do; one bad row and nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from taxops.engines.base import BadInput, Scope, TooLarge
from taxops.platform.assets.models import Asset, AssetType, Relation
from taxops.platform.assets.queries import EDIT
from taxops.platform.assets.rules import (
    AssetState,
    ImportPlan,
    ImportRow,
    Known,
    KnownType,
    PlannedAsset,
    plan_import,
    read_fields,
)
from taxops.platform.identity.models import OrgUnit

from .keeping import note, values_of
from .relations import lock_graph

MAX_ROWS = 5_000


def preview_import(scope: Scope, rows: Sequence[ImportRow]) -> ImportPlan:
    """Return what importing the rows would do (导入预览), with every row's problems; stores nothing.

    Raises:
        NotPermitted: without `assets.edit` anywhere.
        BadInput: there is no row.
        TooLarge: there are too many.
    """
    scope.require(EDIT)
    if not rows:
        raise BadInput("表格里没有数据行。", "请在表头之下填写资产，每行一项。")
    if len(rows) > MAX_ROWS:
        raise TooLarge(f"表格有 {len(rows)} 行，一次最多导入 {MAX_ROWS} 行。", "请拆分成几个文件，分次导入。")
    return plan_import(rows, _known(scope))


def _known(scope: Scope) -> Known:
    """Return what an import is measured against; four queries."""
    types: dict[str, KnownType] = {}
    for kind in AssetType.objects.filter(is_current=True):
        types[kind.code] = types[kind.name] = KnownType(
            kind.pk, kind.code, kind.name, tuple(read_fields(kind.fields))
        )
    edges = list(Relation.objects.values_list("source__code", "kind", "target__code"))
    ties: dict[str, list[tuple[str, str]]] = {}
    for source, relation, target in edges:
        ties.setdefault(source, []).append((relation, target))
    assets = {
        asset.code: _as_planned(asset, tuple(ties.get(asset.code, ())))
        if scope.allows(EDIT, asset.org.path)
        else None
        for asset in Asset.objects.select_related("org", "type")
    }
    return Known(
        types=types,
        orgs={code: scope.allows(EDIT, path) for code, path in OrgUnit.objects.values_list("code", "path")},
        states={label: code for code, label in AssetState.pairs()},
        assets=assets,
        edges=edges,
    )


def _as_planned(asset: Asset, ties: tuple[tuple[str, str], ...]) -> PlannedAsset:
    return PlannedAsset(
        0,
        asset.code,
        asset.name,
        asset.type_id,
        asset.org.code,
        asset.state,
        asset.attributes,
        asset.valid_from,
        asset.valid_to,
        ties,
    )


@transaction.atomic
def import_assets(scope: Scope, rows: Sequence[ImportRow], *, now: datetime) -> ImportPlan:
    """Store what the rows say (资产导入): all of them, or none when any is bad.

    Raises:
        NotPermitted: without `assets.edit` anywhere.
        BadInput: rows are bad; the error carries each one's problem.
        TooLarge: too many rows.
    """
    lock_graph()
    plan = preview_import(scope, rows)
    if plan.problems:
        raise BadInput(
            f"有 {len({problem.row for problem in plan.problems})} 行不能导入，未保存任何数据。",
            "请按下列提示修改后重新上传。",
            problems=plan.problems,
        )
    orgs = {
        org.code: org for org in OrgUnit.objects.filter(code__in={a.org for a in plan.added + plan.changed})
    }
    types = AssetType.objects.in_bulk({a.type_id for a in plan.added + plan.changed})
    for planned in plan.changed:
        asset = Asset.objects.select_related("type", "org").get(code=planned.code)
        before = values_of(asset)
        _fill(asset, planned, orgs, types, now)
        asset.save()
        if values_of(asset) != before:
            note(scope, now, "asset.import", asset, before, values_of(asset))
    made = [_fill(Asset(code=planned.code), planned, orgs, types, now) for planned in plan.added]
    for asset in Asset.objects.bulk_create(made, batch_size=500):
        note(scope, now, "asset.import", asset, None, values_of(asset))
    _tie(plan.added + plan.changed)
    return plan


def _fill(
    asset: Asset,
    planned: PlannedAsset,
    orgs: Mapping[str, OrgUnit],
    types: Mapping[int, AssetType],
    now: datetime,
) -> Asset:
    asset.name, asset.state, asset.updated_at = planned.name, planned.state, now
    asset.type, asset.org = types[planned.type_id], orgs[planned.org]
    asset.attributes = dict(planned.attributes)
    asset.valid_from, asset.valid_to = planned.valid_from, planned.valid_to
    return asset


def _tie(planned: Sequence[PlannedAsset]) -> None:
    """Make the relations what the table says, where it says anything."""
    codes = {p.code for p in planned} | {other for p in planned for _, other in p.relations}
    ids = dict(Asset.objects.filter(code__in=codes).values_list("code", "pk"))
    for asset in planned:
        for kind in dict.fromkeys(kind for kind, _ in asset.relations):
            told = {ids[other] for relation, other in asset.relations if relation == kind and other}
            mine = Relation.objects.filter(source_id=ids[asset.code], kind=kind)
            mine.exclude(target_id__in=told).delete()
            held = set(mine.values_list("target_id", flat=True))
            Relation.objects.bulk_create(
                [Relation(source_id=ids[asset.code], kind=kind, target_id=pk) for pk in sorted(told - held)]
            )
