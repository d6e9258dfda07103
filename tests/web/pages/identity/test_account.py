"""My account: sessions, contact, password, device, recovery codes."""

from __future__ import annotations

import base64
import re
from datetime import datetime, timedelta

import pytest
from django.test import Client

from taxops.platform.identity.models import Person, PersonSession
from taxops.platform.identity.services import second_factor
from tests import factories

from .conftest import GOOD

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(client: Client, li: Person, now: datetime) -> Client:
    factories.sign_in(client, li, now)
    return client


@pytest.mark.parametrize("tab", ["", "sessions", "roles", "tokens", "logins", "nonsense"])
def test_each_tab_opens(tab: str, mine: Client) -> None:
    assert mine.get(f"/account/?tab={tab}").status_code == 200


def test_another_session_is_ended_from_here_and_nobody_elses_is(
    mine: Client, li: Person, now: datetime
) -> None:
    there = Client()
    other = factories.sign_in(there, li, now)
    strangers = factories.sign_in(Client(), factories.person("wang", li.org), now)
    assert "当前会话" in mine.get("/account/").content.decode()
    assert mine.post(f"/account/sessions/{other.pk}/end/").status_code == 302
    assert there.get("/account/").status_code == 302
    assert mine.post(f"/account/sessions/{strangers.pk}/end/").status_code == 404
    assert PersonSession.objects.get(pk=strangers.pk).ended_at is None


def test_contact_details_are_saved_or_told_what_is_wrong(mine: Client, li: Person) -> None:
    answer = mine.post("/account/contact/", {"phone": "call me", "email": ""})
    assert answer.status_code == 400
    assert "不是电话号码" in answer.content.decode()
    mine.post("/account/contact/", {"phone": "13907710000", "email": "li@example.cn"})
    li.refresh_from_db()
    assert (li.phone, li.email) == ("13907710000", "li@example.cn")


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        ("wrong", "Lijiang-River-Boat-4", "Lijiang-River-Boat-4", "原口令不正确"),
        (GOOD, "Lijiang-River-Boat-4", "Lijiang-River-Boat-5", "两次输入的新口令不一致"),
        (GOOD, "short", "short", "至少需要 12 个字符"),
        (GOOD, GOOD, GOOD, "新口令与原口令相同"),
        ("", "", "", "没有保存"),
    ],
)
def test_a_password_that_will_not_do_is_told_why(
    old: str, new: str, again: str, said: str, mine: Client
) -> None:
    answer = mine.post("/account/password/", {"old": old, "password": new, "again": again})
    assert answer.status_code in {400, 422}
    assert said in answer.content.decode()
    assert new == "" or new not in answer.content.decode().replace(GOOD, "") or new == GOOD


def test_a_device_is_bound_and_its_codes_renewed(mine: Client, now: datetime, clock: object) -> None:
    page = mine.get("/account/device/").content.decode()
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found is not None
    secret = base64.b32decode(found[1].replace(" ", ""))
    totp = second_factor._totp(secret)
    assert mine.post("/account/device/", {"code": "1"}).status_code == 400
    done = mine.post("/account/device/", {"code": totp.generate(int(now.timestamp())).decode()})
    assert "请保存恢复码" in done.content.decode()
    assert mine.get("/account/device/")["Location"] == "/account/"
    later = now + timedelta(seconds=30)
    clock(later)  # type: ignore[operator]  # a fixture without a type
    assert mine.post("/account/codes/", {"code": "000000"}).status_code == 400
    assert mine.post("/account/codes/", {"code": ""}).status_code == 422
    fresh = mine.post("/account/codes/", {"code": totp.generate(int(later.timestamp())).decode()})
    assert len(re.findall(r"<code>[A-Z0-9]{5}-[A-Z0-9]{5}</code>", fresh.content.decode())) == 10
