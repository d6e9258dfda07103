"""People (人员): the list, one person, opening and closing accounts, locked accounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from taxops.engines.base import Scope
from taxops.platform.identity import queries, services
from taxops.platform.identity.terms import PersonKind
from taxops.web.kit import (
    Action,
    ActionPage,
    BooleanFilter,
    ChoiceFilter,
    Column,
    Confirm,
    DateRangeFilter,
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

from .forms import PersonEditForm, PersonForm

_PATH = "identity/people/<int:pk>/"


class PersonList(ListPage):
    """The people in the scope (人员列表)."""

    name = "identity-people"
    path = "identity/people/"
    title = "人员"
    permission = "identity.view"
    columns = [
        Column(name="display_name", label="姓名", sort="pinyin", card="title"),
        Column(name="username", label="用户名"),
        Column(name="org", label="所属机构", kind="org", sort="org__path", wide=True),
        Column(name="title", label="职务"),
        Column(name="phone", label="手机", sort=""),
        Column(name="is_active", label="在用", kind="bool"),
        Column(name="last_login_at", label="最近登录", kind="datetime"),
        Column(name="has_totp", label="动态口令", kind="bool", sort="totp_confirmed_at", hidden=True),
        Column(name="kind", label="账户类型", choices=PersonKind, hidden=True),
        Column(name="email", label="邮箱", hidden=True, sort=""),
        Column(name="created_at", label="建立时间", kind="datetime", hidden=True),
    ]
    filters = [
        OrgFilter(name="org", label="机构"),
        BooleanFilter(name="is_active", label="在用"),
        ChoiceFilter(name="kind", label="账户类型", choices=PersonKind),
        DateRangeFilter(name="login", label="最近登录", field="last_login_at"),
    ]
    search = ["display_name", "username", "phone", "pinyin"]
    search_hint = "姓名、用户名、手机、拼音首字母"
    sort = "display_name"
    detail = "identity-person"
    empty = "还没有人员。"
    actions = [
        Action("锁定账户", page="identity-locked", icon="lock"),
        Action("建立人员", page="identity-person-new", icon="plus", style="primary"),
    ]

    def rows(self, scope: Scope, now: datetime) -> QuerySet[Any]:
        """Return the people within the scope."""
        return queries.list_people(scope)


class PersonDetail(DetailPage):
    """One person (人员)."""

    name = "identity-person"
    path = _PATH
    title = "人员"
    permission = "identity.view"
    parent = "identity-people"
    audit_kind = "person"
    history_permission = "audit.view"
    facts = [
        Fact(name="username", label="用户名"),
        Fact(name="org", label="所属机构", kind="org"),
        Fact(name="title", label="职务"),
        Fact(name="phone", label="手机"),
        Fact(name="email", label="邮箱"),
        Fact(name="kind", label="账户类型", choices=PersonKind),
        Fact(name="last_login_at", label="最近登录", kind="datetime"),
        Fact(name="totp_confirmed_at", label="动态口令启用于", kind="datetime"),
    ]
    actions = [
        Action("授权", page="identity-grant", icon="user-check", style="primary", when=lambda p: p.is_active),
        Action("编辑", page="identity-person-edit", icon="pencil"),
        Action("重置口令", page="identity-person-reset", icon="key", when=lambda p: p.is_active),
        Action(
            "重置动态口令", page="identity-person-device", icon="device-mobile", when=lambda p: p.has_totp
        ),
        Action("解锁", page="identity-person-unlock", icon="lock-open", when=lambda p: p.is_active),
        Action(
            "停用", page="identity-person-close", icon="user-off", style="danger", when=lambda p: p.is_active
        ),
        Action("启用", page="identity-person-open", icon="user-check", when=lambda p: not p.is_active),
    ]
    tabs = [
        Tab(
            code="roles",
            label="角色",
            template="identity/held.html",
            context=lambda scope, _now, person: {
                "held": list(queries.assignments_of(person)),
                "may_revoke": scope.has("identity.grant"),
            },
        ),
        Tab(
            code="sessions",
            label="在线会话",
            template="identity/sessions.html",
            permission="identity.people",
            context=lambda _scope, _now, person: {"sessions": list(queries.open_sessions(person))},
        ),
        Tab(
            code="logins",
            label="登录记录",
            template="identity/logins.html",
            permission="identity.people",
            context=lambda _scope, _now, person: {"attempts": list(queries.login_attempts(person)[:100])},
        ),
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the person."""
        return queries.get_person(scope, kwargs["pk"])

    def heading(self, thing: Any) -> str:
        """Return the name."""
        return str(thing.display_name)

    def state(self, thing: Any) -> State | None:
        """Say whether the account is in use, and locked."""
        if not thing.is_active:
            return State("已停用", Tone.SUSPENDED)
        if services.lock_of(thing.username, now=self.now).is_locked:
            return State("已锁定", Tone.BAD)
        return State("在用", Tone.GOOD)


class PersonNew(FormPage):
    """Open an account (建立人员)."""

    name = "identity-person-new"
    path = "identity/people/new/"
    title = "建立人员"
    permission = "identity.people"
    parent = "identity-people"
    form = PersonForm
    intro = "建立后请在人员页「重置口令」，把临时口令交给本人；角色由安全管理员授予。"

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the scope."""
        return {"scope": scope, "now": now}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Open it."""
        org = queries.get_org(scope, data["org"], permission="identity.people")
        made = services.create_person(scope, now=now, **{**data, "org": org})
        return Done(f"人员「{made}」已建立。", to=self.url("identity-person", pk=made.pk))


class PersonEdit(FormPage):
    """Change somebody's details or transfer him (编辑人员)."""

    name = "identity-person-edit"
    path = _PATH + "edit/"
    title = "编辑人员"
    permission = "identity.people"
    parent = "identity-person"
    form = PersonEditForm

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the person."""
        return queries.get_person(scope, kwargs["pk"], permission="identity.people")

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Begin with the present details."""
        names = ("display_name", "title", "phone", "email")
        return {**{name: getattr(thing, name) for name in names}, "org": thing.org.code}

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the scope."""
        return {"scope": scope, "now": now}

    def version(self, thing: Any) -> str:
        """Notice when somebody else changed them meanwhile."""
        return "|".join((thing.display_name, thing.title, thing.phone, thing.email, thing.org.code))

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store them."""
        org = queries.get_org(scope, data["org"], permission="identity.people")
        services.edit_person(scope, thing, now=now, **{**data, "org": org})
        return Done("人员已保存。", to=self.url("identity-person", pk=thing.pk))


class _PersonAct(ActionPage):
    """What acts on one person share."""

    permission = "identity.people"
    parent = "identity-person"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the person."""
        return queries.get_person(scope, kwargs["pk"], permission=self.permission or "")


class PersonReset(_PersonAct):
    """Give a temporary password (重置口令), shown once."""

    name = "identity-person-reset"
    path = _PATH + "reset/"
    title = "重置口令"
    confirm = "将为「{thing}」生成临时口令，原口令立即失效，已登录的会话全部结束。"
    danger = True

    def post(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Show the temporary password, once."""
        password = services.reset_password(self.scope, self.thing, now=self.now)
        shown = {
            "person": self.thing,
            "password": password,
            "back": self.url("identity-person", pk=self.thing.pk),
        }
        return self.show("identity/temporary.html", shown)


class PersonDevice(_PersonAct):
    """Unbind somebody's device (重置动态口令)."""

    name = "identity-person-device"
    path = _PATH + "device/"
    title = "重置动态口令"
    permission = "identity.grant"
    confirm = "将解除「{thing}」的动态口令和恢复码，下次登录时须重新绑定。"
    danger = True

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Unbind it."""
        services.reset_second_factor(scope, thing, now=now)
        return Done("动态口令已重置。")


class PersonUnlock(_PersonAct):
    """Let somebody try again (解锁)."""

    name = "identity-person-unlock"
    path = _PATH + "unlock/"
    title = "解锁"
    confirm = "「{thing}」将可以立即重新登录，失败次数清零。"

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Unlock it."""
        services.unlock(scope, thing, now=now)
        return Done("账户已解锁。")


class PersonClose(_PersonAct):
    """Close an account (停用)."""

    name = "identity-person-close"
    path = _PATH + "close/"
    title = "停用账户"
    danger = True

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Say what ends with it."""
        held, open_ = len(queries.held_now(thing, now)), queries.open_sessions(thing).count()
        return Confirm(
            f"将停用「{thing}」：{open_} 个在线会话、{held} 项角色和全部令牌立即失效。",
            warning="重新启用后，角色和令牌需要重新授予。",
        )

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Close it."""
        services.deactivate(scope, thing, now=now)
        return Done("账户已停用。", undo=("identity-person-open", {"pk": thing.pk}))


class PersonOpen(_PersonAct):
    """Open a closed account again (启用)."""

    name = "identity-person-open"
    path = _PATH + "open/"
    title = "启用账户"
    confirm = "将启用「{thing}」；角色需要由安全管理员重新授予。"

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Open it."""
        services.activate(scope, thing, now=now)
        return Done("账户已启用。")


class Locked(Page):
    """Accounts that are locked now (锁定账户)."""

    name = "identity-locked"
    path = "identity/locked/"
    title = "锁定账户"
    permission = "identity.people"
    parent = "identity-people"
    template = "identity/locked.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return them."""
        return {"accounts": queries.locked_accounts(scope, now=now)}


PAGES: list[type[Page]] = [
    PersonList,
    PersonNew,
    PersonDetail,
    PersonEdit,
    PersonReset,
    PersonDevice,
    PersonUnlock,
    PersonClose,
    PersonOpen,
    Locked,
]
