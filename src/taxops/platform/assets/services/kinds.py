"""Asset types (资产类型): the built-in ones, and versions of them."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from taxops.engines.base import BadInput, Scope
from taxops.platform.assets.models import AssetType
from taxops.platform.assets.queries import EDIT
from taxops.platform.assets.rules import Field, check_fields, read_fields
from taxops.platform.audit.services import record

_DATA = Path(__file__).resolve().parent.parent / "data" / "types.toml"


def built_in() -> list[dict[str, Any]]:
    """Return the built-in types as the data file has them."""
    found: list[dict[str, Any]] = tomllib.loads(_DATA.read_text("utf-8"))["type"]
    return found


@transaction.atomic
def ensure_types() -> int:
    """Add the built-in types that are missing or have a newer version (内置资产类型); return how many.

    Safe to call at every start. A version that the bureau made itself is never overwritten.
    """
    newest = {kind.code: kind for kind in AssetType.objects.order_by("version")}
    count = 0
    for item in built_in():
        held = newest.get(item["code"])
        if held is not None and held.version >= item["version"]:
            continue
        fields = read_fields(item["fields"])
        check_fields(fields)
        _add(item["code"], item["name"], item["icon"], fields, item["version"])
        count += 1
    return count


def _add(code: str, name: str, icon: str, fields: Sequence[Field], version: int) -> AssetType:
    AssetType.objects.filter(code=code, is_current=True).update(is_current=False)
    return AssetType.objects.create(
        code=code, name=name, icon=icon, fields=[field.as_dict() for field in fields], version=version
    )


def save_type(
    scope: Scope, *, now: datetime, code: str, name: str, fields: Sequence[Field], icon: str = "box"
) -> AssetType:
    """Add a type or a new version of one (保存资产类型); assets keep their version until they are edited.

    Raises:
        NotPermitted: without `assets.edit`.
        BadInput: the code or name is wrong, or the fields make no schema.
    """
    scope.require(EDIT)
    if not code or len(code) > 40 or not code.isascii() or not code.replace("-", "").isalnum():
        raise BadInput(f"类型代码「{code[:20]}」不正确。", "请使用小写字母、数字和短横线。", field="code")
    if not name.strip() or len(name) > 80:
        raise BadInput("请填写类型名称，最多 80 个字。", field="name")
    if AssetType.objects.filter(name=name, is_current=True).exclude(code=code).exists():
        raise BadInput(f"已有名为「{name}」的资产类型。", "请换一个名称。", field="name")
    check_fields(fields)
    with transaction.atomic():
        held = AssetType.objects.filter(code=code).order_by("-version").first()
        if held and held.is_current and (held.name, read_fields(held.fields), held.icon) == (
            name, list(fields), icon
        ):  # fmt: skip
            return held
        kind = _add(code, name.strip(), icon, fields, held.version + 1 if held else 1)
        record(
            scope,
            now=now,
            action="asset_type.edit" if held else "asset_type.add",
            kind="asset_type",
            object_id=code,
            label=name,
            before={"name": held.name, "fields": held.fields, "version": held.version} if held else None,
            after={"name": kind.name, "fields": kind.fields, "version": kind.version},
        )
    return kind
