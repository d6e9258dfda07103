"""Signing in and out (登录与退出): password, one-time code, binding a device, the demonstration's one click."""

from __future__ import annotations

from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from taxops.engines.base import TaxopsError
from taxops.platform.identity import queries, services, web_session
from taxops.web.kit import Page

_SECRET_KEY = "identity_new_device"  # noqa: S105  name of a session entry


def safe_next(request: HttpRequest, wanted: str) -> str:
    """Return where to go after signing in: a path of this site, else the first page."""
    hosts = {request.get_host()}
    good = url_has_allowed_host_and_scheme(wanted, hosts, require_https=request.is_secure())
    return wanted if wanted and good and not wanted.startswith("/log") else "/"


def qr_image(uri: str) -> str:
    """Return a QR code as the address of an image (`data:`), which the content policy allows."""
    return str(segno.make(uri, error="m").svg_data_uri(scale=5, border=2))


class _Plain(Page):
    """What the login pages share: open to everybody, and where to go on to."""

    public = True

    def _agent(self) -> str:
        return str(self.request.META.get("HTTP_USER_AGENT", ""))[:200]

    def _enter(self, person: Any, *, then: str, with_totp: bool = False) -> HttpResponseRedirect:
        web_session.sign_in(
            self.request, person, now=self.now, address=self.scope.address, with_totp=with_totp
        )
        days = services.password_days_left(person, now=self.now)
        if days is not None:
            left = f" {days} 天后" if days else "一天内"
            messages.warning(self.request, f"您的口令将在{left}过期，请及时修改。")
        return HttpResponseRedirect(safe_next(self.request, then))


class LoginPage(_Plain):
    """User name and password (登录)."""

    name = "login"
    path = "login/"
    title = "登录"
    template = "identity/login.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Ask for user name and password; who is signed in already goes on."""
        then = request.GET.get("next", "")
        if self.scope.actor_id is not None:
            return HttpResponseRedirect(safe_next(request, then))
        return self.show(self.template, self._context(then, notice=web_session.take_notice(request)))

    def _context(self, then: str, **more: Any) -> dict[str, Any]:
        accounts = queries.demo_accounts(now=self.now) if settings.CONFIG.demo else []
        return {"next": then.replace("\0", "")[:500], "accounts": accounts, **more}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Check them, and go on to what is still needed."""
        username, then = request.POST.get("username", "")[:200], request.POST.get("next", "")
        try:
            step = services.check_login(
                username,
                request.POST.get("password", "")[:1000],
                now=self.now,
                address=self.scope.address,
                user_agent=self._agent(),
            )
        except TaxopsError as error:
            shown = self._context(then, error=error, username=username)
            return self.show(self.template, shown, status=error.status)
        if step.needs == "nothing":
            return self._enter(step.person, then=then)
        web_session.hold(request, step.person, step.needs, now=self.now, then=then)
        return HttpResponseRedirect(self.url("login-code" if step.needs == "code" else "login-enrol"))


class CodePage(_Plain):
    """The one-time code (动态口令) of somebody whose password was right."""

    name = "login-code"
    path = "login/code/"
    title = "输入动态口令"
    template = "identity/login_code.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Ask for the code; without a right password before, go back to the beginning."""
        held = web_session.pending(request, now=self.now)
        if held is None or held.needs != "code":
            return HttpResponseRedirect(self.url("login"))
        return self.show(self.template, {"person": held.person})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Check the code and sign in."""
        held = web_session.pending(request, now=self.now)
        if held is None or held.needs != "code":
            return HttpResponseRedirect(self.url("login"))
        try:
            services.check_code(
                held.person,
                request.POST.get("code", "")[:40],
                now=self.now,
                address=self.scope.address,
                user_agent=self._agent(),
            )
        except TaxopsError as error:
            return self.show(self.template, {"person": held.person, "error": error}, status=error.status)
        return self._enter(held.person, then=held.then, with_totp=True)


class EnrolPage(_Plain):
    """Binding a device (绑定动态口令) before the first login of an administrator goes on."""

    name = "login-enrol"
    path = "login/enrol/"
    title = "绑定动态口令"
    template = "identity/enrol.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the QR code of a fresh secret, which stays on the server until it is confirmed."""
        held = web_session.pending(request, now=self.now)
        if held is None or held.needs != "enrol":
            return HttpResponseRedirect(self.url("login"))
        return self.show(self.template, offered_device(request, held.person))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Bind the device, sign in, and show the recovery codes, once."""
        held = web_session.pending(request, now=self.now)
        if held is None or held.needs != "enrol":
            return HttpResponseRedirect(self.url("login"))
        own = services.scope_for(held.person, now=self.now, address=self.scope.address)
        try:
            codes = services.enrol(
                held.person,
                now=self.now,
                secret=request.session.get(_SECRET_KEY, ""),
                code=request.POST.get("code", "")[:40],
                scope=own,
            )
            services.enrolled(held.person, now=self.now, address=self.scope.address, user_agent=self._agent())
        except TaxopsError as error:
            shown = {**offered_device(request, held.person), "error": error}
            return self.show(self.template, shown, status=error.status)
        answer = self._enter(held.person, then=held.then, with_totp=True)
        return self.show(self.template, {"codes": codes, "then": answer.url})


def offered_device(request: HttpRequest, person: Any) -> dict[str, Any]:
    """Return the QR code and the text of the secret that is on offer in this browser's session."""
    secret = request.session.setdefault(_SECRET_KEY, services.new_secret())
    groups = [secret[n : n + 4] for n in range(0, len(secret), 4)]
    return {"qr": qr_image(services.provisioning_uri(person, secret)), "secret": " ".join(groups)}


def offered_secret(request: HttpRequest, *, forget: bool = False) -> str:
    """Return the secret on offer; with `forget`, take it out of the session."""
    kept = request.session.pop(_SECRET_KEY, "") if forget else request.session.get(_SECRET_KEY, "")
    return str(kept)


class DemoLogin(_Plain):
    """One click into a role of the demonstration (演示一键登录)."""

    name = "login-demo"
    path = "login/demo/"
    title = "演示登录"
    demo_only = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Lead to the login page, where the buttons are."""
        return HttpResponseRedirect(self.url("login"))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Sign in as the account of the button."""
        person = services.demo_login(
            request.POST.get("username", "")[:64],
            now=self.now,
            address=self.scope.address,
            user_agent=self._agent(),
        )
        return self._enter(person, then=request.POST.get("next", ""))


class LogoutPage(Page):
    """Leaving (退出登录); by POST only."""

    name = "logout"
    path = "logout/"
    title = "退出登录"
    public = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Lead to the first page: following a link must not sign anybody out."""
        return HttpResponseRedirect("/")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Sign out and lead to the login page."""
        web_session.sign_out(request, now=self.now)
        return HttpResponseRedirect(self.url("login"))


PAGES: list[type[Page]] = [LoginPage, CodePage, EnrolPage, DemoLogin, LogoutPage]
