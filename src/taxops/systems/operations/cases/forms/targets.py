"""Forms of target databases (目标数据库): the parts of an address; what is entered as password is never shown again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from taxops.systems.operations.cases import rules


class TargetEditForm(forms.Form):
    """A target as it is changed (修改目标数据库)."""

    name = forms.CharField(label="名称", max_length=80)
    host = forms.CharField(label="主机", max_length=253, help_text="主机名或 IP，不带协议和端口。")
    port = forms.IntegerField(label="端口", min_value=1, max_value=65535, initial=5432)
    database = forms.CharField(label="库名", max_length=63)
    user = forms.CharField(
        label="用户", max_length=63, help_text="只授予需要修改的表的权限。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    password = forms.CharField(
        label="口令", max_length=200, required=False, strip=False,
        help_text="不填则保留原口令；主机、端口、用户改变时必填。",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    row_limit = forms.IntegerField(
        label="行数上限", min_value=1, max_value=1_000_000, initial=1000,
        help_text="一次执行最多改动的行数，与审批的上限取小。",
    )  # fmt: skip

    @staticmethod
    def address_of(cleaned: dict[str, Any]) -> rules.Address:
        """Return the parts that were filled in."""
        return rules.Address(
            cleaned["host"].strip(), cleaned["port"], cleaned["database"].strip(), cleaned["user"].strip(),
            cleaned.get("password") or "",
        )  # fmt: skip


class TargetForm(TargetEditForm):
    """A target as it is registered (登记目标数据库)."""

    code = forms.SlugField(label="代码", max_length=40, help_text="数据修改事项中「目标数据库」填写它。")
    org = forms.TypedChoiceField(label="所属机构", coerce=int)
    field_order = ("code", "name", "org", "host", "port", "database", "user", "password", "row_limit")

    def __init__(self, *args: Any, orgs: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["org"].choices = list(orgs)  # type: ignore[attr-defined]
        self.fields["password"].required = True
        self.fields["password"].help_text = "加密保存，保存后不再显示。"


class SettleForm(forms.Form):
    """What became of a run that was cut off (登记核对结果)."""

    happened = forms.ChoiceField(
        label="核对结果",
        choices=[
            ("", "请选择"),
            ("1", "已执行：目标库里的数据已经改动"),
            ("0", "未执行：目标库里没有任何改动"),
        ],
    )
    affected = forms.IntegerField(
        label="实际改动行数", min_value=0, max_value=1_000_000, required=False, help_text="已执行时必填。"
    )
    note = forms.CharField(
        label="核对依据", max_length=400, help_text="写明核对所用的语句和看到的结果。",
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
