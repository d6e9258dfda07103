"""API tokens (接口令牌): the list, making one, revoking."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase

from taxops.engines.base import Scope, TaxopsError
from taxops.platform.identity import queries, services
from taxops.web.kit import (
    Action,
    ActionPage,
    BooleanFilter,
    Column,
    Done,
    FormPage,
    ListPage,
    OrgFilter,
    Page,
)

from .forms import TokenForm


class TokenList(ListPage):
    """The tokens of the scope (接口令牌)."""

    name = "identity-tokens"
    path = "identity/tokens/"
    title = "接口令牌"
    permission = "identity.token"
    columns = [
        Column(name="name", label="用途", wide=True, card="title"),
        Column(name="prefix", label="前缀"),
        Column(name="person", label="持有人", sort="person__pinyin"),
        Column(name="org", label="机构范围", kind="org", sort="org__path"),
        Column(name="permissions", label="权限", kind="tags", sort=""),
        Column(name="expires_at", label="到期", kind="datetime"),
        Column(name="last_used_at", label="最近使用", kind="datetime"),
        Column(name="last_used_from", label="使用地址", hidden=True),
        Column(name="revoked_at", label="作废时间", kind="datetime"),
        Column(name="created_at", label="创建时间", kind="datetime", hidden=True),
        Column(name="created_by", label="创建人", hidden=True),
    ]
    filters = [
        OrgFilter(name="org", label="机构"),
        BooleanFilter(
            name="revoked",
            label="已作废",
            apply=lambda rows, value: rows.filter(revoked_at__isnull=not value),
        ),
    ]
    search = ["name", "prefix", "person__display_name"]
    sort = "-created_at"
    empty = "还没有令牌。程序和探测器调用接口时需要令牌。"
    actions = [Action("创建令牌", page="identity-token-new", icon="plus", style="primary")]

    def rows(self, scope: Scope, now: datetime) -> QuerySet[Any]:
        """Return the tokens within the scope, and one's own."""
        return queries.list_tokens(scope)

    def row_url(self, row: Any) -> str:
        """Lead to revoking while there is something to revoke."""
        return self.url("identity-token-revoke", pk=row.pk) if row.revoked_at is None else ""


class TokenNew(FormPage):
    """Make a token (创建令牌); its text is shown once."""

    name = "identity-token-new"
    path = "identity/tokens/new/"
    title = "创建令牌"
    permission = "identity.token"
    parent = "identity-tokens"
    form = TokenForm
    template = "identity/role_form.html"
    submit = "创建"
    units = {"days": "天"}
    intro = "令牌的权限不能超过您本人的权限；您的权限收回后，令牌也随之失去。"

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the scope."""
        return {"scope": scope, "now": now}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the token, once."""
        form = self.make(bound=True)
        if not form.is_valid():
            return super().post(request, *args, **kwargs)
        data = form.cleaned_data
        try:
            made, text = services.create_token(
                self.scope,
                now=self.now,
                name=data["name"],
                permissions=data["permissions"],
                org=queries.get_org(self.scope, data["org"], permission="identity.token"),
                expires_at=self.now + timedelta(days=data["days"]),
            )
        except TaxopsError as error:
            return self._refused(form, error)
        return self.show("identity/token_made.html", {"token": made, "text": text})


class TokenRevoke(ActionPage):
    """Revoke a token (作废令牌): one's own, or any of the scope."""

    name = "identity-token-revoke"
    path = "identity/tokens/<int:pk>/revoke/"
    title = "作废令牌"
    parent = "account"
    danger = True
    confirm = "将作废令牌「{thing}」，使用它的程序立即不能再调用接口。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the token."""
        return queries.get_token(scope, kwargs["pk"])

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Revoke it."""
        services.revoke_token(scope, thing, now=now)
        return Done("令牌已作废。")


PAGES: list[type[Page]] = [TokenList, TokenNew, TokenRevoke]
