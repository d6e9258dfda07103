"""A real browser at a desk: pages whose console must stay silent, one click in, forms filled by their labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect

from .stage import Stage

PATIENCE_MS = 60_000


@contextmanager
def at_a_desk(browser: Browser, stage: Stage) -> Iterator[Page]:
    """Give a page of a desk's size; at the end the console must have been silent and nothing was asked outside."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN", base_url=stage.url)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []
    outside: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda request: None if request.url.startswith((stage.url, "data:")) else outside.append(request.url),
    )
    yield page
    context.close()
    assert not outside
    assert not [text for text in complaints if "Content Security Policy" in text or "Error" in text], (
        complaints
    )


def enter(page: Page, role: str) -> None:
    """Come in by one click."""
    page.goto("/login/")
    expect(page.get_by_text("一键登录")).to_be_visible()
    page.get_by_role("button", name=re.compile(re.escape(role))).first.click()
    page.wait_for_url(lambda url: "/login" not in url)


def fill(page: Page, values: Mapping[str, str]) -> None:
    """Fill a form by its labels; a choice is chosen by what it says."""
    for label, value in values.items():
        widget = (
            page.locator("form.tx-form").get_by_label(re.compile(rf"^\s*{re.escape(label)}\s*\*?$")).first
        )
        if widget.evaluate("e => e.tagName") == "SELECT":
            wanted = widget.locator("option", has_text=re.compile(re.escape(value))).first
            widget.select_option(value=wanted.get_attribute("value"))
        else:
            widget.fill(value)
