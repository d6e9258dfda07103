"""Organisations (机构): the tree, the list, one unit with its history, founding, moving, merging, importing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from taxops.engines.base import Scope
from taxops.platform.identity import queries, services
from taxops.platform.identity.rules import ImportPlan, PlannedOrg
from taxops.platform.identity.terms import OrgLevel
from taxops.web.kit import (
    Action,
    ChoiceFilter,
    Column,
    DetailPage,
    Done,
    Fact,
    FormPage,
    ImportColumn,
    ImportPage,
    ImportPreview,
    ImportRow,
    ListPage,
    OrgFilter,
    Page,
    Preview,
    State,
    Tab,
    Tone,
)

from .forms import OrgCloseForm, OrgEditForm, OrgForm, OrgMergeForm, OrgMoveForm

_PATH = "identity/orgs/<str:code>/"


def _is_open(org: Any) -> bool:
    return org.valid_to is None


class OrgTree(Page):
    """The organisation tree (机构树)."""

    name = "identity-tree"
    path = "identity/orgs/tree/"
    title = "机构树"
    permission = "identity.view"
    parent = "identity-orgs"
    template = "identity/tree.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return the trees of the scope."""
        return {"tree": queries.org_tree(scope, now=now)}


class OrgList(ListPage):
    """All organisations in the scope (机构列表)."""

    name = "identity-orgs"
    path = "identity/orgs/"
    title = "机构"
    permission = "identity.view"
    columns = [
        Column(name="name", label="机构名称", sort="pinyin", wide=True, card="title"),
        Column(name="code", label="机构代码"),
        Column(name="level", label="层级", choices=OrgLevel),
        Column(name="parent", label="上级机构", kind="org", sort="parent__pinyin"),
        Column(name="valid_from", label="成立日期", kind="date"),
        Column(name="valid_to", label="撤销日期", kind="date"),
        Column(name="short_name", label="简称", hidden=True),
        Column(name="path", label="代码路径", hidden=True),
    ]
    filters = [
        ChoiceFilter(name="level", label="层级", choices=OrgLevel, multiple=True),
        OrgFilter(name="within", label="所属范围", field="path"),
        ChoiceFilter(
            name="state",
            label="状态",
            choices=(("open", "存续"), ("closed", "已撤销")),
            apply=lambda rows, value: rows.filter(valid_to__isnull="open" in value),
        ),
    ]
    search = ["name", "short_name", "code", "pinyin"]
    search_hint = "名称、代码、拼音首字母"
    scope_field = "path"
    sort = "name"
    empty = "还没有机构。可以从表格导入，或由平台初始化建立。"
    actions = [
        Action("机构树", page="identity-tree", icon="sitemap"),
        Action("导入", page="identity-org-import", icon="upload"),
        Action("设立机构", page="identity-org-new", icon="plus", style="primary"),
    ]

    def rows(self, scope: Scope, now: datetime) -> QuerySet[Any]:
        """Return the organisations within the scope."""
        return queries.list_orgs(scope)

    def row_url(self, row: Any) -> str:
        """Lead to the unit by its code."""
        return self.url("identity-org", code=row.code)


class OrgDetail(DetailPage):
    """One organisation (机构)."""

    name = "identity-org"
    path = _PATH
    title = "机构"
    permission = "identity.view"
    parent = "identity-orgs"
    audit_kind = "org"
    history_permission = "audit.view"
    facts = [
        Fact(name="code", label="机构代码"),
        Fact(name="level", label="层级", choices=OrgLevel),
        Fact(name="parent", label="上级机构", kind="org"),
        Fact(name="short_name", label="简称"),
        Fact(name="valid_from", label="成立日期", kind="date"),
        Fact(name="valid_to", label="撤销日期", kind="date"),
        Fact(name="successor", label="并入机构", kind="org"),
        Fact(name="path", label="代码路径"),
    ]
    actions = [
        Action("更名", page="identity-org-edit", icon="pencil", when=_is_open),
        Action("调整隶属", page="identity-org-move", icon="arrows-move", when=_is_open),
        Action("并入", page="identity-org-merge", icon="git-merge", when=_is_open, style="danger"),
        Action("撤销", page="identity-org-close", icon="x", when=_is_open, style="danger"),
    ]
    tabs = [
        Tab(
            code="children",
            label="下级机构",
            template="identity/org_children.html",
            context=lambda scope, _now, org: {
                "children": list(queries.list_orgs(scope).filter(parent=org, valid_to=None))
            },
        ),
        Tab(
            code="people",
            label="本级人员",
            template="identity/org_people.html",
            context=lambda scope, _now, org: {
                "people": list(queries.list_people(scope).filter(org=org, is_active=True)[:200])
            },
        ),
        Tab(
            code="changes",
            label="沿革",
            template="identity/org_changes.html",
            context=lambda _scope, _now, org: {"changes": list(queries.org_changes(org))},
        ),
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the unit."""
        return queries.get_org(scope, kwargs["code"])

    def heading(self, thing: Any) -> str:
        """Return the full name."""
        return str(thing.name)

    def state(self, thing: Any) -> State | None:
        """Say whether it still exists."""
        return State("存续", Tone.GOOD) if thing.valid_to is None else State("已撤销", Tone.SUSPENDED)


class _OrgForm(FormPage):
    """What the forms on one organisation share."""

    permission = "identity.org"
    parent = "identity-org"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the unit to change."""
        return queries.get_org(scope, kwargs["code"], permission="identity.org")

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the scope to forms that offer organisations."""
        return {"scope": scope, "now": now}

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Begin empty."""
        return {}

    def done(self, message: str) -> Done:
        """Go back to the unit."""
        return Done(message, to=self.url("identity-org", code=self.thing.code))


class OrgNew(FormPage):
    """Found an organisation (设立机构)."""

    name = "identity-org-new"
    path = "identity/orgs/new/"
    title = "设立机构"
    permission = "identity.org"
    parent = "identity-orgs"
    form = OrgForm
    submit = "设立"

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the scope."""
        return {"scope": scope, "now": now}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Found it."""
        made = services.create_org(scope, now=now, **data)
        return Done(f"机构「{made}」已设立。", to=self.url("identity-org", code=made.code))


class OrgEdit(_OrgForm):
    """Rename an organisation (更名)."""

    name = "identity-org-edit"
    path = _PATH + "edit/"
    title = "更名"
    form = OrgEditForm

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """This form offers no organisations."""
        return {}

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Begin with the present names."""
        return {"name": thing.name, "short_name": thing.short_name, "valid_from": thing.valid_from}

    def version(self, thing: Any) -> str:
        """Notice when somebody else renamed it meanwhile."""
        return f"{thing.name}|{thing.short_name}|{thing.valid_from}"

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it."""
        services.edit_org(scope, thing, now=now, **data)
        return self.done("机构已更名。")


class OrgMove(_OrgForm):
    """Hang an organisation elsewhere (调整隶属)."""

    name = "identity-org-move"
    path = _PATH + "move/"
    title = "调整隶属"
    form = OrgMoveForm
    submit = "调整"

    def preview(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Preview:
        """Say how many units go along."""
        below = queries.list_orgs(scope).filter(path__startswith=thing.path).count() - 1
        return Preview(
            f"「{thing.name}」将连同 {below} 个下级机构移到 {data['to']} 之下。",
            warning="按机构范围授予的权限将随之变化：新上级的人员获得管理权，原上级的人员失去。",
        )

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Move it."""
        services.move_org(scope, thing, now=now, to=data["to"], effective_on=data["effective_on"])
        return self.done("隶属关系已调整。")


class OrgMerge(_OrgForm):
    """Merge an organisation into another (并入)."""

    name = "identity-org-merge"
    path = _PATH + "merge/"
    title = "并入其他机构"
    form = OrgMergeForm
    submit = "并入"

    def preview(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Preview:
        """Say what goes along."""
        people = queries.list_people(scope).filter(org=thing).count()
        units = queries.list_orgs(scope).filter(parent=thing, valid_to=None).count()
        return Preview(
            f"「{thing.name}」将撤销，其 {units} 个下级机构和 {people} 名人员转入 {data['into']}。",
            warning="撤销后不能恢复；在本机构范围内的授权全部失效，需要由安全管理员重新授予。",
        )

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Merge it."""
        services.merge_org(scope, thing, now=now, into=data["into"], effective_on=data["effective_on"])
        return self.done("机构已并入。")


class OrgClose(_OrgForm):
    """Close an empty organisation (撤销)."""

    name = "identity-org-close"
    path = _PATH + "close/"
    title = "撤销机构"
    form = OrgCloseForm
    submit = "撤销"
    intro = "只能撤销没有下级机构和在用人员的机构；机构及其历史仍可查询。"

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """This form offers no organisations."""
        return {}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Close it."""
        services.close_org(scope, thing, now=now, effective_on=data["effective_on"])
        return self.done("机构已撤销。")


class OrgImport(ImportPage):
    """Import organisations from a table (导入机构)."""

    name = "identity-org-import"
    path = "identity/orgs/import/"
    title = "导入机构"
    permission = "identity.org"
    parent = "identity-orgs"
    intro = "代码已存在的机构按表中内容修改或调整隶属；表中没有的机构不受影响。任何一行有错，全部不导入。"
    columns = [
        ImportColumn(
            name="机构代码",
            label="机构代码",
            required=True,
            help="2 到 20 位数字或大写字母",
            example="145010",
        ),
        ImportColumn(name="机构名称", label="机构名称", required=True, help="全称", example="南江市税务局"),
        ImportColumn(
            name="层级",
            label="层级",
            required=True,
            help="总局、省局、市局、州局、县局、分局、所、厅",
            example="市局",
        ),
        ImportColumn(name="上级代码", label="上级代码", help="最上级机构不填", example="145000"),
        ImportColumn(
            name="成立日期", label="成立日期", required=True, help="不能在今天之后", example="2018-07-20"
        ),
        ImportColumn(name="简称", label="简称", help="可不填", example="南江"),
        ImportColumn(name="撤销日期", label="撤销日期", help="仍存续的不填"),
    ]

    @staticmethod
    def _rows(rows: Sequence[ImportRow]) -> list[Any]:
        return [services.import_row(row.number, row.values) for row in rows]

    def check(self, scope: Scope, now: datetime, rows: Sequence[ImportRow]) -> ImportPreview:
        """Return what the import would do."""
        return _preview(services.preview_org_import(scope, self._rows(rows), now=now))

    def apply(self, scope: Scope, now: datetime, rows: Sequence[ImportRow]) -> Done:
        """Import all rows, or none."""
        plan = services.import_orgs(scope, self._rows(rows), now=now)
        return Done("导入完成：" + plan.summary)


_FIELDS = {
    "name": "名称",
    "short_name": "简称",
    "level": "层级",
    "valid_from": "成立日期",
    "valid_to": "撤销日期",
}


def _line(entry: PlannedOrg) -> tuple[int, str]:
    after, before = entry.after, entry.before
    if before is None:
        return entry.row, f"新增 {after.code} {after.name}（{OrgLevel.label_of(after.level)}）"
    parts = [f"隶属 {before.parent or '无'} → {after.parent or '无'}"] if entry.is_moved else []
    parts += [
        f"{_FIELDS[name]}「{getattr(before, name) or ''}」→「{getattr(after, name) or ''}」"
        for name in entry.changed_fields
    ]
    return entry.row, f"{'移动' if entry.is_moved else '修改'} {after.code} {before.name}：{'；'.join(parts)}"


def _preview(plan: ImportPlan) -> ImportPreview:
    lines = sorted(_line(entry) for entry in [*plan.moved, *plan.changed, *plan.added])
    return ImportPreview(
        added=len(plan.added),
        changed=len(plan.changed) + len(plan.moved),
        same=plan.unchanged,
        lines=lines[:300],
        problems=plan.problems,
    )


PAGES: list[type[Page]] = [
    OrgTree,
    OrgNew,
    OrgImport,
    OrgList,
    OrgEdit,
    OrgMove,
    OrgMerge,
    OrgClose,
    OrgDetail,
]
