"""The frame: menu by permission, theme without flash, search, policy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.test import Client

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit
from taxops.web.kit import Hit, Provider, menu, search, slots
from taxops.web.kit.search import look_up
from taxops.web.manifest import Manifest, MenuItem, MenuSection
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_long_menu_is_parted_and_opens_only_where_the_reader_is(monkeypatch: pytest.MonkeyPatch) -> None:
    items = [
        MenuItem("搜索", "search"),
        *(MenuItem("示例", page) for page in ("kit-list", "kit-detail") * 10),
    ]
    manifest = Manifest(
        "zz", "测试系统", menu=items, sections=[MenuSection("s", "分组", "bell", ["kit-list"])]
    )
    monkeypatch.setattr(menu, "_groups", {"zz": manifest})
    monkeypatch.setattr(menu, "SHORT", 1)
    own, section = menu.for_scope(Scope.system("测试"), "search")
    assert (own.code, own.open, section.code, section.title) == ("zz", True, "zz-s", "分组")
    assert [link.label for link in section.links] == ["示例"]
    assert not section.open


def test_menu_holds_only_what_the_reader_may_open(monkeypatch: pytest.MonkeyPatch) -> None:
    items = [
        MenuItem("搜索", "search"),
        MenuItem("组件", "kit", "zz.secret"),
        MenuItem("不存在", "zz-no-page"),
    ]
    monkeypatch.setattr(menu, "_groups", {"zz": Manifest("zz", "测试系统", menu=items)})
    nobody = Scope(actor_id=1, actor_name="甲")
    allowed = Scope(actor_id=1, actor_name="乙", grants={"zz.secret": ("",)})
    assert [link.label for g in menu.for_scope(nobody) for link in g.links] == ["搜索"]
    shown = menu.for_scope(allowed, "kit-detail")
    assert [(link.label, link.current) for g in shown for link in g.links] == [
        ("搜索", False),
        ("组件", True),
    ]


def test_the_system_of_ones_duty_comes_first(monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    lines = {"aa": MenuItem("组件", "kit-list"), "bb": MenuItem("详情", "search")}
    made = {c: Manifest(c, c, menu=[line], duty=f"{c}.work") for c, line in lines.items()}
    monkeypatch.setattr(menu, "_groups", made)
    of = {"": "aa bb", "aa.work": "aa bb", "bb.work": "bb aa", "aa.work bb.work": "aa bb"}
    for held, order in of.items():
        scope = Scope(actor_id=1, actor_name="甲", grants=dict.fromkeys(held.split(), ("",)))
        assert " ".join(group.code for group in menu.for_scope(scope)) == order, held


@pytest.mark.parametrize(
    ("cookie", "attribute"),
    [
        ("dark", 'data-bs-theme="dark"'),
        ("light", 'data-bs-theme="light"'),
        ("auto", 'data-theme="auto"'),
        ('"><script>', 'data-theme="auto"'),
    ],
)
def test_theme_comes_with_the_page(client: Client, cookie: str, attribute: str) -> None:
    client.cookies["taxops_theme"] = cookie
    assert attribute in client.get("/kit/").content.decode().split(">")[1]


def test_policy_allows_nothing_inline(client: Client) -> None:
    policy = client.get("/kit/")["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert "default-src 'none'" in policy


@pytest.fixture
def provider() -> Iterator[None]:
    """Add a provider that only holders of `jobs.view` are asked for."""
    hits = [Hit(f"<b>命中</b>{n}", f"/x/{n}/") for n in range(9)]
    search.providers._items["zz"] = Provider(
        "测试来源", lambda _scope, text, _now: hits if text == "词" else [], "jobs.view"
    )
    yield
    del search.providers._items["zz"]


@pytest.mark.usefixtures("provider")
def test_search_asks_each_provider_within_its_permission(
    client: Client, units: dict[str, OrgUnit], now: datetime
) -> None:
    text = client.get("/search/", {"q": " 词 "}, headers={"HX-Request": "true"}).content.decode()
    assert text.count('class="tx-hit"') == 5
    assert "&lt;b&gt;命中" in text
    stranger = factories.scope_of(factories.person("li", units["145000"]), now)
    assert look_up(stranger, "词", now) == []
    assert "没有找到「zz」" in client.get("/search/", {"q": "zz"}).content.decode()
    assert client.get("/search/", {"q": "\x00" + "长" * 5000}).status_code == 200


def test_bell_and_duty_show_what_the_rooms_answer(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    unread: slots.Slot[slots.Badge] = slots.Slot()
    unread.fill(lambda _scope, _now: slots.Badge(120, "search"))
    duty: slots.Slot[slots.Duty] = slots.Slot()
    duty.fill(lambda _scope, _now: slots.Duty("赵<强>", "8000"))
    monkeypatch.setattr(slots, "unread", unread)
    monkeypatch.setattr(slots, "duty", duty)
    text = client.get("/kit/").content.decode()
    assert "<b>99+</b>" in text
    assert "赵&lt;强&gt; 8000" in text


def test_anonymous_part_is_sent_to_log_in_whole() -> None:
    answer = Client().get("/kit/list/", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer["HX-Redirect"].startswith("/login/?next=")
