"""Whose notices and channels one sees."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from taxops.engines.base import NotFound, Scope
from taxops.platform.notify import queries, services
from tests.platform.province import Province

pytestmark = pytest.mark.django_db
SYSTEM = Scope.system("监控")


def test_the_inbox_holds_ones_own_and_the_badge_takes_one_query(
    province: Province, now: datetime, django_assert_num_queries: Any
) -> None:
    for number in range(7):
        services.tell(SYSTEM, now=now, people=[province.clerk.pk], title=f"第{number}条", key=f"k{number}")
    with django_assert_num_queries(1):
        assert queries.unread_count(province.scope()) == 7
    assert len(queries.latest_unread(province.scope())) == 5
    assert queries.inbox(province.scope(province.neighbour)).count() == 0
    assert queries.unread_count(Scope(None, "未登录")) == 0
    notice = queries.inbox(province.scope())[0]
    assert queries.find_notice(province.scope(), notice.pk) == notice
    assert queries.find_notice(province.scope(province.neighbour), notice.pk) is None


def test_who_has_set_nothing_gets_the_defaults_unsaved(province: Province) -> None:
    held = queries.preference(province.scope())
    assert (held.pk, held.channels, held.quiet_from) == (None, {}, None)


def test_channels_and_their_log_follow_the_scope(province: Province, now: datetime) -> None:
    manager = province.scope(notify_manage="")
    channel = services.save_channel(
        manager,
        now=now,
        code="here",
        name="群",
        kind="webhook",
        values={"url": "http://127.0.0.1:9/"},
        org=province.here,
    )
    services.tell(
        SYSTEM, now=now, people=[], title="t", severity="critical", key="k", org_path=province.here.path
    )
    near, far = (
        province.scope(notify_manage=province.here.path),
        province.scope(notify_manage=province.there.path),
    )
    delivery = queries.deliveries(near).get()
    assert (queries.find_channel(near, channel.pk), queries.find_channel(far, channel.pk)) == (channel, None)
    assert queries.get_delivery(near, delivery.pk) == delivery
    assert queries.find_delivery(far, delivery.pk) is None
    with pytest.raises(NotFound, match="投递记录"):
        queries.get_delivery(far, delivery.pk)
    assert queries.list_channels(province.scope()).count() == 0
    assert queries.personal_channels() == []
