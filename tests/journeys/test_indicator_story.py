"""One indicator's story in a real browser: defined, tried, reviewed, published, its effect seen, counted, followed.

From the first wrong column to the records whose number is exactly the published numerator. The warehouse is a
small invented one; background work is done between the pages, so that nothing depends on speed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright

from taxops.engines.base import Scope
from taxops.engines.warehouse import MemoryLake, open_engine, shipped_schema
from taxops.platform.identity.middleware import IdentityMiddleware
from taxops.platform.identity.models import OrgUnit, Person
from taxops.platform.jobs.execution import Hold, perform
from taxops.platform.jobs.leases import lease_of, take_next
from taxops.systems.quality5c.definitions import computing
from taxops.systems.quality5c.definitions import services as figures
from taxops.systems.quality5c.definitions.models import IndicatorResult
from taxops.systems.quality5c.definitions.shipped import fixture_rows
from taxops.systems.quality5c.evaluation import services
from taxops.systems.quality5c.evaluation.models import Score
from taxops.systems.quality5c.modelling import services as modelling
from taxops.systems.quality5c.modelling.models import SchemeTemplate
from tests import factories
from tests.systems.quality5c.conftest import store

pytestmark = [
    pytest.mark.journey,
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.same_everywhere,
    pytest.mark.django_db(transaction=True),
]
PERIOD = "2025-06"
TEXT = """[[indicator]]
code = "G001"
version = 1
name = "重点税源按期申报率"
aspect = "C1"
kind = "ratio"
source = "oblig"
time = "due"
filter = "obliged"
num = { where = "filed_on <= due" }
den = {}
direction = "up"
unit = "percent"
targets = { goal = 0.95, alert = 0.8, red = 0.5 }
drill = ["tp.uscc", "tp.name", "due", "filed_on"]
business = "应申报户次中按期申报的比例"
"""
WRITES = ["quality5c.view", "quality5c.edit", "quality5c.drill"]
READS = ["quality5c.view", "quality5c.drill"]


def records(orgs: list[OrgUnit]) -> dict[str, list[dict[str, Any]]]:
    """Return a warehouse: these units, one taxpayer each, filings by rule; every third one was late."""
    old = fixture_rows("c1")
    number = {o.pk: n for n, o in enumerate(orgs, start=1)}
    kept = {**old["org"][0], "kind": "rural"}
    found = {
        "org": [
            {**kept, "org_id": number[o.pk], "parent_id": number.get(o.parent_id or 0), "code": o.code,
             "name": o.name, "level": o.level}
            for o in orgs
        ],
        "tp": [
            {**old["tp"][0], "tp_id": number[o.pk], "uscc": f"9122010100000{number[o.pk]:04d}X",
             "name": f"{o.name}纳税人", "org_id": number[o.pk]}
            for o in orgs if o.level == "county"
        ],
        "oblig": [],
    }  # fmt: skip
    for o in orgs:
        for n in range(20 + number[o.pk] if o.level == "county" else 0):
            filed = date(2025, 6, 20 if n % 3 == 0 else 12)
            found["oblig"].append({
                **old["oblig"][0], "oblig_id": 1000 * number[o.pk] + n, "tp_id": number[o.pk],
                "org_id": number[o.pk], "due": date(2025, 6, 16), "filed_on": filed,
            })  # fmt: skip
    return found


@pytest.fixture
def orgs(transactional_db: None, monkeypatch: pytest.MonkeyPatch, now: datetime) -> list[OrgUnit]:
    """Return a province of ten counties with figures, a computed scheme to compare with, and its warehouse."""
    top = factories.org("100000", level="province", name="甲省税务局")
    made = [top]
    for c in (1, 2):
        made.append(city := factories.org(f"10{c}000", top, level="city", name=f"甲{c}市税务局"))
        made += [
            factories.org(f"10{c}0{n}0", city, level="county", name=f"甲{c}市{n}县税务局")
            for n in range(1, 6)
        ]
    rows = records(made)
    monkeypatch.setattr(computing, "warehouse", lambda _root: open_engine(MemoryLake(shipped_schema(), rows)))
    monkeypatch.setattr(IdentityMiddleware, "clock", staticmethod(lambda: now))
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright keeps an event loop in this thread
    system = Scope.system("旅程")
    figures.load_shipped(system, now=now)
    model = modelling.load_shipped_model(system, now=now)
    store([o for o in made if o.level == "county"])
    before = SchemeTemplate.objects.create(code="before", name="对照", model=model)
    scheme = services.make_scheme(system, now=now, template_id=before.pk, period=PERIOD)
    services.evaluate_scheme(system, scheme.pk, now=now)
    return made


@pytest.fixture
def browser(chromium: str) -> Iterator[Browser]:
    with (
        sync_playwright() as driver,
        closing(driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])) as browser,
    ):
        yield browser


Seat = Callable[[Person], Page]


@pytest.fixture
def seat(browser: Browser, live_server: Any, now: datetime) -> Iterator[Seat]:
    """Return a function that seats a person before a page of a desk's size; the console must stay silent."""
    complaints: list[str] = []

    def sit(person: Person) -> Page:
        client = Client()
        factories.sign_in(client, person, now)
        window = browser.new_context(
            viewport={"width": 1366, "height": 768}, locale="zh-CN", base_url=live_server.url
        )
        session = client.cookies["taxops_session"].value
        window.add_cookies([{"name": "taxops_session", "value": session, "url": live_server.url}])
        window.route("**/live/**", lambda route: route.abort())  # a stream would outlive the test's server
        page = window.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda m: complaints.append(m.text) if "Content Security" in m.text else None)
        return page

    yield sit
    assert not complaints


def work(page: Page, now: datetime) -> None:
    """Leave the page, do the background work that waits, and come back."""
    address = page.url
    page.goto("about:blank")
    while (run := take_next("journey", now)) is not None:
        state = perform(run, Hold(lease_of(run)), lambda: now, lambda: 0.5)
        run.refresh_from_db()
        assert state == "done", (run.title, run.error, run.trace)
    page.goto(address)


def number(text: str) -> int:
    """Return the first number of a text."""
    found = re.search(r"\d[\d,]*", text)
    assert found, text
    return int(found[0].replace(",", ""))


def test_from_a_definition_to_the_records_of_a_published_score(
    orgs: list[OrgUnit], seat: Seat, now: datetime, tmp_path: Path
) -> None:
    county = next(o for o in orgs if o.code == "101030")
    author = seat(factories.person("author", orgs[0], permissions=WRITES, display_name="何雨辰"))
    reviewer = seat(factories.person("reviewer", orgs[0], permissions=["quality5c.view", "quality5c.review"]))

    # defined: a wrong column is shown where it stands, nothing is stored; then tried on every unit
    author.goto("/quality5c/indicators/new/")
    author.fill("[name=text]", TEXT.replace("<= due", "<= dou"))
    author.fill("[name=note]", "省局个性化指标")
    author.get_by_role("button", name="保存").click()
    expect(author.locator(".tx-problems")).to_contain_text("第 30 列")
    author.fill("[name=text]", TEXT)
    author.get_by_role("button", name="保存").click()
    author.locator("main").get_by_role("link", name="试跑").click()
    author.get_by_role("button", name="开始试跑").click()
    expect(author.locator("main")).to_contain_text("作业会继续")
    work(author, now)
    expect(author.locator("main")).to_contain_text("10 个单位")
    assert not IndicatorResult.objects.filter(code="G001").exists(), "a try publishes nothing"
    author.screenshot(path=tmp_path / "try.png", full_page=True)
    author.get_by_role("link", name="打开指标").click()
    author.locator("#tab-versions").click()
    author.get_by_role("link", name="提交复核").click()
    author.get_by_role("button", name="提交复核").click()
    expect(author.locator("main")).to_contain_text("待复核")

    # reviewed and published by another; its figures are computed at once
    reviewer.goto("/quality5c/reviews/")
    reviewer.get_by_role("link", name="复核启用").click()
    reviewer.get_by_role("button", name="复核通过并启用").click()
    expect(reviewer.locator("main")).to_contain_text("启用")
    work(reviewer, now)
    assert IndicatorResult.objects.filter(code="G001", period=PERIOD).count() == len(orgs)

    # into the model as a draft, and what it would do to every unit's grade, before it counts
    author.goto("/quality5c/models/")
    author.get_by_role("link", name="5C-province").first.click()
    author.get_by_role("link", name="编辑模型").first.click()
    author.fill("[name=note]", "加入重点税源按期申报率")
    author.select_option("[name=nc_0]", "G001")
    author.fill("[name=nw_0]", "40")
    author.check("[name=rescale]")
    author.get_by_role("button", name="保存").click()
    expect(author.locator("main")).to_contain_text("第 2 版")
    author.goto("/quality5c/trials/new/")
    author.fill("[name=title]", "加入 G001")
    author.select_option("[name=model_version]", label="5C 综合评价（省局） 第 2 版（草稿）")
    author.get_by_role("button", name="试算").click()
    expect(author.locator("main")).to_contain_text("等级改变")
    assert author.locator("main tbody tr").count() == 10
    assert number(author.locator(".tx-figure b").first.inner_text()) > 0, "somebody moves"
    author.screenshot(path=tmp_path / "trial.png", full_page=True)
    author.goto("/quality5c/models/")
    author.get_by_role("link", name="5C-province").first.click()
    author.locator("#tab-versions").click()
    author.get_by_role("link", name="提交复核").click()
    author.get_by_role("button", name=re.compile("提交")).click()
    reviewer.goto("/quality5c/reviews/")
    reviewer.get_by_role("link", name="复核启用").click()
    reviewer.get_by_role("button", name=re.compile("复核通过")).click()

    # evaluated, and published by another
    author.goto("/quality5c/schemes/new/")
    author.select_option("[name=template_id]", label="县区局月度综合评价")
    author.fill("[name=period]", PERIOD)
    author.get_by_role("button", name="生成并计算").click()
    author.wait_for_url(re.compile(r"/ratings/\?scheme="))
    reviewer.goto(author.url)
    reviewer.get_by_role("link", name="发布", exact=True).click()
    reviewer.get_by_role("button", name="发布方案").click()
    expect(reviewer.locator("#toasts")).to_contain_text("已发布")

    # followed by the county itself: from its score to the very records of a numerator
    reader = seat(factories.person("county", county, permissions=READS))
    reader.goto("/quality5c/ratings/")
    assert reader.locator("#list-body tbody tr").count() == 1, "a county sees itself only"
    reader.locator("#list-body tbody tr a").first.click()
    reader.locator("#tab-details").click()
    row = reader.locator("#tab tr", has=reader.get_by_role("link", name="G001"))
    numerator = number(row.locator("td").nth(2).inner_text())
    reader.screenshot(path=tmp_path / "details.png", full_page=True)
    row.get_by_role("link", name="G001").click()
    reader.locator("#list-body tbody tr a").first.click()
    reader.locator("#tab-records").click()
    expect(reader.locator("#tab")).to_contain_text(f"分子由 {numerator} 条记录得出")
    assert reader.locator("#tab tbody tr").count() == numerator
    reader.screenshot(path=tmp_path / "records.png", full_page=True)
    score = Score.objects.get(scheme__template__code="county-month", org=county)
    assert score.scheme.details.get(org=county, code="G001").num == numerator
    print(f"screenshots in {tmp_path}")
