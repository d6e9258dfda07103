"""Forms of the identity pages (表单): they read what was typed; services decide."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django import forms

from taxops.engines.base import CHINA, Scope
from taxops.platform.identity import permissions, queries
from taxops.platform.identity.terms import OrgLevel, RoleKind

_NEW = forms.PasswordInput(attrs={"autocomplete": "new-password"})


def org_pairs(scope: Scope, permission: str, now: datetime) -> list[tuple[str, str]]:
    """Return `(code, indented name)` of the organisations where `permission` holds, in the order of the tree."""
    units = queries.list_orgs(scope, permission=permission, on=now.astimezone(CHINA).date())
    found = list(units.order_by("path"))
    least = min((unit.path.count("/") for unit in found), default=1)
    return [
        (unit.code, "\u3000" * (unit.path.count("/") - least) + f"{unit.name}（{unit.code}）")
        for unit in found
    ]


def midnight(day: date | None) -> datetime | None:
    """Return when a day begins in China."""
    return None if day is None else datetime.combine(day, time.min, tzinfo=CHINA)


class DayField(forms.DateField):
    """A day, picked from the browser's calendar."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**kwargs)


class ChangePasswordForm(forms.Form):
    """Change one's own password (修改口令)."""

    old = forms.CharField(
        label="原口令", max_length=200, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip
    password = forms.CharField(
        label="新口令", max_length=200, strip=False, widget=_NEW,
        help_text="至少 12 个字符，大写字母、小写字母、数字、符号中至少 3 类；不能用最近 5 次用过的。",
    )  # fmt: skip
    again = forms.CharField(label="再输一次新口令", max_length=200, strip=False, widget=_NEW)

    def clean(self) -> dict[str, Any]:
        """Compare the two."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("password") and data.get("again") and data["password"] != data["again"]:
            self.add_error("again", "两次输入的新口令不一致。")
        return data


class ContactForm(forms.Form):
    """One's own phone and e-mail (联系方式)."""

    phone = forms.CharField(label="手机", max_length=20, required=False)
    email = forms.CharField(label="邮箱", max_length=120, required=False)


class CodeForm(forms.Form):
    """A one-time code (动态口令)."""

    code = forms.CharField(
        label="动态口令", max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        help_text="手机应用上当前显示的 6 位数字。",
    )  # fmt: skip


class _Scoped(forms.Form):
    """A form whose choices depend on who asks."""

    org_permission = ""

    def __init__(self, *args: Any, scope: Scope, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("org", "parent", "to", "into"):
            if name in self.fields:
                field = self.fields[name]
                assert isinstance(field, forms.ChoiceField)  # declared so below
                pairs = org_pairs(scope, self.org_permission, now)
                field.choices = [("", "请选择"), *pairs]


class OrgForm(_Scoped):
    """Found an organisation (设立机构)."""

    org_permission = "identity.org"
    parent = forms.ChoiceField(label="上级机构")
    code = forms.CharField(
        label="机构代码", max_length=20, help_text="2 到 20 位数字或大写字母，一经使用不再更改。"
    )
    name = forms.CharField(label="机构名称", max_length=120)
    short_name = forms.CharField(label="简称", max_length=40, required=False)
    level = forms.ChoiceField(label="层级", choices=OrgLevel.pairs())
    valid_from = DayField(label="成立日期")


class OrgEditForm(forms.Form):
    """Rename an organisation (更名)."""

    name = forms.CharField(label="机构名称", max_length=120)
    short_name = forms.CharField(label="简称", max_length=40, required=False)
    valid_from = DayField(label="成立日期")
    effective_on = DayField(label="变更生效日期", required=False, help_text="不填为今天。")


class OrgMoveForm(_Scoped):
    """Hang an organisation elsewhere (调整隶属)."""

    org_permission = "identity.org"
    to = forms.ChoiceField(label="新的上级机构")
    effective_on = DayField(label="生效日期", required=False, help_text="不填为今天。")


class OrgMergeForm(_Scoped):
    """Merge an organisation into another (撤并)."""

    org_permission = "identity.org"
    into = forms.ChoiceField(label="并入机构")
    effective_on = DayField(label="生效日期", required=False, help_text="不填为今天。")


class OrgCloseForm(forms.Form):
    """Close an organisation (撤销)."""

    effective_on = DayField(label="撤销日期", required=False, help_text="不填为今天。")


class PersonForm(_Scoped):
    """Open an account (建立人员)."""

    org_permission = "identity.people"
    username = forms.CharField(label="用户名", max_length=64, help_text="登录用，建立后不再更改。")
    display_name = forms.CharField(label="姓名", max_length=40)
    org = forms.ChoiceField(label="所属机构")
    title = forms.CharField(label="职务", max_length=40, required=False)
    phone = forms.CharField(label="手机", max_length=20, required=False)
    email = forms.CharField(label="邮箱", max_length=120, required=False)


class PersonEditForm(PersonForm):
    """Change somebody's details (修改人员)."""

    username = None  # type: ignore[assignment]  # Django's way to leave an inherited field out


class ReasonForm(forms.Form):
    """Why something is done (理由)."""

    reason = forms.CharField(label="理由", max_length=200, required=False)


class RoleForm(forms.Form):
    """A role and what it may do (角色)."""

    code = forms.CharField(label="角色代码", max_length=40, help_text="字母、数字和下划线，建立后不再更改。")
    name = forms.CharField(label="角色名称", max_length=40)
    kind = forms.ChoiceField(label="类别", choices=RoleKind.pairs())
    note = forms.CharField(label="说明", max_length=200, required=False)
    permissions = forms.MultipleChoiceField(label="权限", widget=forms.CheckboxSelectMultiple, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["permissions"]
        assert isinstance(field, forms.MultipleChoiceField)  # declared so above
        field.choices = [
            (group, [(p.code, f"{p.label}（{p.code}）") for p in entries])
            for group, entries in permissions.groups().items()
        ]


class RoleEditForm(RoleForm):
    """Change a role (修改角色)."""

    code = None  # type: ignore[assignment]  # Django's way to leave an inherited field out
    is_active = forms.BooleanField(label="在用", required=False)


class GrantForm(_Scoped):
    """Give somebody a role (授权)."""

    org_permission = "identity.grant"
    role = forms.ChoiceField(label="角色")
    org = forms.ChoiceField(label="机构范围", help_text="包括其全部下级机构。")
    valid_from = DayField(label="生效日期", required=False, help_text="不填为立即生效。")
    valid_to = DayField(label="失效日期", required=False, help_text="从这一天零时起失效；不填为长期。")
    reason = forms.CharField(label="授权理由", max_length=200, required=False)

    def __init__(self, *args: Any, scope: Scope, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, scope=scope, now=now, **kwargs)
        field = self.fields["role"]
        assert isinstance(field, forms.ChoiceField)  # declared so above
        roles = queries.list_roles(now).filter(is_active=True)
        field.choices = [("", "请选择"), *((role.code, role.name) for role in roles)]


class TokenForm(_Scoped):
    """Make an API token (创建令牌)."""

    org_permission = "identity.token"
    name = forms.CharField(label="用途", max_length=60, help_text="例如「城区探测器」。")
    org = forms.ChoiceField(label="机构范围", help_text="包括其全部下级机构。")
    days = forms.IntegerField(label="有效期", min_value=1, max_value=365, initial=90)
    permissions = forms.MultipleChoiceField(label="权限", widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, scope: Scope, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, scope=scope, now=now, **kwargs)
        field = self.fields["permissions"]
        assert isinstance(field, forms.MultipleChoiceField)  # declared so above
        field.choices = [
            (permission.code, f"{permission.label}（{permission.code}）")
            for permission in permissions.for_tokens(scope)
        ]
