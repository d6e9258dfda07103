"""Signing in through the pages: password, code, device, demonstration, and out again."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from taxops.platform.identity.models import OrgUnit, Person, PersonSession
from taxops.platform.identity.services import second_factor
from tests import factories

from .conftest import GOOD

pytestmark = pytest.mark.django_db
Clock = Callable[[datetime], None]


def _login(client: Client, username: str = "li.si", password: str = GOOD, **more: str) -> Any:
    return client.post("/login/", {"username": username, "password": password, **more})


def _text(answer: HttpResponse) -> str:
    return answer.content.decode()


def test_the_right_password_leads_to_where_one_wanted_to_go(client: Client, li: Person) -> None:
    assert client.get("/account/")["Location"] == "/login/?next=/account/"
    answer = _login(client, next="/account/?tab=roles")
    assert (answer.status_code, answer["Location"]) == (302, "/account/?tab=roles")
    assert "李四" in _text(client.get("/account/"))
    assert client.get("/login/?next=/account/")["Location"] == "/account/"


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example", "/logout/", "\0"],
)
def test_nobody_is_led_off_the_site(wanted: str, client: Client, li: Person) -> None:
    assert _login(client, next=wanted)["Location"] == "/"


def test_a_wrong_password_says_so_and_keeps_the_name_only(client: Client, li: Person) -> None:
    answer = _login(client, password="my-wrong-secret")
    assert answer.status_code == 401
    assert "用户名或口令不正确" in _text(answer)
    assert 'value="li.si"' in _text(answer)
    assert "my-wrong-secret" not in _text(answer)


def test_a_locked_account_is_told_until_when(client: Client, li: Person) -> None:
    for _ in range(5):
        answer = _login(client, password="wrong")
    assert answer.status_code == 429
    assert "锁定 15 分" in _text(answer)
    assert _login(client).status_code == 429


def test_a_login_needs_the_cross_site_token(li: Person) -> None:
    client = Client(enforce_csrf_checks=True)
    assert _login(client).status_code == 403


def test_the_sessions_key_is_new_after_login(client: Client, li: Person) -> None:
    client.get("/login/")
    session = client.session
    session["planted"] = 1
    session.save()
    before = session.session_key
    _login(client)
    assert client.session.session_key != before
    assert "planted" not in client.session


def test_logging_out_is_by_post_and_ends_the_session(client: Client, li: Person) -> None:
    _login(client)
    assert client.get("/logout/")["Location"] == "/"
    assert client.get("/account/").status_code == 200
    assert client.post("/logout/")["Location"] == "/login/"
    assert PersonSession.objects.get().ended_because == "logout"
    assert client.get("/account/").status_code == 302


def test_the_third_login_ends_the_first_and_tells_it_once(li: Person) -> None:
    browsers = [Client(), Client(), Client()]
    for browser in browsers:
        _login(browser)
    assert browsers[0].get("/account/")["Location"] == "/login/?next=/account/"
    assert "您的账户已在别处登录" in _text(browsers[0].get("/login/"))
    assert "您的账户已在别处登录" not in _text(browsers[0].get("/login/"))
    assert browsers[1].get("/account/").status_code == 200


def test_a_password_that_runs_out_soon_is_announced(client: Client, li: Person, now: datetime) -> None:
    Person.objects.update(password_set_at=now - timedelta(days=85))
    _login(client)
    assert "您的口令将在 5 天后过期" in _text(client.get("/account/"))


def test_a_temporary_password_leads_to_the_form_and_nowhere_else(client: Client, li: Person) -> None:
    Person.objects.update(must_change_password=True)
    _login(client)
    assert client.get("/account/")["Location"].startswith("/account/password/?next=")
    form = {"old": GOOD, "password": "Lijiang-River-Boat-4", "again": "Lijiang-River-Boat-4"}
    assert client.post("/account/password/?next=/account/", form)["Location"] == "/account/"
    assert client.get("/account/").status_code == 200


def _code(page: str, now: datetime) -> str:
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found is not None
    secret = base64.b32decode(found[1].replace(" ", ""))
    return second_factor._totp(secret).generate(int(now.timestamp())).decode()


def test_an_administrator_binds_a_device_and_then_uses_it(
    client: Client, li: Person, now: datetime, clock: Clock
) -> None:
    factories.grant(li, "audit_admin", li.org)
    assert _login(client, next="/account/")["Location"] == "/login/enrol/"
    assert client.get("/account/").status_code == 302  # the password alone is no login
    page = _text(client.get("/login/enrol/"))
    assert "data:image/svg+xml" in page
    wrong = client.post("/login/enrol/", {"code": "000000"})
    assert wrong.status_code == 400
    assert _code(_text(wrong), now) == _code(page, now)  # the secret on offer stays the same
    done = _text(client.post("/login/enrol/", {"code": _code(page, now)}))
    recovery = re.findall(r"<code>([A-Z0-9]{5}-[A-Z0-9]{5})</code>", done)
    assert len(recovery) == 10
    assert client.get("/account/").status_code == 200
    assert PersonSession.objects.get().with_totp

    later = now + timedelta(minutes=2)
    clock(later)
    other = Client()
    assert _login(other, next="/account/")["Location"] == "/login/code/"
    assert other.get("/account/").status_code == 302
    assert other.post("/login/code/", {"code": "000000x"}).status_code == 401
    assert other.post("/login/code/", {"code": _code(page, later)})["Location"] == "/account/"

    third = Client()
    _login(third)
    assert third.post("/login/code/", {"code": _code(page, later)}).status_code == 401  # used
    assert third.post("/login/code/", {"code": recovery[0]})["Location"] == "/"


def test_the_second_step_runs_out_after_five_minutes(
    client: Client, li: Person, now: datetime, clock: Clock
) -> None:
    factories.grant(li, "audit_admin", li.org)
    _login(client)
    clock(now + timedelta(minutes=6))
    assert client.get("/login/enrol/")["Location"] == "/login/"
    assert client.post("/login/enrol/", {"code": "123456"})["Location"] == "/login/"


@pytest.mark.parametrize("path", ["/login/code/", "/login/enrol/"])
def test_nobody_enters_by_the_second_door_alone(path: str, client: Client, li: Person) -> None:
    assert client.get(path)["Location"] == "/login/"
    assert client.post(path, {"code": "123456"})["Location"] == "/login/"
    assert not PersonSession.objects.exists()


def test_one_click_exists_in_the_demonstration_only(
    client: Client, units: dict[str, OrgUnit], settings: Any
) -> None:
    factories.person("viewer1", units["145011"], "viewer", display_name="韦小明")
    assert client.post("/login/demo/", {"username": "viewer1"}).status_code == 404
    assert "一键登录" not in _text(client.get("/login/"))
    settings.CONFIG = replace(settings.CONFIG, demo=True)
    page = _text(client.get("/login/?next=/account/"))
    assert "演示环境：一键登录" in page
    assert "韦小明" in page
    answer = client.post("/login/demo/", {"username": "viewer1", "next": "/account/"})
    assert answer["Location"] == "/account/"
    assert client.post("/login/demo/", {"username": "nobody"}).status_code == 404
