"""Roles (角色) and who holds them (授权)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import QueryDict

from taxops.engines.base import Scope
from taxops.platform.identity import permissions, queries, services
from taxops.platform.identity.terms import RoleKind
from taxops.web.kit import (
    Action,
    ActionPage,
    BooleanFilter,
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
)

from .forms import GrantForm, RoleEditForm, RoleForm, midnight

_PATH = "identity/roles/<slug:code>/"


def _role_pairs(_scope: Scope, now: datetime) -> list[tuple[str, str]]:
    return [(role.code, role.name) for role in queries.list_roles(now)]


class RoleList(ListPage):
    """All roles (角色列表)."""

    name = "identity-roles"
    path = "identity/roles/"
    title = "角色"
    permission = "identity.view"
    columns = [
        Column(name="name", label="角色名称", sort="position", card="title"),
        Column(name="code", label="角色代码"),
        Column(name="kind", label="类别", choices=RoleKind),
        Column(
            name="n_permissions", label="权限", kind="number", value=lambda r: len(r.permissions), unit="项"
        ),
        Column(name="n_held", label="有效授权", kind="number", sort="n_held", unit="项"),
        Column(name="is_active", label="在用", kind="bool"),
        Column(name="note", label="说明", wide=True, sort=""),
    ]
    filters = [ChoiceFilter(name="kind", label="类别", choices=RoleKind)]
    search = ["name", "code", "note"]
    scope_field = ""
    sort = "name"
    empty = "还没有角色。平台启动时会写入内置角色。"
    actions = [
        Action("授权记录", page="identity-assignments", icon="list-check"),
        Action("新建角色", page="identity-role-new", icon="plus", style="primary"),
    ]

    def rows(self, scope: Scope, now: datetime) -> QuerySet[Any]:
        """Return all roles."""
        return queries.list_roles(now)

    def row_url(self, row: Any) -> str:
        """Lead to the role by its code."""
        return self.url("identity-role", code=row.code)


class RoleDetail(DetailPage):
    """One role (角色)."""

    name = "identity-role"
    path = _PATH
    title = "角色"
    permission = "identity.view"
    parent = "identity-roles"
    audit_kind = "role"
    facts = [
        Fact(name="code", label="角色代码"),
        Fact(name="kind", label="类别", choices=RoleKind),
        Fact(name="is_seeded", label="内置", kind="bool"),
        Fact(name="is_edited", label="已改动", kind="bool", help="改动过的内置角色不再随升级更新"),
        Fact(name="note", label="说明", wide=True),
    ]
    actions = [Action("修改", page="identity-role-edit", icon="pencil")]
    tabs = [
        Tab(
            code="permissions",
            label="权限",
            template="identity/role_permissions.html",
            context=lambda _scope, _now, role: {"groups": granted(role.permissions)},
        ),
        Tab(
            code="holders",
            label="担任人员",
            template="identity/role_holders.html",
            context=lambda scope, now, role: {
                "held": list(
                    queries.list_assignments(scope)
                    .filter(queries.valid_at(now), role=role)
                    .order_by("org__path")[:300]
                )
            },
        ),
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the role."""
        return queries.get_role(kwargs["code"])

    def state(self, thing: Any) -> State | None:
        """Say whether it is in use."""
        return State("在用", Tone.GOOD) if thing.is_active else State("停用", Tone.SUSPENDED)


def granted(codes: list[str]) -> list[tuple[str, list[str]]]:
    """Return the Chinese names of permissions by group; ones that no system declares any more come last."""
    left = set(codes)
    found: list[tuple[str, list[str]]] = []
    for group, entries in permissions.groups().items():
        mine = [entry for entry in entries if entry.code in left]
        left -= {entry.code for entry in mine}
        if mine:
            found.append((group, [f"{entry.label}（{entry.code}）" for entry in mine]))
    return [*found, ("未知", sorted(left))] if left else found


class RoleNew(FormPage):
    """Make a role (新建角色)."""

    name = "identity-role-new"
    path = "identity/roles/new/"
    title = "新建角色"
    permission = "identity.grant"
    parent = "identity-roles"
    form = RoleForm
    wide = True
    template = "identity/role_form.html"

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Make it."""
        made = services.create_role(scope, now=now, **data)
        return Done(f"角色「{made}」已建立。", to=self.url("identity-role", code=made.code))


class RoleEdit(FormPage):
    """Change what a role may do (修改角色)."""

    name = "identity-role-edit"
    path = _PATH + "edit/"
    title = "修改角色"
    permission = "identity.grant"
    parent = "identity-role"
    form = RoleEditForm
    wide = True
    template = "identity/role_form.html"
    intro = "修改后，担任该角色的人员从下一次操作起生效。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the role."""
        return queries.get_role(kwargs["code"])

    def version(self, thing: Any) -> str:
        """Notice when somebody else changed it meanwhile."""
        return f"{thing.name}|{thing.kind}|{sorted(thing.permissions)}|{thing.is_active}"

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it."""
        services.edit_role(scope, thing, now=now, **data)
        return Done("角色已保存。", to=self.url("identity-role", code=thing.code))


class ValidityFilter(ChoiceFilter):
    """Whether an assignment holds now, will, or did (授权状态)."""

    def parse(self, params: QueryDict, scope: Scope, now: datetime) -> Any:
        """Return the codes together with the instant that they are judged by."""
        codes = super().parse(params, scope, now)
        return None if codes is None else (codes, now)

    def condition(self, value: Any) -> Q:
        """Return: the validity is one of those."""
        codes, now = value
        kept = Q(pk__in=())
        for code, condition in (
            ("valid", queries.valid_at(now)),
            ("coming", Q(valid_from__gt=now) & (Q(valid_to=None) | Q(valid_to__gt=F("valid_from")))),
            ("ended", Q(valid_to__lte=now) | Q(valid_to=F("valid_from"))),
        ):
            if code in codes:
                kept |= condition
        return kept

    def words(self, value: Any, scope: Scope, now: datetime) -> str:
        """Return the labels of the codes."""
        return super().words(value[0], scope, now)


def _outside(rows: QuerySet[Any], wanted: bool) -> QuerySet[Any]:
    """Return the assignments whose holder's own organisation lies outside of them, or inside."""
    inside = Q(person__org__path__startswith=F("org__path"))
    return rows.exclude(inside) if wanted else rows.filter(inside)


class AssignmentList(ListPage):
    """Who holds what where (授权记录)."""

    name = "identity-assignments"
    path = "identity/assignments/"
    title = "授权记录"
    permission = "identity.view"
    parent = "identity-roles"
    columns = [
        Column(name="person", label="人员", sort="person__pinyin", card="title"),
        Column(name="role", label="角色", sort="role__position"),
        Column(name="org", label="机构范围", kind="org", sort="org__path", wide=True),
        Column(name="valid_from", label="生效", kind="datetime"),
        Column(name="valid_to", label="失效", kind="datetime"),
        Column(name="granted_by", label="授权人", sort="granted_by__pinyin"),
        Column(name="granted_at", label="授权时间", kind="datetime", hidden=True),
        Column(name="reason", label="理由", wide=True, sort="", hidden=True),
    ]
    filters = [
        ChoiceFilter(name="role", label="角色", field="role__code", choices=_role_pairs, multiple=True),
        OrgFilter(name="org", label="机构"),
        ChoiceFilter(name="kind", label="角色类别", field="role__kind", choices=RoleKind, multiple=True),
        ValidityFilter(
            name="state",
            label="状态",
            choices=(("valid", "有效"), ("coming", "未生效"), ("ended", "已失效")),
            multiple=True,
        ),
        BooleanFilter(name="outside", label="所属机构在范围之外", apply=_outside),
    ]
    search = ["person__display_name", "person__username", "role__name", "reason"]
    sort = "-valid_from"
    empty = "还没有授权。"

    def rows(self, scope: Scope, now: datetime) -> QuerySet[Any]:
        """Return the assignments within the scope."""
        return queries.list_assignments(scope)

    def row_url(self, row: Any) -> str:
        """Lead to the person."""
        return self.url("identity-person", pk=row.person_id)


class Grant(FormPage):
    """Give somebody a role (授权)."""

    name = "identity-grant"
    path = "identity/people/<int:pk>/grant/"
    title = "授权"
    permission = "identity.grant"
    parent = "identity-person"
    form = GrantForm
    submit = "授权"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the person."""
        return queries.get_person(scope, kwargs["pk"], permission="identity.grant")

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Begin with the person's own organisation."""
        return {"org": thing.org.code}

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the scope."""
        return {"scope": scope, "now": now}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Grant it; the day that begins today begins now."""
        start = midnight(data["valid_from"])
        made = services.grant(
            scope,
            now=now,
            person=thing,
            role=queries.get_role(data["role"]),
            org=queries.get_org(scope, data["org"], permission="identity.grant"),
            valid_from=now if start is None or 0 <= (now - start).total_seconds() < 86400 else start,
            valid_to=midnight(data["valid_to"]),
            reason=data["reason"],
        )
        return Done(f"已授予「{made.role}」。", to=self.url("identity-person", pk=thing.pk))


class Revoke(ActionPage):
    """Take a role back (收回授权)."""

    name = "identity-revoke"
    path = "identity/assignments/<int:pk>/revoke/"
    title = "收回授权"
    permission = "identity.grant"
    parent = "identity-assignments"
    danger = True
    confirm = "将收回这项授权，立即生效。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the assignment."""
        return queries.get_assignment(scope, kwargs["pk"], permission="identity.grant")

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Take it back."""
        services.revoke(scope, thing, now=now)
        return Done("授权已收回。")


PAGES: list[type[Page]] = [
    RoleList,
    RoleNew,
    RoleDetail,
    RoleEdit,
    AssignmentList,
    Grant,
    Revoke,
]
