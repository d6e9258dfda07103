"""A browser's session: a new key at login, nothing left of who was there before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.http import HttpRequest
from django.test import RequestFactory

from taxops.platform.identity import web_session
from taxops.platform.identity.models import OrgUnit, Person, PersonSession
from tests import factories

pytestmark = pytest.mark.django_db
Browser = Callable[..., HttpRequest]


@pytest.fixture
def browser() -> Browser:
    store: Any = import_module(django_settings.SESSION_ENGINE).SessionStore

    def ask(key: str | None = None) -> HttpRequest:
        request = RequestFactory().get("/", HTTP_USER_AGENT="测试浏览器" * 100)
        request.session = store(key)
        return request

    return ask


@pytest.fixture
def li(province: dict[str, OrgUnit]) -> Person:
    return factories.person("li", province["145011"])


def test_the_key_changes_at_login_and_leftovers_go(browser: Browser, li: Person, now: datetime) -> None:
    request = browser()
    request.session["planted"] = "by somebody"
    request.session.save()
    before = request.session.session_key
    held = web_session.sign_in(request, li, now=now, address="10.0.0.1")
    request.session.save()
    assert request.session.session_key != before
    assert "planted" not in request.session
    assert web_session.key_of(request) == held.key
    assert not browser(before).session.get(web_session.SESSION_KEY)
    assert len(held.user_agent) == 200


def test_signing_in_again_ends_the_session_before(browser: Browser, li: Person, now: datetime) -> None:
    request = browser()
    first = web_session.sign_in(request, li, now=now, address="")
    web_session.sign_in(request, factories.person("wang", li.org), now=now, address="")
    assert PersonSession.objects.get(pk=first.pk).ended_because == "logout"


def test_signing_out_ends_both_sessions(browser: Browser, li: Person, now: datetime) -> None:
    request = browser()
    held = web_session.sign_in(request, li, now=now, address="")
    web_session.sign_out(request, now=now)
    assert PersonSession.objects.get(pk=held.pk).ended_at == now
    assert web_session.key_of(request) == ""
    web_session.sign_out(request, now=now)


def test_a_right_password_is_remembered_for_five_minutes(browser: Browser, li: Person, now: datetime) -> None:
    request = browser()
    assert web_session.pending(request, now=now) is None
    web_session.hold(request, li, "code", now=now, then="/x/")
    found = web_session.pending(request, now=now + timedelta(minutes=5))
    assert found is not None
    assert (found.person, found.needs, found.then) == (li, "code", "/x/")
    assert web_session.pending(request, now=now + timedelta(minutes=6)) is None
    assert web_session.pending(request, now=now) is None  # gone for good


def test_a_pending_login_of_a_closed_account_is_nothing(browser: Browser, li: Person, now: datetime) -> None:
    request = browser()
    web_session.hold(request, li, "code", now=now)
    Person.objects.update(is_active=False)
    assert web_session.pending(request, now=now) is None


def test_a_notice_is_said_once(browser: Browser) -> None:
    request = browser()
    request.session[web_session.NOTICE_KEY] = "您的账户已在别处登录"
    assert web_session.take_notice(request)
    assert web_session.take_notice(request) == ""
