"""My account (我的账户): who I am, what I may do, where I am signed in, my password, device and tokens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from taxops.engines.base import Scope, TaxopsError
from taxops.platform.identity import queries, services, web_session
from taxops.web.kit import Action, ActionPage, DetailPage, Done, Fact, FormPage, Page, Tab

from .forms import ChangePasswordForm, CodeForm, ContactForm
from .login import offered_device, offered_secret, safe_next


class Account(DetailPage):
    """My account (我的账户)."""

    name = "account"
    path = "account/"
    title = "我的账户"
    facts = [
        Fact(name="username", label="用户名"),
        Fact(name="org", label="所属机构", kind="org"),
        Fact(name="title", label="职务"),
        Fact(name="phone", label="手机"),
        Fact(name="email", label="邮箱"),
        Fact(name="password_set_at", label="口令设置于", kind="datetime"),
        Fact(name="totp_confirmed_at", label="动态口令启用于", kind="datetime"),
        Fact(name="last_login_at", label="最近登录", kind="datetime"),
    ]
    actions = [
        Action("修改口令", page="account-password", icon="key"),
        Action("修改联系方式", page="account-contact", icon="pencil"),
        Action("启用动态口令", page="account-device", icon="device-mobile", when=lambda me: not me.has_totp),
        Action("重新生成恢复码", page="account-codes", icon="refresh", when=lambda me: me.has_totp),
        Action("创建令牌", page="identity-token-new", icon="plus"),
    ]
    tabs = [
        Tab(
            code="sessions",
            label="在线会话",
            template="identity/sessions.html",
            context=lambda _scope, _now, me: {"sessions": list(queries.open_sessions(me))},
        ),
        Tab(
            code="roles",
            label="我的角色",
            template="identity/held.html",
            context=lambda _scope, now, me: {"held": queries.held_now(me, now)},
        ),
        Tab(
            code="tokens",
            label="我的令牌",
            template="identity/tokens.html",
            context=lambda scope, _now, _me: {"tokens": list(queries.my_tokens(scope))},
        ),
        Tab(
            code="logins",
            label="登录记录",
            template="identity/logins.html",
            context=lambda _scope, _now, me: {"attempts": list(queries.login_attempts(me)[:50])},
        ),
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the person who asks."""
        return queries.me(scope)

    def heading(self, thing: Any) -> str:
        """Return his name."""
        return str(thing.display_name)

    def context_of(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Tell this browser's session from the others."""
        return {"this_session": web_session.key_of(self.request)}


class ChangePassword(FormPage):
    """Change my password (修改口令)."""

    name = "account-password"
    path = "account/password/"
    title = "修改口令"
    parent = "account"
    form = ChangePasswordForm
    submit = "修改口令"
    intro = "修改后，您在其他设备上的登录会被结束。"

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Change it; the session in which it is done stays."""
        services.change_password(
            scope,
            queries.me(scope),
            now=now,
            old=data["old"],
            new=data["password"],
            keep_session=web_session.key_of(self.request),
        )
        return Done("口令已修改。", to=safe_next(self.request, self.request.GET.get("next", "")))


class ChangeContact(FormPage):
    """Change my phone and e-mail (修改联系方式)."""

    name = "account-contact"
    path = "account/contact/"
    title = "修改联系方式"
    parent = "account"
    form = ContactForm

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the person who asks."""
        return queries.me(scope)

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store them."""
        services.edit_own_details(scope, thing, now=now, phone=data["phone"], email=data["email"])
        return Done("联系方式已保存。", to=self.url("account"))


class BindDevice(Page):
    """Bind a device to my account (启用动态口令)."""

    name = "account-device"
    path = "account/device/"
    title = "启用动态口令"
    parent = "account"
    template = "identity/enrol_mine.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the QR code of a fresh secret."""
        person = queries.me(self.scope)
        if person.has_totp:
            return HttpResponseRedirect(self.url("account"))
        return self.show(self.template, offered_device(request, person))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Bind it and show the recovery codes, once."""
        person = queries.me(self.scope)
        try:
            codes = services.enrol(
                person,
                now=self.now,
                secret=offered_secret(request),
                code=request.POST.get("code", "")[:40],
                scope=self.scope,
            )
        except TaxopsError as error:
            shown = {**offered_device(request, person), "error": error}
            return self.show(self.template, shown, status=error.status)
        offered_secret(request, forget=True)
        return self.show(self.template, {"codes": codes, "then": self.url("account")})


class RenewCodes(FormPage):
    """New recovery codes (重新生成恢复码); the old ones die."""

    name = "account-codes"
    path = "account/codes/"
    title = "重新生成恢复码"
    parent = "account"
    form = CodeForm
    submit = "生成"
    intro = "生成后，原有的恢复码全部作废。"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the new ones, once."""
        form = CodeForm(request.POST)
        if not form.is_valid():
            return super().post(request, *args, **kwargs)
        try:
            codes = services.renew_recovery_codes(
                self.scope, queries.me(self.scope), now=self.now, code=form.cleaned_data["code"]
            )
        except TaxopsError as error:
            return self._refused(form, error)
        return self._once(codes)

    def _once(self, codes: list[str]) -> HttpResponse:
        return self.show("identity/enrol_mine.html", {"codes": codes, "then": self.url("account")})


class EndSession(ActionPage):
    """Sign out of another machine (下线)."""

    name = "account-session-end"
    path = "account/sessions/<int:pk>/end/"
    title = "下线"
    parent = "account"
    confirm = "将结束这个会话，那台设备上须重新登录。"
    danger = True

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return one of my sessions."""
        return queries.get_session(scope, kwargs["pk"])

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """End it."""
        services.end_session_by(scope, thing, now=now)
        return Done("会话已结束。")


PAGES: list[type[Page]] = [Account, ChangePassword, ChangeContact, BindDevice, RenewCodes, EndSession]
