"""Old records go, what may still be needed stays."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib.sessions.models import Session

from taxops.platform.identity import services
from taxops.platform.identity.models import LoginAttempt, OrgUnit, PersonSession
from tests import factories

pytestmark = pytest.mark.django_db


def test_only_what_is_old_enough_is_deleted(province: dict[str, OrgUnit], now: datetime) -> None:
    li = factories.person("li", province["145011"])
    long_ago, lately = now - timedelta(days=401), now - timedelta(days=399)
    for n, at in enumerate((long_ago, lately)):
        LoginAttempt.objects.create(username="li", person=li, at=at, outcome="failed")
        PersonSession.objects.create(person=li, key=f"k{n}", started_at=at, seen_at=at, ended_at=at)
        Session.objects.create(session_key=f"b{n}", expire_date=now + timedelta(seconds=n * 2 - 1))
    PersonSession.objects.create(person=li, key="open", started_at=long_ago, seen_at=long_ago)
    assert services.tidy(now=now) == {"浏览器会话": 1, "登录尝试": 1, "已结束会话": 1}
    assert set(PersonSession.objects.values_list("key", flat=True)) == {"k1", "open"}
    assert services.tidy(now=now) == {"浏览器会话": 0, "登录尝试": 0, "已结束会话": 0}
