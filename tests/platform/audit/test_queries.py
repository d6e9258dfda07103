"""Reading the trail within an auditor's scope."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from taxops.engines.base import NotPermitted, Scope
from taxops.engines.crypto import generate_keypair
from taxops.platform.audit import queries, services

pytestmark = pytest.mark.django_db

PROVINCE = Scope(1, "省审计", {"audit.view": ("100000/145000/",)})
COUNTY = Scope(2, "县审计", {"audit.view": ("100000/145000/145010/",)})
EVERYWHERE = Scope(3, "总审计", {"audit.view": ("",)})
NOBODY = Scope(4, "无权")


@pytest.fixture(autouse=True)
def _entries(now: datetime) -> None:
    for number, path in enumerate(("100000/145000/145010/", "100000/145000/145020/", "")):
        services.record(
            Scope(7, f"王{number}"), now=now + timedelta(hours=number), action=f"check.edit{number}",
            kind="check", object_id=number, org_path=path,
        )  # fmt: skip


def test_an_auditor_sees_the_own_subtree_only() -> None:
    assert [queries.list_entries(s).count() for s in (COUNTY, PROVINCE, EVERYWHERE, NOBODY)] == [1, 2, 3, 0]
    assert queries.find(COUNTY, 1) is not None
    assert queries.find(COUNTY, 2) is None


def test_filters_narrow(now: datetime) -> None:
    def found(**filters: object) -> list[int]:
        return [e.seq for e in queries.list_entries(EVERYWHERE, **filters)]  # type: ignore[arg-type]

    assert found() == [3, 2, 1]
    assert found(actor="王1") == [2]
    assert found(action="check.edit2") == [3]
    assert found(kind="nothing") == []
    assert found(object_id="0") == [1]
    assert found(since=now + timedelta(hours=1)) == [3, 2]
    assert found(until=now + timedelta(hours=1)) == [1]
    assert found(org_path="100000/145000/145020/") == [2]


def test_the_history_of_one_thing_is_newest_first(now: datetime) -> None:
    services.record(Scope(7, "王"), now=now, action="check.pause", kind="check", object_id=0)
    assert [e.action for e in queries.history("check", 0)] == ["check.pause", "check.edit0"]


def test_seals_are_for_auditors(now: datetime) -> None:
    services.seal(generate_keypair(), now=now)
    assert queries.list_seals(COUNTY).count() == 1
    with pytest.raises(NotPermitted):
        queries.list_seals(NOBODY)
