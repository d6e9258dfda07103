"""Asset types (资产类型): what there is, adding and importing assets of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from taxops.engines.base import Scope
from taxops.platform.assets import queries, services
from taxops.platform.assets import rules as asset_rules
from taxops.platform.assets.rules.schema import FieldKind
from taxops.web.kit import (
    Action,
    Column,
    DetailPage,
    Done,
    Fact,
    ImportColumn,
    ImportPage,
    ImportPreview,
    ImportRow,
    ListPage,
    Tab,
)

VIEW, EDIT = queries.VIEW, queries.EDIT
_SHOWN = 50


def _fields(_scope: Scope, _now: datetime, kind: Any) -> Mapping[str, Any]:
    return {
        "fields": [(field, FieldKind.label_of(field.kind)) for field in queries.fields_of(kind)],
    }


class AssetTypes(ListPage):
    """The types of assets (资产类型)."""

    name = "asset-types"
    path = "assets/types/"
    title = "资产类型"
    permission = VIEW
    scope_field = ""
    columns = [
        Column(name="name", label="名称", wide=True, card="title"),
        Column(name="code", label="代码"),
        Column(name="n_fields", label="属性数", kind="number", value=lambda kind: len(kind.fields), sort=""),
        Column(name="n_assets", label="资产数", kind="number"),
        Column(name="version", label="版本", kind="number"),
    ]
    search = ["name", "code"]
    sort = "name"
    empty = "还没有资产类型。请执行 taxops serve 完成初始化。"
    note = "打开一个类型，可以登记或导入这一类资产。"

    def rows(self, scope: Scope, now: datetime) -> QuerySet[Any]:
        """Return the types in force, with how many assets of each are within the scope."""
        return queries.counted_types(scope)

    def row_url(self, row: Any) -> str:
        """Return the type's page."""
        return self.url("asset-type", kind=row.code)


class AssetType(DetailPage):
    """One type (资产类型)."""

    name = "asset-type"
    path = "assets/types/<slug:kind>/"
    title = "资产类型"
    permission = VIEW
    parent = "asset-types"
    audit_kind = "asset_type"
    facts = [Fact(name="code", label="代码"), Fact(name="version", label="版本", kind="number")]
    actions = [
        Action("登记", page="asset-new", icon="plus", style="primary"),
        Action("导入", page="asset-import", icon="upload"),
    ]
    tabs = [Tab(code="fields", label="属性定义", template="assets/fields.html", context=_fields)]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the version in force."""
        return queries.get_type(kwargs["kind"])

    def audit_id(self, thing: Any) -> str:
        """Return its code, by which the trail knows it."""
        return str(thing.code)


class AssetImport(ImportPage):
    """Import assets of one type (导入资产)."""

    name = "asset-import"
    path = "assets/import/<slug:kind>/"
    title = "导入资产"
    permission = EDIT
    parent = "asset-type"
    intro = (
        "编号已存在的资产会被修改为表中的内容；表中没有的资产保持不变。关系列可以填写多个编号，用逗号分隔。"
    )

    @cached_property
    def kind(self) -> Any:
        """The type imported."""
        return queries.get_type(self.kwargs["kind"])

    def heading_text(self) -> str:
        """Name the type."""
        return f"导入{self.kind.name}"

    @property
    def columns(self) -> Sequence[ImportColumn]:  # type: ignore[override]  # they depend on the type
        """The fixed columns and those of the type."""
        return [
            _column("资产编号", required=True, help="字母、数字、点、横线和下划线。", example="SYS-001"),
            _column("名称", required=True, example="电子税务局"),
            _column("所属机构", required=True, help="机构代码。", example="145000"),
            _column(
                "状态", help="、".join(label for _, label in asset_rules.AssetState.pairs()), example="在用"
            ),
            _column("启用日期", example="2026-01-01"),
            _column("停用日期"),
            *(
                _column(
                    field.label,
                    required=field.required,
                    help="、".join(field.choices) or FieldKind.label_of(field.kind) + field.unit,
                )
                for field in queries.fields_of(self.kind)
            ),
            *(_column(label, help="对方的资产编号。") for label in ("上级资产", "运行于", "依赖", "位于")),
        ]

    def rows_of(self, rows: Sequence[ImportRow]) -> list[asset_rules.ImportRow]:
        """Return the rows as the service takes them."""
        return [asset_rules.ImportRow(row.number, {**row.values, "资产类型": self.kind.code}) for row in rows]

    def check(self, scope: Scope, now: datetime, rows: Sequence[ImportRow]) -> ImportPreview:
        """Return what the rows would do."""
        plan = services.preview_import(scope, self.rows_of(rows))
        lines = [(item.row, f"新增 {item.code} {item.name}") for item in plan.added[:_SHOWN]]
        lines += [(item.row, f"修改 {item.code} {item.name}") for item in plan.changed[:_SHOWN]]
        return ImportPreview(
            added=len(plan.added),
            changed=len(plan.changed),
            same=plan.unchanged,
            lines=sorted(lines),
            problems=plan.problems,
        )

    def apply(self, scope: Scope, now: datetime, rows: Sequence[ImportRow]) -> Done:
        """Import them, all or none."""
        plan = services.import_assets(scope, self.rows_of(rows), now=now)
        return Done(f"导入完成：{plan.summary}", to=f"{self.url('assets')}?type={self.kind.code}")


def _column(label: str, *, required: bool = False, help: str = "", example: str = "") -> ImportColumn:  # noqa: A002 -- the kit's word
    return ImportColumn(name=label, label=label, required=required, help=help, example=example)


PAGES = [AssetTypes, AssetType, AssetImport]
