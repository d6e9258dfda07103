"""The phone page in a real browser without a net: what is pressed there arrives once when the net is back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from taxops.platform.casework.models import Case
from taxops.platform.identity.middleware import IdentityMiddleware
from taxops.systems.operations.desk.models import FieldSheet
from tests import factories
from tests.platform.casework.conftest import Desk, make_desk

from .services.test_sheets import FORM

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = [pytest.mark.browser, pytest.mark.same_everywhere, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def phone(
    live_server: Any, chromium: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Desk, Case, Any]]:
    """Return a dispatched case and its page on a phone of 390 × 844."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright keeps an event loop in this thread
    now = datetime.now(UTC)  # the browser stamps what is pressed with its own clock
    monkeypatch.setattr(IdentityMiddleware, "clock", staticmethod(lambda: datetime.now(UTC)))
    desk = make_desk(now - timedelta(hours=1))
    case = desk.opened(type_code="field", form=FORM)
    desk.take(case, "accept")
    desk.take(case, "dispatch", remote_result="无效", engineer=desk.ann.display_name)
    client = Client()
    factories.sign_in(client, desk.ann, now)
    session = client.cookies["taxops_session"].value
    with (
        playwright.sync_playwright() as driver,
        closing(driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])) as browser,
    ):
        window = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
        window.add_cookies([{"name": "taxops_session", "value": session, "url": live_server.url}])
        page = window.new_page()
        page.goto(f"{live_server.url}/operations/field/{case.pk}/")
        page.wait_for_load_state("networkidle")
        yield desk, case, page


def _queued(page: Any) -> int:
    return len(json.loads(page.evaluate("localStorage.getItem('taxops-outbox') || '[]'")))


def _until_queued(page: Any, n: int) -> None:
    """Wait until so many entries are kept on the device; the pages' policy forbids waiting by script."""
    for _ in range(300):
        if _queued(page) == n:
            page.wait_for_timeout(200)
            return
        page.wait_for_timeout(50)
    pytest.fail(f"本机还有 {_queued(page)} 条，应为 {n} 条")


def test_what_is_pressed_without_a_net_arrives_once(phone: tuple[Desk, Case, Any]) -> None:
    _, case, page = phone
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390, f"页面比手机屏幕宽：{width}"
    page.context.set_offline(True)
    page.fill("[name=place]", "南关区办税服务厅")
    page.click("button[value=arrive]")
    _until_queued(page, 1)
    assert "1 条" in page.locator("[data-outbox-state]").first.inner_text()
    assert not FieldSheet.objects.exists()
    page.context.set_offline(False)
    _until_queued(page, 0)
    page.wait_for_load_state("networkidle")
    assert FieldSheet.objects.count() == 1
    assert Case.objects.get(pk=case.pk).state == "arrived"


def test_an_answer_that_is_lost_is_asked_for_again_and_counts_once(phone: tuple[Desk, Case, Any]) -> None:
    _, case, page = phone
    lost: list[str] = []

    def lose_the_first(route: Any) -> None:
        if route.request.method != "POST" or lost:
            route.continue_()
            return
        lost.append(route.fetch().text())  # the server has it, the phone never hears so
        route.abort()

    page.route("**/operations/field/**", lose_the_first)
    page.fill("[name=place]", "南关厅")
    page.click("button[value=arrive]")
    _until_queued(page, 1)
    assert "1 条" in page.locator("[data-outbox-state]").first.inner_text()
    assert FieldSheet.objects.count() == 1
    page.evaluate("dispatchEvent(new Event('online'))")
    _until_queued(page, 0)
    assert (len(lost), FieldSheet.objects.count()) == (1, 1)
    assert Case.objects.get(pk=case.pk).state == "arrived"
