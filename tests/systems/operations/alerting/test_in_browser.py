"""The inbox by keyboard in a real browser: unfold, point, acknowledge a group; the state survives what comes back."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from taxops.platform.identity.middleware import IdentityMiddleware
from taxops.systems.operations.alerting import services
from taxops.systems.operations.alerting.models import Alert
from tests import factories
from tests.systems.operations.alerting.conftest import Timeline

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = [pytest.mark.browser, pytest.mark.same_everywhere, pytest.mark.django_db(transaction=True)]


def test_a_group_is_unfolded_and_taken_without_a_mouse(
    live_server: Any, chromium: str, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright keeps an event loop in this thread
    now = datetime.now(UTC)
    monkeypatch.setattr(IdentityMiddleware, "clock", staticmethod(lambda: datetime.now(UTC)))
    top = factories.province()["145000"]
    engineer = factories.person("engineer", top, "onsite_engineer")
    services.ensure_defaults(now=now)
    line = Timeline(now - timedelta(minutes=5), top)
    for name in ("甲一", "甲二"):
        line.push(name, labels={"system": "a"})
    line.push("乙一", labels={"system": "b"}, severity="minor")
    client = Client()
    factories.sign_in(client, engineer, now)
    session = client.cookies["taxops_session"].value
    with (
        playwright.sync_playwright() as driver,
        closing(driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])) as browser,
    ):
        window = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
        window.add_cookies([{"name": "taxops_session", "value": session, "url": live_server.url}])
        window.route("**/live/**", lambda route: route.abort())  # a stream would outlive the test's database
        page = window.new_page()
        page.goto(f"{live_server.url}/operations/alerts/")
        rows = page.locator("#list-body tbody tr")
        playwright.expect(rows).to_have_count(2)
        page.keyboard.press("j")
        page.keyboard.press("o")
        playwright.expect(page.locator("tr.tx-inner")).to_have_count(2)
        assert "open=" in page.url
        playwright.expect(page.locator("tr.is-at [aria-expanded=true]")).to_have_count(1)
        page.keyboard.press("o")
        playwright.expect(page.locator("tr.tx-inner")).to_have_count(0)
        page.keyboard.press("a")
        playwright.expect(page.locator("#dialog-body")).to_contain_text("将确认 2 条告警")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        playwright.expect(page.locator("#toasts")).to_contain_text("已确认 2 条告警")
        page.keyboard.press("j")
        page.keyboard.press("s")
        playwright.expect(page.locator("h1")).to_have_text("静默选中的告警")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert set(Alert.objects.filter(acknowledged_by=engineer).values_list("title", flat=True)) == {
        "甲一",
        "甲二",
    }
