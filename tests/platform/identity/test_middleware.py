"""Every request knows who asks, what he may do where, from which address and when."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import AsyncClient, Client, RequestFactory
from django.urls import path

from taxops.engines.base import Scope
from taxops.platform.identity.middleware import SESSION_KEY, Anonymous, IdentityMiddleware, address_of
from taxops.platform.identity.models import OrgUnit, Person, PersonSession
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
Clock = Callable[[datetime], None]


def tell(request: HttpRequest) -> HttpResponse:
    """Answer what the middleware found out."""
    scope: Scope = request.scope  # type: ignore[attr-defined]
    return JsonResponse(
        {
            "now": request.now.isoformat(),  # type: ignore[attr-defined]
            "user": request.user.username,
            "actor": scope.actor_id,
            "grants": {code: list(paths) for code, paths in scope.grants.items()},
            "via": scope.via,
            "address": scope.address,
            "url": request.build_absolute_uri("/x"),
            "notice": request.session.get("identity_notice", ""),
        }
    )


urlpatterns = [path(p, tell) for p in ("tell/", "api/tell/", "live/", "account/password/")]


def _ask(client: Client, where: str = "/tell/", **headers: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(client.get(where, **headers).content)
    return found


@pytest.fixture
def li(province: dict[str, OrgUnit]) -> Person:
    return factories.person("li", province["145011"], permissions=["monitoring.view"])


def test_nobody_is_anonymous(web_clock: Clock, client: Client, db: None, now: datetime) -> None:
    found = _ask(client)
    assert (found["user"], found["actor"], found["grants"], found["now"]) == ("", None, {}, now.isoformat())
    assert not Anonymous.is_authenticated


def test_a_session_is_a_person_with_his_grants(
    web_clock: Clock, client: Client, li: Person, now: datetime
) -> None:
    factories.sign_in(client, li, now)
    found = _ask(client, REMOTE_ADDR="10.0.0.7")
    assert (found["user"], found["actor"], found["via"], found["address"]) == (
        "li",
        li.pk,
        "page",
        "10.0.0.7",
    )
    assert found["grants"]["monitoring.view"] == [li.org.path]


def test_identifying_costs_three_queries(
    web_clock: Clock, client: Client, li: Person, now: datetime, django_assert_num_queries: Any
) -> None:
    """The browser's session, the person's session with person and organisation, the assignments."""
    factories.sign_in(client, li, now)
    with django_assert_num_queries(3):
        _ask(client)


@pytest.mark.parametrize(
    ("ended", "said"),
    [
        ({"ended_because": "displaced"}, "您的账户已在别处登录"),
        ({"ended_because": "revoked"}, "强制下线"),
        ({"ended_because": "password"}, "口令已修改"),
        ({"ended_because": "logout"}, ""),
    ],
)
def test_an_ended_session_leaves_a_word_for_the_login_page(
    ended: dict[str, Any], said: str, web_clock: Clock, client: Client, li: Person, now: datetime
) -> None:
    factories.sign_in(client, li, now)
    PersonSession.objects.update(ended_at=now, **ended)
    found = _ask(client)
    assert found["user"] == ""
    assert said in found["notice"]
    assert SESSION_KEY not in client.session


def test_idle_and_absolute_limits_end_a_session(
    web_clock: Clock, client: Client, li: Person, now: datetime
) -> None:
    factories.sign_in(client, li, now)
    web_clock(now + timedelta(minutes=29))
    assert _ask(client)["user"] == "li"
    web_clock(now + timedelta(minutes=60))
    found = _ask(client)
    assert (found["user"], found["grants"]) == ("", {})
    assert "30 分钟没有操作" in found["notice"]


def test_listening_and_polling_are_no_activity(
    web_clock: Clock, client: Client, li: Person, now: datetime
) -> None:
    factories.sign_in(client, li, now)
    web_clock(now + timedelta(minutes=20))
    assert _ask(client, "/live/")["user"] == "li"
    assert _ask(client, HTTP_X_TAXOPS_BACKGROUND="1")["user"] == "li"
    assert PersonSession.objects.get().seen_at == now
    web_clock(now + timedelta(minutes=31))
    assert _ask(client)["user"] == ""


def test_an_account_closed_meanwhile_is_nobody(
    web_clock: Clock, client: Client, li: Person, now: datetime
) -> None:
    factories.sign_in(client, li, now)
    Person.objects.update(is_active=False)
    assert _ask(client)["actor"] is None


def test_a_role_that_begins_or_ends_counts_at_the_next_request(
    web_clock: Clock, client: Client, li: Person, now: datetime
) -> None:
    factories.sign_in(client, li, now)
    factories.grant(
        li, factories.role("later", ["assets.view"]), li.org, valid_from=now + timedelta(minutes=5)
    )
    assert "assets.view" not in _ask(client)["grants"]
    web_clock(now + timedelta(minutes=5))
    assert "assets.view" in _ask(client)["grants"]


def test_a_token_counts_on_the_api_only(web_clock: Clock, client: Client, li: Person, now: datetime) -> None:
    _, text = factories.token(["probers.report"], li.org)
    header = {"HTTP_AUTHORIZATION": f"Bearer {text}"}
    found = _ask(client, "/api/tell/", **header)
    assert (found["via"], found["grants"]) == ("api", {"probers.report": [li.org.path]})
    assert _ask(client, "/tell/", **header)["actor"] is None


def test_a_token_wins_over_a_cookie(web_clock: Clock, client: Client, li: Person, now: datetime) -> None:
    factories.sign_in(client, li, now)
    _, text = factories.token(["probers.report"], li.org)
    assert _ask(client, "/api/tell/", HTTP_AUTHORIZATION=f"bearer {text}")["via"] == "api"


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer nonsense", "Bearer taxops_a_b", "bearer 令牌"]
)
def test_a_bad_token_is_told_in_chinese_with_401(
    header: str, web_clock: Clock, client: Client, db: None
) -> None:
    answer = client.get("/api/tell/", HTTP_AUTHORIZATION=header)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert set(answer.json()) == {"code", "what", "todo"}
    assert answer.json()["code"] == "token_unknown"


def test_other_authorization_schemes_are_left_alone(web_clock: Clock, client: Client, db: None) -> None:
    assert _ask(client, "/api/tell/", HTTP_AUTHORIZATION="Basic Zm9v")["actor"] is None


def test_an_expired_token_says_so(web_clock: Clock, client: Client, li: Person, now: datetime) -> None:
    _, text = factories.token(["probers.report"], li.org, expires_at=now)
    answer = client.get("/api/tell/", HTTP_AUTHORIZATION=f"Bearer {text}").json()
    assert (answer["code"], "已过期" in answer["what"]) == ("token_expired", True)


def test_who_must_change_his_password_can_do_nothing_else(
    web_clock: Clock, client: Client, li: Person, now: datetime
) -> None:
    Person.objects.update(must_change_password=True)
    factories.sign_in(client, li, now)
    answer = client.get("/tell/?a=1")
    assert (answer.status_code, answer["Location"]) == (302, "/account/password/?next=/tell/%3Fa%3D1")
    assert client.post("/tell/").json()["code"] == "password_change_required"
    assert client.get("/api/tell/").status_code == 403
    found = _ask(client, "/account/password/")
    assert (found["actor"], found["grants"]) == (li.pk, {})


def test_an_old_password_must_be_changed_and_is_announced_before(
    web_clock: Clock, client: Client, li: Person, now: datetime
) -> None:
    factories.sign_in(client, li, now)
    Person.objects.update(password_set_at=now - timedelta(days=85))
    assert _ask(client)["user"] == "li"
    Person.objects.update(password_set_at=now - timedelta(days=90))
    assert client.get("/tell/").status_code == 302


@pytest.mark.parametrize(
    ("_case", "trusted", "remote", "forwarded", "found"),
    [
        ("no proxy configured: the header is a claim", (), "10.0.0.1", "6.6.6.6", "10.0.0.1"),
        ("from the proxy", ("127.0.0.0/8",), "127.0.0.1", "10.1.2.3", "10.1.2.3"),
        (
            "forged in front of what the proxy wrote",
            ("127.0.0.1",),
            "127.0.0.1",
            "6.6.6.6, 10.1.2.3",
            "10.1.2.3",
        ),
        ("two proxies", ("127.0.0.1", "10.0.0.0/24"), "127.0.0.1", "10.1.2.3, 10.0.0.9", "10.1.2.3"),
        ("not from the proxy", ("127.0.0.1",), "10.5.5.5", "6.6.6.6", "10.5.5.5"),
        ("nonsense in it", ("127.0.0.1",), "127.0.0.1", "<script>", "127.0.0.1"),
        ("nothing in it", ("127.0.0.1",), "127.0.0.1", "", "127.0.0.1"),
        ("version 6", ("::1",), "::1", "fd00::7", "fd00::7"),
    ],
)
def test_addresses_are_believed_only_from_a_named_proxy(
    _case: str, trusted: tuple[str, ...], remote: str, forwarded: str, found: str, settings: Any
) -> None:
    settings.TRUSTED_PROXIES = trusted
    request = RequestFactory().get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded)
    assert address_of(request) == found


@pytest.mark.django_db(transaction=True)
def test_it_works_under_asgi_where_scope_means_something_else(web_clock: Clock, now: datetime) -> None:
    li = factories.person("li", factories.province()["145011"], permissions=["monitoring.view"])
    client = AsyncClient()
    factories.sign_in(client, li, now)  # type: ignore[arg-type]  # has a session as well
    answer = async_to_sync(client.get)("/tell/")
    found = json.loads(answer.content)
    assert found["user"] == "li"
    assert found["url"] == "http://testserver/x"


def test_the_clock_is_read_once_a_request(
    monkeypatch: pytest.MonkeyPatch, client: Client, db: None, now: datetime
) -> None:
    readings: list[datetime] = []

    def read() -> datetime:
        readings.append(now)
        return now

    monkeypatch.setattr(IdentityMiddleware, "clock", staticmethod(read))
    _ask(client)
    assert len(readings) == 1
