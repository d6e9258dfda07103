"""The demonstration's desk: every story can be told, twice changes nothing."""

from __future__ import annotations

from datetime import datetime

import pytest

from taxops.engines.base import Scope
from taxops.platform.casework.models import Case
from taxops.systems.operations.cases import catalogue, demo
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.same_everywhere]


def test_the_stories_are_told_once(now: datetime) -> None:
    top = factories.org("1", level="province", name="省局")
    for name, role in (
        ("engineer", "onsite_engineer"), ("expert", "second_line"), ("manager", "ops_manager"),
        ("hall", "hall_manager"), ("hotline", "hotline_agent"), ("risk", "risk_officer"), ("bureau", "bureau_admin"),
    ):  # fmt: skip
        factories.person(name, top, role)
    scope = Scope.system("演示")
    demo.seed(scope, now)
    demo.seed(scope, now)
    assert Case.objects.count() == 19
    assert set(Case.objects.values_list("type", flat=True)) == {
        kind.code for kind in catalogue.register_all()
    }
    assert dict(Case.objects.values_list("key", "state"))["demo-3"] == "resolved"
    assert Case.objects.get(key="demo-2").phase == "waiting"
    major = Case.objects.get(type="major")
    assert major.data["incident"] == Case.objects.get(key="demo-10").number
    assert (major.state, major.data["ended_at"] - major.data["began_at"]) == ("written", 35 * 60)
