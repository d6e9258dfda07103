"""The administrators' pages do what they say, each administrator only his own."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from taxops.platform.identity import services
from taxops.platform.identity.models import ApiToken, LoginAttempt, OrgUnit, Person, Role, RoleAssignment
from tests import factories

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]
Units = dict[str, OrgUnit]
HEADER = "机构代码,机构名称,层级,上级代码,成立日期\n"


def _text(answer: Any) -> str:
    found: str = answer.content.decode()
    return found


def test_an_organisation_is_founded_renamed_moved_and_closed(as_: As, units: Units) -> None:
    client = as_("system_admin")
    new = {
        "parent": "145010", "code": "145019", "name": "新区税务局", "short_name": "新区", "level": "county",
        "valid_from": "2026-01-01",
    }  # fmt: skip
    assert client.post("/identity/orgs/new/", new)["Location"] == "/identity/orgs/145019/"
    assert client.post("/identity/orgs/new/", new).status_code == 409
    rename = {"name": "高新区税务局", "short_name": "", "valid_from": "2026-01-01", "effective_on": ""}
    assert client.post("/identity/orgs/145019/edit/", rename).status_code == 302
    shown = _text(client.post("/identity/orgs/145019/move/", {"to": "145020"}))
    assert "将连同 0 个下级机构移到 145020 之下" in shown
    client.post("/identity/orgs/145019/move/", {"to": "145020", "confirmed": "1"})
    assert OrgUnit.objects.get(code="145019").path == "145000/145020/145019/"
    assert "更名" in _text(client.get("/identity/orgs/145019/?tab=changes"))
    client.post("/identity/orgs/145019/close/", {"effective_on": "2026-05-31"})
    assert OrgUnit.objects.get(code="145019").valid_to == date(2026, 5, 31)
    assert client.post("/identity/orgs/145011/close/", {}).status_code == 409


def test_a_merge_says_what_goes_along(as_: As, units: Units) -> None:
    client = as_("system_admin")
    factories.person("li", units["145011"])
    shown = _text(client.post("/identity/orgs/145011/merge/", {"into": "145012"}))
    assert "其 1 个下级机构和 1 名人员转入 145012" in shown
    client.post("/identity/orgs/145011/merge/", {"into": "145012", "confirmed": "1"})
    assert OrgUnit.objects.get(code="145011").successor == units["145012"]


def _upload(client: Client, text: str, name: str = "机构.csv", encoding: str = "gb18030") -> Any:
    return client.post("/identity/orgs/import/", {"file": SimpleUploadedFile(name, text.encode(encoding))})


def test_a_table_is_previewed_and_then_imported(as_: As, units: Units) -> None:
    client = as_("system_admin")
    rows = "145019,新区税务局,县局,145010,2020-01-01\n145011,城关税务局,县局,145020,2018-06-15\n"
    page = _text(_upload(client, HEADER + rows))
    assert "新增 145019 新区税务局（县/区局）" in page
    assert "移动 145011 县局145011：隶属 145010 → 145020；名称「县局145011」→「城关税务局」" in page
    assert not OrgUnit.objects.filter(code="145019").exists()
    packed = re.search(r'name="rows" value="([^"]+)"', page)
    assert packed is not None
    assert client.post("/identity/orgs/import/", {"rows": packed[1]}).status_code == 302
    assert OrgUnit.objects.get(code="145011H1").path == "145000/145020/145011/145011H1/"


@pytest.mark.parametrize(
    ("_case", "text", "said"),
    [
        (
            "loop",
            HEADER + "A1,甲,县局,B1,2020-01-01\nB1,乙,县局,A1,2020-01-01\n",
            "隶属关系成环：A1 → B1 → A1",
        ),
        (
            "duplicate",
            HEADER + "A1,甲,县局,145010,2020-01-01\nA1,乙,县局,145010,2020-01-01\n",
            "与第 2 行重复",
        ),
        ("no header", "145019,甲,县局,145010,2020-01-01\n", "缺少"),
        ("empty", "", "空"),
        ("binary", "\x7fELF\0\0\0", ""),
        ("too big", HEADER + "x" * (10 * 1024 * 1024), "MB"),
    ],
)
def test_a_bad_table_is_told_why_and_stores_nothing(
    _case: str, text: str, said: str, as_: As, units: Units
) -> None:
    before = OrgUnit.objects.count()
    answer = _upload(as_("system_admin"), text)
    assert answer.status_code in {200, 400, 413, 422}
    assert said in _text(answer)
    assert "确认导入" not in _text(answer)
    assert OrgUnit.objects.count() == before


def test_an_account_is_opened_reset_closed_and_opened_again(as_: As, units: Units, now: datetime) -> None:
    client = as_("system_admin")
    new = {
        "username": "qin.fang",
        "display_name": "覃芳",
        "org": "145011",
        "title": "",
        "phone": "",
        "email": "",
    }
    client.post("/identity/people/new/", new)
    person = Person.objects.get(username="qin.fang")
    assert client.post("/identity/people/new/", new).status_code == 409
    page = _text(client.post(f"/identity/people/{person.pk}/reset/"))
    found = re.search(r'class="id-secret">([^<]+)<', page)
    assert found is not None
    assert services.check_login("qin.fang", found[1], now=now, address="").person == person
    client.post(f"/identity/people/{person.pk}/edit/", {**new, "display_name": "覃小芳", "org": "145021"})
    person.refresh_from_db()
    assert (person.display_name, person.org.code) == ("覃小芳", "145021")
    assert "在线会话" in _text(client.get(f"/identity/people/{person.pk}/close/"))
    client.post(f"/identity/people/{person.pk}/close/")
    person.refresh_from_db()
    assert not person.is_active
    client.post(f"/identity/people/{person.pk}/open/")
    person.refresh_from_db()
    assert person.is_active


def test_a_role_is_granted_for_a_time_and_taken_back(as_: As, li: Person, now: datetime) -> None:
    client = as_("security_admin")
    form = {
        "role": "viewer",
        "org": "145011",
        "valid_from": "2026-06-01",
        "valid_to": "2026-07-01",
        "reason": "值班",
    }
    assert client.post(f"/identity/people/{li.pk}/grant/", form).status_code == 302
    held = RoleAssignment.objects.get(person=li)
    assert held.valid_from == now  # today means from now on
    assert (held.valid_to - now) < timedelta(days=30)  # type: ignore[operator]  # set above
    assert client.post(f"/identity/people/{li.pk}/grant/", form).status_code == 409
    assert "值班" in _text(client.get(f"/identity/people/{li.pk}/?tab=roles"))
    client.post(f"/identity/assignments/{held.pk}/revoke/")
    held.refresh_from_db()
    assert held.valid_to == now


def test_two_administrator_roles_are_refused_on_the_page(as_: As, li: Person, units: Units) -> None:
    client = as_("security_admin")
    factories.grant(li, "system_admin", units["145000"])
    form = {"role": "audit_admin", "org": "145000", "valid_from": "", "valid_to": "", "reason": ""}
    answer = client.post(f"/identity/people/{li.pk}/grant/", form)
    assert answer.status_code == 409
    assert "三员互斥" in _text(answer)


@pytest.mark.parametrize(
    ("role", "refused"),
    [
        (
            "system_admin",
            ["/identity/people/{pk}/grant/", "/identity/roles/new/", "/identity/people/{pk}/device/"],
        ),
        ("security_admin", ["/identity/people/new/", "/identity/people/{pk}/reset/", "/identity/orgs/new/"]),
        ("audit_admin", ["/identity/people/new/", "/identity/people/{pk}/grant/", "/identity/orgs/import/"]),
    ],
)
def test_each_administrator_keeps_to_his_own(role: str, refused: list[str], as_: As, li: Person) -> None:
    client = as_(role)
    assert client.get("/identity/people/").status_code == 200
    for path in refused:
        assert client.get(path.format(pk=li.pk)).status_code == 403, path
        assert client.post(path.format(pk=li.pk)).status_code == 403, path


def test_a_role_is_made_and_changed(as_: As) -> None:
    client = as_("security_admin")
    form = {"code": "night", "name": "夜班", "kind": "normal", "note": "", "permissions": ["identity.view"]}
    assert client.post("/identity/roles/new/", form)["Location"] == "/identity/roles/night/"
    assert "查看机构、人员和角色" in _text(client.get("/identity/roles/night/"))
    wrong = client.post(
        "/identity/roles/new/", {**form, "code": "x", "name": "x", "permissions": ["identity.grant"]}
    )
    assert wrong.status_code == 400
    assert "三员分立" in _text(wrong)
    client.post("/identity/roles/night/edit/", {**form, "permissions": [], "is_active": "on"})
    assert Role.objects.get(code="night").permissions == []


def test_a_token_is_shown_once_and_works(as_: As, now: datetime) -> None:
    client = as_("security_admin")
    form = {"name": "看板", "org": "145010", "days": "30", "permissions": ["identity.view"]}
    page = _text(client.post("/identity/tokens/new/", form))
    found = re.search(r"Bearer (taxops_\S+?)<", page)
    assert found is not None
    assert services.authenticate(found[1], now=now)[1].has("identity.view")
    token = ApiToken.objects.get()
    for path in ("/identity/tokens/", "/account/?tab=tokens"):
        assert found[1] not in _text(client.get(path))
        assert token.prefix in _text(client.get(path))
    client.post(f"/identity/tokens/{token.pk}/revoke/")
    with pytest.raises(services.TokenRefused):
        services.authenticate(found[1], now=now)
    assert client.post("/identity/tokens/new/", {**form, "days": "0"}).status_code == 422
    assert (
        client.post("/identity/tokens/new/", {**form, "permissions": ["identity.grant"]}).status_code == 422
    )


def test_locked_accounts_are_listed_and_unlocked(as_: As, li: Person, now: datetime) -> None:
    client = as_("system_admin")
    assert "现在没有锁定的账户" in _text(client.get("/identity/locked/"))
    for _ in range(5):
        LoginAttempt.objects.create(username="li.si", person=li, at=now, outcome="failed", address="10.6.6.6")
    assert "10.6.6.6" in _text(client.get("/identity/locked/"))
    client.post(f"/identity/people/{li.pk}/unlock/")
    assert "现在没有锁定的账户" in _text(client.get("/identity/locked/"))


def test_the_tree_nests_what_one_may_see(as_: As, units: Units, now: datetime) -> None:
    assert _text(as_("system_admin").get("/identity/orgs/tree/")).count('href="/identity/orgs/1450') == len(
        units
    )
    city = Client()
    factories.sign_in(city, factories.person("city", units["145010"], permissions=["identity.view"]), now)
    page = _text(city.get("/identity/orgs/tree/"))
    assert "南江市税务局" in page
    assert "北河市税务局" not in page


def test_people_and_places_are_found_by_the_search_box(as_: As, li: Person) -> None:
    client = as_("system_admin")
    assert "李四" in _text(client.get("/search/?q=li.si"))
    assert "145010" in _text(client.get("/search/?q=145010"))


@pytest.mark.parametrize(
    ("query", "who"),
    [
        ("state=valid", {"holds", "outside"}),
        ("state=coming", {"coming"}),
        ("state=ended", {"ended", "never"}),
        ("state=valid&state=coming", {"holds", "outside", "coming"}),
        ("outside=1", {"outside"}),
    ],
)
def test_assignments_are_found_by_state_and_by_odd_place(
    query: str, who: set[str], as_: As, units: Units, now: datetime
) -> None:
    day = timedelta(days=1)
    here, role = units["145011"], factories.role("watcher")
    for name, start, end in (
        ("holds", -day, None),
        ("coming", day, None),
        ("ended", -2 * day, -day),
        ("never", day, day),
    ):
        until = None if end is None else now + end
        factories.grant(factories.person(name, here), role, here, valid_from=now + start, valid_to=until)
    factories.grant(factories.person("outside", units["145020"]), role, here)
    page = _text(as_("security_admin").get(f"/identity/assignments/?role=watcher&{query}"))
    names = {"holds", "coming", "ended", "never", "outside"}
    assert {name for name in names if f"测试{name}<" in page} == who


def test_a_program_asks_who_it_is(units: Units) -> None:
    _, text = factories.token(["identity.view"], units["145010"])
    found = Client().get("/api/v1/me", headers={"Authorization": f"Bearer {text}"}).json()
    assert found == {
        "actor": "测试令牌（令牌）",
        "via": "api",
        "permissions": {"identity.view": ["145000/145010/"]},
    }
    assert Client().get("/api/v1/me").status_code == 401
