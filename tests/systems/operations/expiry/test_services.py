"""Each step of each date is told once, to those who renew, one notice for each organisation."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from taxops.engines.base import Scope
from taxops.platform.assets import services as assets
from taxops.platform.assets.models import Asset, AssetType
from taxops.platform.identity.models import OrgUnit
from taxops.platform.notify.models import Notice
from taxops.systems.operations.expiry import queries, services
from taxops.systems.operations.expiry.models import ExpiryReminder
from tests import factories

pytestmark = pytest.mark.django_db


def licence(org: OrgUnit, code: str, day: str, now: datetime) -> Asset:
    """Return a stored licence that ends on a day."""
    assets.ensure_types()
    return Asset.objects.create(
        code=code, name=f"许可{code}", type=AssetType.objects.get(code="licence", is_current=True), org=org,
        updated_at=now, attributes={"expires_on": day}, state="in_use",
    )  # fmt: skip


def told(person: str) -> list[str]:
    """Return the titles of what somebody was told, oldest first."""
    return list(Notice.objects.filter(person__username=person).order_by("pk").values_list("title", flat=True))


def test_a_date_is_told_at_each_step_once(province: dict[str, OrgUnit], now: datetime) -> None:
    manager = factories.person("manager", province["145000"], "ops_manager")
    factories.person("bureau", province["145000"], "bureau_admin")
    factories.person("guest", province["145000"], permissions=["monitoring.view"])
    licence(province["145010"], "甲", "2026-07-31", now)  # 60 days from the first of June
    licence(province["145010"], "乙", "2026-08-30", now)
    days = [n for n in range(95) if services.remind(now=now + timedelta(days=n)) + 0]
    assert days == [0, 30, 53, 60, 61, 83, 90, 91]
    assert told("manager")[:3] == [
        "即将到期：许可甲 授权到期", "即将到期：许可甲 授权到期 等 2 项", "即将到期：许可甲 授权到期",
    ]  # fmt: skip
    assert [title.split("：")[0] for title in told("bureau")] == ["即将到期", "即将到期", "已到期"] * 2
    assert told("guest") == []
    assert ExpiryReminder.objects.filter(asset__code="甲").count() == 5
    assert ExpiryReminder.objects.exclude(people=[]).count() == 10
    assert manager.pk in ExpiryReminder.objects.order_by("pk")[0].people


def test_what_was_missed_is_told_once_and_a_renewed_date_begins_anew(
    province: dict[str, OrgUnit], now: datetime, root: Scope
) -> None:
    factories.person("manager", province["145000"], "ops_manager")
    asset = licence(province["145010"], "甲", "2026-05-01", now)
    assert services.remind(now=now) == 1, "it was over before anybody could be told"
    assert told("manager") == ["已到期：许可甲 授权到期"]
    assert services.remind(now=now + timedelta(days=20)) == 0
    asset.attributes = {"expires_on": "2026-06-25"}
    asset.save(update_fields=["attributes"])
    assert services.remind(now=now) == 1
    (row,) = queries.with_reminders(queries.endings(root, now))
    assert row.told_at == now
    asset.state = "retired"
    asset.save(update_fields=["state"])
    assert services.remind(now=now + timedelta(days=60)) == 0


def test_where_nobody_holds_the_role_those_in_charge_are_told(
    province: dict[str, OrgUnit], now: datetime
) -> None:
    factories.person("engineer", province["145000"], "onsite_engineer")
    licence(province["145010"], "甲", "2026-06-02", now)
    licence(province["145020"], "乙", "2026-06-02", now)
    assert services.remind(now=now) == 2
    assert len(told("engineer")) == 2, "one notice for each organisation"
