"""From a stopped service to the signed four-part report: everybody at their own desk, everything by buttons and forms.

A real nginx (or the lab's HTTP service where there is none), a real prober, web and worker, a real browser. The story
is told on SQLite; the same story through the services runs on both databases (`operations/cases/test_story.py`).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from taxops.engines.base import CHINA

from .screen import PATIENCE_MS, at_a_desk, enter, fill
from .stage import Stage

pytestmark = [
    pytest.mark.journey,
    pytest.mark.slow,
    pytest.mark.real,
    pytest.mark.browser,
    pytest.mark.parametrize("stage", ["sqlite"], indirect=True, scope="package"),
]

CASE = re.compile(r"/operations/cases/(\d+)/$")
ONSITE = ((time(7, 30), time(12)), (time(14, 30), time(22)))
"""The contract's hours on site (GX:437), written down here once more by hand."""
UNITS = {"天": 86400, "小时": 3600, "分": 60, "秒": 1}
REPORT = {
    "一、故障现象及影响": "统一受理的 nginx 停止服务，全省不能受理业务。",
    "二、故障原因": "网卡驱动缺陷，进程退出后未能自动拉起。",
    "三、处理过程": "厂商确认后重新启动服务，恢复受理。",
    "四、改进措施": "升级驱动，增加进程守护。",
}


@pytest.fixture
def desks(browser: Browser, stage: Stage) -> Iterator[dict[str, Page]]:
    """Return a page each for the people of the story, all signed in."""
    people = {
        "engineer": "驻场运维工程师",
        "expert": "二线专家",
        "manager": "运维项目经理",
        "bureau": "系统管理员",
    }
    with ExitStack() as stack:
        found = {}
        for who, role in people.items():
            found[who] = stack.enter_context(at_a_desk(browser, stage))
            enter(found[who], "孙立新" if who == "bureau" else role)
        yield found


def press(page: Page, step: str, **values: str) -> None:
    """Take a step of the case that the page shows: its button, its form, its button again."""
    page.locator(".case-steps").get_by_role("link", name=step, exact=True).click()
    fill(page, values)
    page.get_by_role("button", name=step, exact=True).click()
    expect(page.locator(".case-clocks")).to_be_visible()


def state(page: Page, words: str) -> None:
    """See what the page's head says of the case."""
    page.reload()
    expect(page.locator(".tx-head")).to_contain_text(words)


def on_duty(page: Page, post: str, person: str) -> None:
    """Put somebody on duty from now on, whoever the pattern means, by the page of dated changes."""
    page.goto("/operations/roster/changes/new/")
    now = datetime.now(CHINA)
    fill(page, {
        "岗位": post, "调整方式": "改由一人值守", "人员": person, "事由": "保障演练",
        "开始时间": (now - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M"),
        "结束时间": (now + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M"),
    })  # fmt: skip
    page.locator("form.tx-form").get_by_role("button").first.click()
    page.wait_for_url(lambda url: not url.endswith("/new/"))


def set_aside(page: Page, system: str) -> None:
    """Cancel the incidents of a system that earlier stories left open: a new outage would join them."""
    while True:
        page.goto("/operations/cases/?type=incident&is_open=1")
        row = page.locator("main tbody tr", has_text=system).first
        if not row.count():
            return
        row.get_by_role("link").first.click()
        press(page, "撤销", 说明="演练遗留，合并处理。")


def await_news(page: Page) -> None:
    """Read everything, and stay on the inbox with what is unread."""
    page.goto("/notices/read/")
    page.locator("main form").get_by_role("button").first.click()
    page.wait_for_url(re.compile(r"/notices/$"))
    page.goto("/notices/?read=unread")


def told(page: Page, words: str) -> str:
    """See a notice come into the open inbox without a reload; return where it leads."""
    notice = page.locator("main tbody tr", has_text=words).first
    expect(notice).to_be_visible(timeout=PATIENCE_MS)
    notice.get_by_role("link").first.click()
    link = page.locator("main a[href*='/operations/cases/']").first
    expect(link).to_be_visible()
    return str(link.get_attribute("href"))


def history(page: Page, address: str) -> list[tuple[str, datetime]]:
    """Return step and time of fact of every line of the case's history, oldest first, as the page shows them."""
    page.goto(f"{address}?tab=events")
    rows = page.locator("main table tbody tr")
    expect(rows.first).to_be_visible()
    found = []
    for row in rows.all():
        cells = row.locator("td")
        at = cells.nth(1).locator("time").get_attribute("datetime")
        found.append((cells.nth(2).inner_text().strip(), datetime.fromisoformat(str(at))))
    return found[::-1]


def on_the_clock(page: Page, address: str) -> dict[str, int]:
    """Return what each clock had come to, read from the last line of its arithmetic."""
    page.goto(f"{address}?tab=clocks")
    cards = page.locator("main section.tx-card", has=page.locator("ol.case-lines"))
    expect(cards.first).to_be_visible()
    found = {}
    for card in cards.all():
        name = card.locator("h2").inner_text().split()[0]
        words = re.search(r"累计 ([^，]+)，", card.locator("li").last.inner_text())
        assert words, card.inner_text()
        found[name] = sum(int(n) * UNITS[unit] for n, unit in re.findall(r"(\d+) (天|小时|分|秒)", words[1]))
    return found


def onsite(start: datetime, end: datetime) -> int:
    """Return the seconds of `[start, end)` within the contract's hours, day by day, by hand."""
    total, day = 0.0, start.astimezone(CHINA).date()
    while day <= end.astimezone(CHINA).date():
        for opens, closes in ONSITE:
            a = max(start, datetime.combine(day, opens, CHINA))
            b = min(end, datetime.combine(day, closes, CHINA))
            total += max(0.0, (b - a).total_seconds())
        day += timedelta(days=1)
    return int(total)


def seconds(start: datetime, end: datetime) -> int:
    return int((end - start).total_seconds())


def test_from_a_stopped_service_to_the_signed_report(
    stage: Stage, desks: dict[str, Page], tmp_path: Path
) -> None:
    service, kind = ("nginx", "nginx") if stage.lab["nginx"].installed else ("acceptance", "http")
    stage.settled(stage.check_of(service, kind), 120)
    first, second, bureau = desks["engineer"], desks["expert"], desks["bureau"]
    set_aside(desks["manager"], "统一受理")
    on_duty(desks["manager"], "一线驻场", "林晓岩")
    on_duty(desks["manager"], "二线热线", "高文渊")
    await_news(first)
    await_news(second)
    await_news(bureau)

    stage.break_(service, "stop")
    address = told(first, "新故障：统一受理")
    first.goto(address)
    assert CASE.search(first.url), first.url
    state(first, "待受理")
    expect(first.locator("main")).to_contain_text("一级")
    first.screenshot(path=tmp_path / "1-incident.png", full_page=True)

    press(first, "受理")
    state(first, "处理中")
    press(first, "转二线", 说明="nginx 起不来，请二线接手。")
    assert told(second, "转二线") == address
    second.goto(address)
    second.locator(".case-steps").get_by_role("link", name="转为等待", exact=True).click()
    reason = {"等待原因": "等待厂商", "等待依据": "厂商工单 A-1024"}
    fill(second, reason)
    second.get_by_role("button", name="转为等待", exact=True).click()
    expect(second.locator("main")).to_contain_text("须经局方同意")
    second.screenshot(path=tmp_path / "2-no-consent.png", full_page=True)
    fill(second, {"局方同意人及方式": "孙立新，电话同意"})
    second.get_by_role("button", name="转为等待", exact=True).click()
    expect(second.locator(".case-clocks")).to_contain_text("暂停")
    second.screenshot(path=tmp_path / "3-waiting.png", full_page=True)

    stage.heal(service)
    expect(second.locator(".tx-head")).to_contain_text("已恢复", timeout=PATIENCE_MS)
    press(second, "再次中断", 说明="受理页面又打不开。")
    state(second, "处理中")
    press(second, "已恢复", 恢复措施="更换驱动后重新启动。")
    press(second, "已解决", **{"二、故障原因": REPORT["二、故障原因"], "责任认定": "第三方厂商"})
    expect(second.get_by_role("link", name="Word")).to_have_count(0)
    press(second, "提交故障报告", **REPORT)
    second.screenshot(path=tmp_path / "4-report.png", full_page=True)
    expect(second.get_by_role("link", name="签收报告并办结")).to_have_count(0)

    assert told(bureau, "转局方") == address
    bureau.goto(address)
    press(bureau, "签收报告并办结")
    state(bureau, "已办结")
    bureau.screenshot(path=tmp_path / "5-signed.png", full_page=True)
    _the_paper(bureau, tmp_path)
    _the_clocks(bureau, address)
    print(f"screenshots and the paper in {tmp_path}")


def _the_paper(page: Page, folder: Path) -> None:
    """Download the report both ways; all four parts and both names stand in it."""
    for name, suffix in (("Word", "docx"), ("PDF", "pdf")):
        with page.expect_download() as waiting:
            page.locator(".case-paper").get_by_role("link", name=name).click()
        waiting.value.save_as(folder / f"report.{suffix}")
    assert (folder / "report.pdf").read_bytes().startswith(b"%PDF")
    with zipfile.ZipFile(io.BytesIO((folder / "report.docx").read_bytes())) as parts:
        text = parts.read("word/document.xml").decode()
    for words in (*REPORT.values(), "高文渊", "孙立新", "处理经过"):
        assert words in text, words


def _the_clocks(page: Page, address: str) -> None:
    """Work the clocks out by hand from the history's times, and compare them with what the page says."""
    lines = history(page, address)
    assert [step for step, _ in lines if step not in ("分派", "留言")] == [
        "发起", "受理", "转二线", "转为等待", "已恢复", "再次中断", "已恢复", "已解决", "提交故障报告",
        "签收报告并办结",
    ]  # fmt: skip
    at: dict[str, list[datetime]] = {}
    for step, when in lines:
        at.setdefault(step, []).append(when)
    opened, accepted, over, waited = (at[step][0] for step in ("发起", "受理", "转二线", "转为等待"))
    (back, again), failed, solved = at["已恢复"], at["再次中断"][0], at["已解决"][0]
    found = on_the_clock(page, address)
    assert found["响应时限"] == seconds(opened, accepted)
    assert found["实质响应时限"] == seconds(opened, back)
    assert found["恢复时限"] == seconds(opened, back) + seconds(failed, again), "it stands still in between"
    assert found["解决时限"] == onsite(opened, waited) + onsite(back, solved), (
        "the vendor's time does not count"
    )
    assert found["二线内部时限"] == onsite(over, waited) + onsite(back, solved)
    assert found["故障报告时限"] == 0, "three working days from tomorrow on"
