"""Adding and changing assets (资产的建立与修改)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from taxops.engines.base import BadInput, Conflict, RowProblem, Scope
from taxops.platform.assets.models import Asset, AssetType
from taxops.platform.assets.queries import EDIT
from taxops.platform.assets.rules import AssetState, read_fields, validate
from taxops.platform.assets.rules.importing import CODE
from taxops.platform.audit.services import record
from taxops.platform.identity.models import OrgUnit


def values_of(asset: Asset) -> dict[str, object]:
    """Return an asset as the trail keeps it."""
    return {
        "code": asset.code,
        "name": asset.name,
        "type": asset.type.code,
        "org": asset.org.code,
        "state": asset.state,
        "attributes": asset.attributes,
        "valid_from": asset.valid_from.isoformat() if asset.valid_from else "",
        "valid_to": asset.valid_to.isoformat() if asset.valid_to else "",
    }


def clean_attributes(kind: AssetType, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return attributes that fit the type.

    Raises:
        BadInput: one does not; the first one's name is the error's field, all are in its problems.
    """
    clean, wrong = validate(read_fields(kind.fields), attributes)
    if wrong:
        first = next(iter(wrong))
        labels = {field.name: field.label for field in read_fields(kind.fields)}
        raise BadInput(
            wrong[first],
            f"共有 {len(wrong)} 个属性需要修改。" if len(wrong) > 1 else "",
            field=first,
            problems=[RowProblem(0, labels.get(name, name), what) for name, what in wrong.items()],
        )
    return clean


def _check(name: str, state: str, valid_from: date | None, valid_to: date | None) -> None:
    """Do nothing when the fixed fields can stand.

    Raises:
        BadInput: they cannot.
    """
    if not name.strip() or len(name) > 120:
        raise BadInput("请填写资产名称，最多 120 个字。", field="name")
    if state not in [member.value for member in AssetState]:
        raise BadInput(f"没有名为「{state[:20]}」的资产状态。", field="state")
    if valid_from and valid_to and valid_to <= valid_from:
        raise BadInput("停用日期必须晚于启用日期。", field="valid_to")


def create(
    scope: Scope,
    *,
    now: datetime,
    code: str,
    name: str,
    type: AssetType,  # noqa: A002 -- the field's own name
    org: OrgUnit,
    attributes: Mapping[str, Any] | None = None,
    state: str = AssetState.IN_USE.value,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Asset:
    """Add an asset (登记资产).

    Raises:
        NotPermitted: without `assets.edit` at the organisation.
        BadInput: a field is missing or wrong.
        Conflict: the code is taken.
    """
    scope.require(EDIT, org.path)
    code = code.strip()
    if not CODE.fullmatch(code):
        raise BadInput(
            f"资产编号「{code[:20]}」不正确。",
            "请使用字母、数字、点、横线和下划线，最多 60 个字符。",
            field="code",
        )
    _check(name, state, valid_from, valid_to)
    clean = clean_attributes(type, attributes or {})
    try:
        with transaction.atomic():
            asset = Asset.objects.create(
                code=code,
                name=name.strip(),
                type=type,
                org=org,
                state=state,
                attributes=clean,
                valid_from=valid_from,
                valid_to=valid_to,
                updated_at=now,
            )
            note(scope, now, "asset.add", asset, None, values_of(asset))
    except IntegrityError as error:
        raise Conflict(
            f"资产编号「{code}」已被使用。", "请核对是否重复登记，或换一个编号。", field="code"
        ) from error
    return asset


def edit(
    scope: Scope,
    *,
    now: datetime,
    asset: Asset,
    name: str | None = None,
    org: OrgUnit | None = None,
    attributes: Mapping[str, Any] | None = None,
    state: str | None = None,
    dates: tuple[date | None, date | None] | None = None,
    seen_at: datetime | None = None,
) -> Asset:
    """Change an asset (修改资产); it comes under the version of its type in force now.

    Args:
        attributes: all of them; None leaves them.
        dates: first day of use and first day of no use any more; None leaves both.
        seen_at: the `updated_at` that the person saw, so that no other change is overwritten.

    Raises:
        NotPermitted: without `assets.edit` where the asset is or shall be.
        BadInput: a field is missing or wrong.
        Conflict: somebody else has changed it since.
    """
    scope.require(EDIT, asset.org.path)
    if org is not None:
        scope.require(EDIT, org.path)
    with transaction.atomic():
        held = Asset.objects.select_for_update(of=("self",)).select_related("type", "org").get(pk=asset.pk)
        if seen_at is not None and held.updated_at != seen_at:
            raise Conflict("这项资产刚刚被别人修改过。", "请刷新页面，在最新内容上重新修改。")
        before = values_of(held)
        kind = AssetType.objects.filter(code=held.type.code, is_current=True).first() or held.type
        held.name = (held.name if name is None else name).strip()
        held.state = held.state if state is None else state
        if dates is not None:
            held.valid_from, held.valid_to = dates
        _check(held.name, held.state, held.valid_from, held.valid_to)
        held.attributes = clean_attributes(kind, held.attributes if attributes is None else attributes)
        held.type, held.org, held.updated_at = kind, org or held.org, now
        held.save()
        note(scope, now, "asset.edit", held, before, values_of(held))
    return held


def note(
    scope: Scope,
    now: datetime,
    action: str,
    asset: Asset,
    before: Mapping[str, object] | None,
    after: Mapping[str, object] | None,
) -> None:
    """Write one line of an asset's history."""
    record(
        scope,
        now=now,
        action=action,
        kind="asset",
        object_id=asset.pk,
        label=f"{asset.name}（{asset.code}）",
        before=before,
        after=after,
        org_path=asset.org.path,
    )
