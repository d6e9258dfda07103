"""The phone page in a real browser without a net: what is pressed there arrives once when the net is back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from taxops.platform.casework import queries as casework
from taxops.platform.casework.models import Case
from taxops.platform.identity.middleware import IdentityMiddleware
from taxops.systems.operations.desk.models import FieldSheet
from tests import factories
from tests.platform.casework.conftest import Desk, make_desk
from tests.raster import save_png

from .services.test_sheets import FORM

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = [pytest.mark.browser, pytest.mark.same_everywhere, pytest.mark.django_db(transaction=True)]


Phone = Callable[..., Any]
HALL = {"latitude": 43.861234, "longitude": 125.351234, "accuracy": 12}


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> Desk:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright keeps an event loop in this thread
    # the browser stamps what is pressed with its own clock
    monkeypatch.setattr(IdentityMiddleware, "clock", staticmethod(lambda: datetime.now(UTC)))
    return make_desk(datetime.now(UTC) - timedelta(hours=1))


@pytest.fixture
def case(desk: Desk) -> Case:
    """Return a dispatched case."""
    case = desk.opened(type_code="field", form=FORM)
    desk.take(case, "accept")
    return desk.take(case, "dispatch", remote_result="无效", engineer=desk.ann.display_name)


@pytest.fixture
def phone(live_server: Any, chromium: str, desk: Desk, case: Case) -> Iterator[Phone]:
    """Return what opens the case's page on a phone of 390 × 844; workers are off unless asked for."""
    client = Client()
    factories.sign_in(client, desk.ann, datetime.now(UTC))
    session = client.cookies["taxops_session"].value
    with (
        playwright.sync_playwright() as driver,
        closing(driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])) as browser,
    ):

        def open_page(**more: Any) -> Any:
            window = browser.new_context(
                viewport={"width": 390, "height": 844}, locale="zh-CN", **{"service_workers": "block", **more}
            )
            window.add_cookies([{"name": "taxops_session", "value": session, "url": live_server.url}])
            page = window.new_page()
            page.goto(f"{live_server.url}/operations/field/{case.pk}/")
            page.wait_for_load_state("networkidle")
            return page

        yield open_page


COUNT = """async () => {
  const asked = (r) => new Promise((done) => { r.onsuccess = () => done(r.result); });
  const base = await asked(indexedDB.open("taxops-outbox"));
  try { return await asked(base.transaction("entries").objectStore("entries").count()); } finally { base.close(); }
}"""


def _queued(page: Any) -> int:
    return int(page.evaluate(COUNT))


def _until_queued(page: Any, n: int) -> None:
    """Wait until so many entries are kept on the device; the pages' policy forbids waiting by script."""
    for _ in range(600):
        if _queued(page) == n:
            page.wait_for_timeout(200)
            return
        page.wait_for_timeout(50)
    pytest.fail(f"本机还有 {_queued(page)} 条，应为 {n} 条")


def test_what_is_pressed_without_a_net_arrives_once_and_pages_never_opened_can_be_read(
    phone: Phone, case: Case, desk: Desk, live_server: Any
) -> None:
    other = desk.opened(type_code="field", form={**FORM, "title": "评价器黑屏"})
    desk.take(other, "accept")
    desk.take(other, "dispatch", remote_result="无效", engineer=desk.ann.display_name)
    page = phone(service_workers="allow")
    told: list[str] = []
    page.on("console", lambda said: told.append(said.text) if "Content Security" in said.text else None)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390, f"页面比手机屏幕宽：{width}"
    page.goto(f"{live_server.url}/operations/field/")
    page.get_by_text("2 个派工单已存在本机").wait_for()
    page.context.set_offline(True)
    page.reload()
    page.get_by_text("现在没有网络").wait_for()
    page.get_by_text("评价器黑屏").click()
    page.get_by_role("heading", name="评价器黑屏").wait_for()  # never opened before
    assert page.locator("button[value=arrive]").bounding_box()["height"] >= 40, "with its style"
    page.fill("[name=place]", "南关区办税服务厅")
    page.click("button[value=arrive]")
    _until_queued(page, 1)
    page.get_by_text("有 1 条已存在本机").wait_for()
    page.close()
    context = page.context
    assert not FieldSheet.objects.exists()
    context.set_offline(False)
    page = context.new_page()  # no Background Sync was allowed: the next page that is opened sends it
    page.goto(f"{live_server.url}/operations/field/")
    _until_queued(page, 0)
    page.wait_for_load_state("networkidle")
    assert FieldSheet.objects.count() == 1
    assert Case.objects.get(pk=other.pk).state == "arrived"
    assert page.evaluate("caches.keys()") == ["taxops-field"]
    page.locator("form[action$='/logout/']").evaluate("form => form.requestSubmit()")
    page.wait_for_url("**/login/**")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("caches.keys()") == [], "who has logged out leaves nothing behind"
    assert told == []


def test_an_answer_that_is_lost_is_asked_for_again_and_counts_once(phone: Phone, case: Case) -> None:
    page = phone()
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
    for _ in range(600):
        if lost:
            break
        page.wait_for_timeout(50)
    _until_queued(page, 1)
    page.get_by_text("有 1 条已存在本机").wait_for()
    assert FieldSheet.objects.count() == 1
    page.evaluate("dispatchEvent(new Event('online'))")
    _until_queued(page, 0)
    assert (len(lost), FieldSheet.objects.count()) == (1, 1)
    assert Case.objects.get(pk=case.pk).state == "arrived"


def _fire_sync(page: Any, origin: str) -> None:
    """Let the browser's Background Sync come now, as it does when a phone has a net again."""
    session = page.context.new_cdp_session(page)
    found: list[dict[str, Any]] = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda told: found.extend(told["registrations"]))
    session.send("ServiceWorker.enable")
    for _ in range(400):
        if found:
            break
        page.wait_for_timeout(50)
    session.send(
        "ServiceWorker.dispatchSyncEvent",
        {
            "origin": origin, "registrationId": found[0]["registrationId"], "tag": "taxops-outbox",
            "lastChance": False,
        },
    )  # fmt: skip


def test_in_the_field_with_place_photo_and_a_page_that_was_closed(
    phone: Phone, case: Case, live_server: Any, tmp_path: Path
) -> None:
    page = phone(service_workers="allow", geolocation=HALL, permissions=["geolocation", "background-sync"])
    refused: list[str] = []
    page.on("console", lambda told: refused.append(told.text) if "Content Security" in told.text else None)
    page.get_by_text("已定位，误差约 12 米").wait_for()
    page.fill("[name=place]", "南关区办税服务厅")
    page.click("button[value=arrive]")
    page.locator("button[value=finish]").wait_for()  # sent at once, and the page is what follows
    arrived = FieldSheet.objects.get()
    assert (arrived.latitude, arrived.longitude) == (HALL["latitude"], HALL["longitude"])
    assert "43.861234, 125.351234" in Case.objects.get(pk=case.pk).data["check_in"]

    photo = tmp_path / "现场.png"
    save_png((1600, 1200, bytes((30, 90, 160)) * 1600 * 1200), photo)
    context = page.context
    context.set_offline(True)
    page.fill("[name=text]", "更换切刀，已出纸")
    page.set_input_files("[name=photo]", photo)
    page.click("button[value=finish]")
    _until_queued(page, 1)
    page.get_by_text("有 1 条已存在本机").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()
    context.set_offline(False)
    blank = context.new_page()
    for _ in range(2):  # the browser may fire more than once
        _fire_sync(blank, live_server.url)
    for _ in range(600):
        if FieldSheet.objects.count() == 2:
            break
        blank.wait_for_timeout(50)
    done = Case.objects.get(pk=case.pk)
    assert (done.state, done.data["work_done"]) == ("done", "更换切刀，已出纸")
    (file,) = casework.attachments(done)
    assert file.file.name.endswith(".jpg")
    again = context.new_page()  # opened again: nothing waits, nothing is sent twice
    again.goto(f"{live_server.url}/operations/field/{case.pk}/")
    again.wait_for_load_state("networkidle")
    assert _queued(again) == 0
    assert FieldSheet.objects.count() == 2
    assert refused == []
