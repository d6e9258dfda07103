"""The kit in a real browser: nothing refused by the policy, keyboard, filters in the address, dialogs, themes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from taxops.platform.identity.middleware import IdentityMiddleware
from taxops.web.kit.context import THEME_COOKIE
from tests import factories

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
VENDOR = Path(__file__).resolve().parents[2] / "src/taxops/web/static/vendor"
SIZES = {"desk": (1366, 768), "phone": (390, 844), "wall": (1920, 1080)}


class Seat:
    """Somebody before a browser, signed in; complaints of the browser are kept."""

    def __init__(self, browser: Any, address: str, session: str) -> None:
        self.browser, self.address, self.session = browser, address, session
        self.complaints: list[str] = []

    def page(self, path: str, size: str = "desk", theme: str = "light") -> Any:
        """Open a page in a fresh window."""
        width, height = SIZES[size]
        window = self.browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
        window.add_cookies(
            [
                {"name": "taxops_session", "value": self.session, "url": self.address},
                {"name": THEME_COOKIE, "value": theme, "url": self.address},
            ]
        )
        page = window.new_page()
        page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: self.complaints.append(str(e)))
        page.goto(self.address + path)
        page.wait_for_load_state("networkidle")
        return page


@pytest.fixture
def seat(
    live_server: Any, chromium: str, settings: Any, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> Iterator[Seat]:
    """Return a seat before a browser at the living pages."""
    if not VENDOR.exists():
        pytest.skip("前端文件还没有下载，请先执行 ./run setup")
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright keeps an event loop in this thread
    monkeypatch.setattr(IdentityMiddleware, "clock", staticmethod(lambda: now))
    settings.CONFIG = replace(settings.CONFIG, demo=True)
    units = factories.province()
    for number in range(60):
        factories.org(f"99{number:04d}", units["145011"], "hall", name=f"测试厅{number:04d}")
    client = Client()
    person = factories.person("wang", units["145000"], permissions=["jobs.view"], display_name="王建国")
    factories.sign_in(client, person, now)
    session = client.cookies["taxops_session"].value
    with (
        playwright.sync_playwright() as driver,
        closing(driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])) as browser,
    ):
        yield Seat(browser, live_server.url, session)


def test_no_page_is_wider_than_its_window_and_the_policy_refuses_nothing(seat: Seat) -> None:
    for path in (
        "/kit/",
        "/kit/list/",
        "/kit/form/",
        "/kit/import/",
        "/kit/board/",
        "/kit/list/?format=print",
    ):
        for theme in ("light", "dark"):
            page = seat.page(path, "phone", theme)
            for size, (width, height) in SIZES.items():
                page.set_viewport_size({"width": width, "height": height})
                wider = page.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                assert wider <= 0, f"{path} {size} {theme}: {wider} px too wide"
            page.context.close()
    assert seat.complaints == []


def test_filters_go_into_the_address_and_come_back_with_it(seat: Seat) -> None:
    page = seat.page("/kit/list/")
    page.fill("#q", "测试厅0007")
    page.wait_for_selector("text=共 1 条")
    assert page.evaluate("document.activeElement.id") == "q", "the focus stays in the search box"
    assert re.search(r"\?q=%E6%B5%8B.*0007$", page.url)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.click(".tx-chip")
    page.wait_for_selector("text=第 1–50 条")
    assert page.input_value("#q") == ""
    page.wait_for_timeout(200)
    assert [url for url in asked if "q=" in url] == [], "leaving the box does not ask for it once more"
    page.go_back()
    page.wait_for_selector("text=共 1 条")
    assert page.input_value("#q") == "测试厅0007"
    assert seat.complaints == []


def test_organisation_is_picked_and_dates_by_one_click(seat: Seat) -> None:
    page = seat.page("/kit/list/")
    page.click(".tx-orgs summary")
    page.fill("[data-org-text]", "南江")
    page.click('.tx-org-options [data-code="145010"]')
    page.wait_for_selector(".tx-chip >> text=南江市税务局及下级")
    assert "org=145010" in page.url
    assert seat.complaints == []


def test_list_is_worked_by_keyboard(seat: Seat) -> None:
    page = seat.page("/kit/list/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator("tr.is-at").count() == 1
    assert page.locator("text=已选 1 条").is_visible()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("]")
    page.wait_for_selector('.tx-pager [aria-current]:has-text("2")')
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/kit/list/\d+/"))
    assert seat.complaints == []


def test_bulk_is_confirmed_in_a_dialog_with_the_number(seat: Seat) -> None:
    page = seat.page("/kit/list/?level=county")
    page.check("[data-tick-all]")
    page.click("#bulk button[value=pause]")
    page.wait_for_selector("#dialog >> text=将暂停 4 项")
    page.click("#dialog .btn-primary")
    page.wait_for_selector(".tx-toast >> text=已暂停 4 项")
    assert seat.complaints == []


def test_search_opens_with_ctrl_k_and_leads_on(seat: Seat) -> None:
    page = seat.page("/kit/")
    page.keyboard.press("Control+k")
    page.keyboard.type("列表样例")
    page.wait_for_selector(".tx-hit")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/kit/list/"))
    assert seat.complaints == []


def test_the_tab_that_is_shown_is_the_marked_one(seat: Seat) -> None:
    page = seat.page("/kit/list/")
    page.click("tr[data-pk] a >> nth=0")
    page.wait_for_selector(".tx-tabs")
    second = page.locator(".tx-tabs > a").nth(1)
    second.click()
    page.wait_for_url(re.compile(r"\?tab="))
    page.wait_for_selector(".tx-tabs > a:nth-child(2)[aria-current=page]")
    assert page.locator(".tx-tabs > a[aria-current]").count() == 1
    assert seat.complaints == []


def test_leaving_a_changed_form_warns_and_saving_does_not(seat: Seat) -> None:
    page = seat.page("/kit/form/")
    warned: list[str] = []
    page.on("dialog", lambda d: (warned.append(d.type), d.dismiss()))
    page.fill("#id_name", "申报接口")
    page.click("text=取消")
    for _ in range(200):
        if warned:
            break
        page.wait_for_timeout(50)
    assert warned == ["beforeunload"]
    page.select_option("#id_kind", "http")
    page.click("text=保存")
    page.wait_for_selector("text=请确认")
    page.click("text=确认保存")
    page.wait_for_selector(".tx-toast >> text=「申报接口」已保存")
    assert warned == ["beforeunload"]


def test_action_dialog_acts_and_undoes(seat: Seat) -> None:
    page = seat.page("/kit/")
    page.click(".tx-card .btn-outline-danger")
    page.wait_for_selector("#dialog >> text=停用期间的中断不会被记录")
    page.click("#dialog .btn-danger")
    page.wait_for_selector(".tx-toast >> text=撤销")
    assert seat.complaints == []


def test_failure_of_a_part_is_a_toast(seat: Seat) -> None:
    page = seat.page("/kit/error/")
    page.click("text=以提示出现 >> nth=3")
    page.wait_for_selector(".tx-toast.tx-bad >> text=刚被别人修改过")


def test_theme_is_kept_and_the_menu_folds(seat: Seat) -> None:
    page = seat.page("/kit/", theme="light")
    page.click(".tx-mebtn")
    page.click("[data-theme-set=dark]")
    assert page.get_attribute("html", "data-bs-theme") == "dark"
    page.click("body", position={"x": 700, "y": 400})
    page.click(".tx-fold")
    page.reload()
    assert page.get_attribute("html", "data-bs-theme") == "dark"
    assert "tx-folded" in (page.get_attribute("html", "class") or "")
    assert seat.complaints == []


def test_phone_menu_opens_over_the_page(seat: Seat) -> None:
    page = seat.page("/kit/list/", "phone")
    assert not page.locator(".tx-menu").is_visible()
    page.click(".tx-burger")
    page.wait_for_selector(".tx-menu a", state="visible")
    assert seat.complaints == []


def test_chart_point_opens_the_rows_behind_it(seat: Seat) -> None:
    page = seat.page("/kit/")
    canvas = page.locator("[data-chart] canvas").nth(1)
    box = canvas.bounding_box()
    canvas.click(position={"x": box["width"] * 0.155, "y": box["height"] - 40})
    page.wait_for_url(re.compile("/kit/list/"))
