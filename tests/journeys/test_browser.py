"""The main story in a real browser: one click in, the outage appears without a reload, heal, recovered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from .screen import PATIENCE_MS, at_a_desk, enter
from .stage import Stage, until

pytestmark = [
    pytest.mark.journey,
    pytest.mark.slow,
    pytest.mark.real,
    pytest.mark.browser,
    # what a browser shows does not depend on the database; the outage itself is followed on both
    pytest.mark.parametrize("stage", ["sqlite"], indirect=True, scope="package"),
]


@pytest.fixture
def page(browser: Browser, stage: Stage) -> Iterator[Page]:
    """Return a page of a desk's size, silent at the end."""
    with at_a_desk(browser, stage) as page:
        yield page


def shot(page: Page, folder: Path, name: str) -> None:
    page.screenshot(path=folder / f"{name}.png", full_page=True)


def test_an_engineer_sees_the_outage_come_and_go(stage: Stage, page: Page, tmp_path: Path) -> None:
    service, kind = ("nginx", "nginx") if stage.lab["nginx"].installed else ("acceptance", "http")
    check = stage.check_of(service, kind)
    stage.settled(check, 120)
    enter(page, "驻场运维工程师")
    page.goto("/operations/")
    going_on = page.locator("section", has=page.get_by_role("heading", name="正在中断"))
    expect(going_on.get_by_role("link", name=check["name"])).to_have_count(0)
    page.evaluate("window.neverReloaded = true")
    shot(page, tmp_path, "before")

    stage.break_(service, "stop")
    link = going_on.get_by_role("link", name=check["name"]).first
    expect(link).to_be_visible(timeout=PATIENCE_MS)
    assert page.evaluate("window.neverReloaded"), "it came without a reload"
    shot(page, tmp_path, "outage")

    link.click()
    page.wait_for_url(re.compile(r"/operations/outages/\d+/"))
    expect(page.locator("main")).to_contain_text(check["name"])
    shot(page, tmp_path, "outage-page")
    page.goto("/operations/")
    page.evaluate("window.neverReloaded = true")

    stage.heal(service)
    until(
        lambda: stage.api(f"monitoring/checks/{check['id']}")["state"] == "ok",
        60,
        f"{check['name']} to recover",
    )
    expect(going_on.get_by_role("link", name=check["name"])).to_have_count(0, timeout=PATIENCE_MS)
    recovered = page.locator("section", has=page.get_by_role("heading", name="24 小时内恢复"))
    expect(recovered.get_by_role("link", name=check["name"]).first).to_be_visible(timeout=PATIENCE_MS)
    assert page.evaluate("window.neverReloaded"), "and went without a reload"
    shot(page, tmp_path, "recovered")
    print(f"screenshots in {tmp_path}")


def test_the_lab_page_breaks_and_heals_by_buttons(stage: Stage, page: Page, tmp_path: Path) -> None:
    enter(page, "运维项目经理")
    page.goto("/demo/lab/")
    card = page.locator("[data-service='dns']")
    expect(card).to_have_attribute("data-state", "running")
    card.get_by_text("制造故障…").click()
    card.get_by_role("link", name="停止（进程结束）").click()
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("域名解析")
    shot(page, tmp_path, "lab-dialog")
    dialog.get_by_role("button", name="制造故障").click()
    expect(card).to_have_attribute("data-state", "broken")
    expect(card).to_contain_text("进行中", timeout=PATIENCE_MS)
    shot(page, tmp_path, "lab-broken")
    card.get_by_role("link", name="恢复").click()
    page.locator("#dialog").get_by_role("button", name="恢复").click()
    expect(card).to_have_attribute("data-state", "running")
    stage.settled(stage.named("fpcy-dns"), 90)
    print(f"screenshots in {tmp_path}")


def test_a_hall_manager_may_not_break_anything(stage: Stage, page: Page) -> None:
    enter(page, "办税厅主任")
    answer = page.goto("/demo/lab/")
    assert answer is not None
    assert answer.status == 403
