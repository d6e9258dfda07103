"""The action page: asks by GET, acts by POST, offers to undo."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
URL = "/kit/action/"


def test_get_only_says_what_would_change(client: Client) -> None:
    whole = client.get(URL).content.decode()
    part = client.get(URL, headers={"HX-Request": "true", "HX-Target": "dialog-body"}).content.decode()
    for text in (whole, part):
        assert "<del>正常</del>" in text
        assert "停用期间的中断不会被记录" in text
    assert "<html" not in part
    assert "已停用（样例" not in client.get("/kit/").content.decode()


def test_post_acts_goes_back_and_offers_to_undo(client: Client) -> None:
    answer = client.post(URL, {"back": "/kit/list/?level=city"})
    assert answer["Location"] == "/kit/list/?level=city"
    text = client.get("/kit/").content.decode()
    assert "已停用（样例" in text
    assert 'action="/kit/action/"' in text
    assert "撤销" in text


@pytest.mark.parametrize(
    "back", ["//evil.test/", "http://evil.test/x", "javascript:alert(1)", "\\\\evil.test", ""]
)
def test_way_back_never_leads_outside(client: Client, back: str) -> None:
    assert client.post(URL, {"back": back})["Location"] == "/kit/"


def test_htmx_is_led_on_by_a_header(client: Client) -> None:
    answer = client.post(URL, {"back": "/kit/"}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/kit/")


def test_without_the_cross_site_token_nothing_happens(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    answer = strict.post(URL, {"back": "/kit/"})
    assert answer.status_code == 403
    assert "页面已过期" in answer.content.decode()
