"""Assets (资产): the list, one asset, adding and changing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils.safestring import mark_safe

from taxops.engines.base import CHINA, BadInput, Scope
from taxops.platform.assets import labels, queries, services
from taxops.platform.assets.rules import AssetState, Field
from taxops.platform.identity import queries as identity
from taxops.web.kit import (
    Action,
    BulkAction,
    ChoiceFilter,
    Column,
    DetailPage,
    Done,
    Fact,
    FormPage,
    ListPage,
    OrgFilter,
    Page,
    State,
    Tab,
    Tone,
    state_of,
)

from .forms import PREFIX, AssetForm, attributes_of

VIEW, EDIT = queries.VIEW, queries.EDIT
TONES = {
    "in_use": Tone.GOOD,
    "repair": Tone.WARNING,
    "spare": Tone.PLAIN,
    "planned": Tone.ACTIVE,
    "retired": Tone.SUSPENDED,
}


def _types(_scope: Scope, _now: datetime) -> list[tuple[str, str]]:
    return list(queries.current_types().order_by("name").values_list("code", "name"))


def _label_url(_scope: Scope, _now: datetime, rows: QuerySet[Any]) -> Done:
    ids = ",".join(str(pk) for pk in rows.values_list("pk", flat=True)[: labels.MAX_SHEET])
    return Done("标签已生成，请打印。", to=f"/assets/labels/?ids={ids}")


class Assets(ListPage):
    """Everything operated, within the scope (资产列表)."""

    name = "assets"
    path = "assets/"
    title = "资产"
    permission = VIEW
    columns = [
        Column(name="code", label="资产编号", card="fact"),
        Column(name="name", label="名称", wide=True, card="title"),
        Column(name="type", label="类型", sort="type__name"),
        Column(name="state", label="状态", kind="state", choices=AssetState, tones=TONES, card="state"),
        Column(name="org", label="机构", kind="org", sort="org__path"),
        Column(name="valid_from", label="启用日期", kind="date", hidden=True),
        Column(name="valid_to", label="停用日期", kind="date", hidden=True),
        Column(name="updated_at", label="更新时间", kind="datetime"),
    ]
    filters = [
        ChoiceFilter(name="type", label="类型", field="type__code", choices=_types, multiple=True),
        ChoiceFilter(name="state", label="状态", choices=AssetState, multiple=True),
        OrgFilter(name="org", label="机构"),
    ]
    search = ["code", "name"]
    search_hint = "搜索编号或名称"
    sort = "code"
    detail = "asset"
    empty = "还没有资产。可以逐项登记，也可以用表格导入。"
    actions = [Action("登记或导入", page="asset-types", icon="plus", style="primary", permission=EDIT)]
    bulk = [
        BulkAction(
            code="labels", label="打印二维码", run=_label_url, confirm="将为选中的 {n} 项资产生成标签。"
        )
    ]

    def rows(self, scope: Scope, now: datetime) -> QuerySet[Any]:
        """Return the assets within the scope."""
        return queries.list_assets(scope)


def _qr(_scope: Scope, _now: datetime, asset: Any) -> Mapping[str, Any]:
    address = labels.address(asset, settings.CONFIG.public_url)
    drawn = labels.svg(address, scale=5)
    return {"qr": mark_safe(drawn), "address": address}  # noqa: S308 -- drawn by us from an encoded address


class Asset(DetailPage):
    """One asset (资产)."""

    name = "asset"
    path = "assets/<int:pk>/"
    title = "资产"
    permission = VIEW
    parent = "assets"
    audit_kind = "asset"
    history_labels = {"attributes": "属性", "relation": "关系", "type": "类型", "org": "机构"}
    history_actions = {"asset.relate": "建立关系", "asset.unrelate": "解除关系", "asset.import": "导入"}
    facts = [
        Fact(name="code", label="资产编号"),
        Fact(name="type", label="类型"),
        Fact(name="org", label="机构", kind="org"),
        Fact(name="valid_from", label="启用日期", kind="date"),
        Fact(name="valid_to", label="停用日期", kind="date"),
        Fact(name="updated_at", label="更新时间", kind="datetime"),
    ]
    actions = [
        Action("编辑", page="asset-edit", icon="pencil"),
        Action("建立关系", page="asset-relate", icon="link"),
    ]
    tabs = [
        Tab(
            code="attributes",
            label="属性",
            template="assets/attributes.html",
            context=lambda _scope, _now, asset: {"attributes": queries.shown_attributes(asset)},
        ),
        Tab(
            code="relations",
            label="关系",
            template="assets/relations.html",
            context=lambda scope, _now, asset: {
                "ties": queries.ties(scope, asset),
                "may_edit": scope.allows(EDIT, asset.org.path),
            },
        ),
        Tab(
            code="impact",
            label="影响分析",
            template="assets/impact.html",
            context=lambda scope, _now, asset: {"report": queries.impact(scope, asset)},
        ),
        Tab(code="qr", label="二维码", template="assets/qr.html", context=_qr),
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the asset, or None outside the scope."""
        return queries.by_id(scope, kwargs["pk"])

    def state(self, thing: Any) -> State | None:
        """Tell where it is in its life."""
        return state_of(thing.state, label=AssetState.label_of(thing.state), tones=TONES)


class AssetByCode(Page):
    """Where a QR code leads (扫码进入): to the asset with this code."""

    name = "asset-by-code"
    path = "a/<str:code>/"
    title = "资产"
    permission = VIEW

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Go on to the asset."""
        asset = queries.get(self.scope, kwargs["code"])
        return HttpResponseRedirect(self.url("asset", pk=asset.pk))


class _AssetFormPage(FormPage):
    """What adding and changing share."""

    permission = EDIT
    form = AssetForm

    def kind(self) -> Any:
        """Return the type whose fields are shown: the version in force."""
        return queries.get_type(self.thing.type.code if self.thing else self.kwargs["kind"])

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the type's fields and the organisations to choose from."""
        today = now.astimezone(CHINA).date()
        units = identity.list_orgs(scope, permission=EDIT, on=today).order_by("path")
        return {
            "fields": queries.fields_of(self.kind()),
            "orgs": [(unit.code, f"{unit.name}（{unit.code}）") for unit in units],
            "is_new": thing is None,
        }

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Keep the asset."""
        org = identity.get_org(scope, data["org"], permission=EDIT)
        try:
            asset = self.keep(scope, now, data, thing, org)
        except BadInput as error:
            if error.field and PREFIX + error.field in data:
                raise BadInput(error.what, error.todo, field=PREFIX + error.field) from error
            raise
        return Done(f"资产「{asset.name}」已保存。", to=self.url("asset", pk=asset.pk))

    def keep(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any, org: Any) -> Any:
        """Do it: one service call."""
        raise NotImplementedError


class AssetNew(_AssetFormPage):
    """Add an asset (登记资产)."""

    name = "asset-new"
    path = "assets/new/<slug:kind>/"
    title = "登记资产"
    parent = "asset-types"

    def heading_text(self) -> str:
        """Name the type."""
        return f"登记{self.kind().name}"

    def keep(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any, org: Any) -> Any:
        """Add it."""
        return services.create(
            scope,
            now=now,
            code=data["code"],
            name=data["name"],
            type=self.kind(),
            org=org,
            attributes=attributes_of(data),
            state=data["state"],
            valid_from=data["valid_from"],
            valid_to=data["valid_to"],
        )


class AssetEdit(_AssetFormPage):
    """Change an asset (编辑资产)."""

    name = "asset-edit"
    path = "assets/<int:pk>/edit/"
    title = "编辑资产"
    parent = "asset"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the asset, or None outside the scope."""
        return queries.by_id(scope, kwargs["pk"], EDIT)

    def version(self, thing: Any) -> str:
        """Return when it was last changed."""
        return str(thing.updated_at.isoformat())

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the asset's values."""
        return {
            "name": thing.name,
            "org": thing.org.code,
            "state": thing.state,
            "valid_from": thing.valid_from,
            "valid_to": thing.valid_to,
            **{
                PREFIX + field.name: _typed(field, thing.attributes.get(field.name))
                for field in queries.fields_of(self.kind())
            },
        }

    def keep(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any, org: Any) -> Any:
        """Change it."""
        return services.edit(
            scope,
            now=now,
            asset=thing,
            name=data["name"],
            org=org,
            attributes=attributes_of(data),
            state=data["state"],
            dates=(data["valid_from"], data["valid_to"]),
        )


def _typed(field: Field, value: Any) -> Any:
    """Return a kept value as its input shows it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if field.kind == "date" and value:
        return date.fromisoformat(value)
    return "" if value is None else value


PAGES = [Assets, AssetByCode, AssetNew, Asset, AssetEdit]
