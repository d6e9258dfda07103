"""How failures are shown: as a page, a toast or JSON; each in Chinese, faults once in the log."""

from __future__ import annotations

import json
import logging
import re

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
KINDS = {
    "bad": 400,
    "permission": 403,
    "missing": 404,
    "conflict": 409,
    "large": 413,
    "away": 503,
    "fault": 500,
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_page_its_toast_and_its_json(client: Client, kind: str) -> None:
    page = client.get("/kit/error/", {"kind": kind})
    assert page.status_code == KINDS[kind]
    assert "<h1>" in page.content.decode()
    toast = client.get("/kit/error/", {"kind": kind}, headers={"HX-Request": "true"})
    assert toast.status_code == KINDS[kind]
    assert toast["HX-Reswap"] == "none"
    told = json.loads(toast["HX-Trigger"])["taxops:toast"]
    assert re.search(r"[\u4e00-\u9fff]", told["message"])
    assert toast["HX-Trigger"].isascii(), "headers carry ASCII only"
    answered = client.get("/kit/error/", {"kind": kind}, headers={"Accept": "application/json"}).json()
    assert set(answered) >= {"code", "what", "todo"}


def test_fault_is_logged_once_under_the_number_shown(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        text = client.get("/kit/error/", {"kind": "fault"}).content.decode()
    number = re.search(r"错误号 ([0-9A-F]{8})", text)
    assert number
    assert [number.group(1) in record.getMessage() for record in caplog.records] == [True]
    assert "a fault for the living page" not in text, "the reader is not told internals"


def test_fault_is_raised_to_tests_that_want_it(client: Client) -> None:
    client.raise_request_exception = True
    with pytest.raises(RuntimeError):
        client.get("/kit/error/", {"kind": "fault"})


def test_unknown_address_is_404_in_the_frame(client: Client) -> None:
    answer = client.get("/no-such-page/")
    assert answer.status_code == 404
    assert "没有这个页面" in answer.content.decode()
    assert 'id="side"' in answer.content.decode()


def test_too_big_a_form_is_told_in_chinese(client: Client) -> None:
    answer = client.post(
        "/kit/form/", {"name": "长" * 2_000_000}, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code in {400, 413, 422}
    big = client.post(
        "/kit/form/", b"name=" + b"a" * 3_000_000, content_type="application/x-www-form-urlencoded"
    )
    assert big.status_code == 413
    assert "过大" in big.content.decode()


def test_demo_pages_are_not_there_outside_a_demonstration(client: Client, settings: object) -> None:
    from dataclasses import replace

    settings.CONFIG = replace(settings.CONFIG, demo=False)  # type: ignore[attr-defined]
    assert client.get("/kit/").status_code == 404
    assert "组件总览" not in client.get("/search/").content.decode()
