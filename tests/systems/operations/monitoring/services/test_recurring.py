"""Recurring maintenance: computed, never stored; approved by another person; what it excludes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from taxops.engines.base import CHINA, BadInput, Interval, NotPermitted, Scope
from taxops.platform.identity.models import Person
from taxops.systems.operations.monitoring import queries, services
from taxops.systems.operations.monitoring.models import MaintenanceRule, MaintenanceWindow, MonitoredSystem
from tests import factories

WEEKLY = {"kind": "weekly", "weekdays": [6], "start": "22:00", "minutes": 120}


def ask(scope: Scope, system: MonitoredSystem, now: datetime, **over: Any) -> MaintenanceRule:
    given: dict[str, Any] = {
        "title": "每周维护", "reason": "补丁", "repeat": WEEKLY, "systems": [system.pk],
        "valid_from": datetime(2026, 6, 1, tzinfo=CHINA), "valid_to": datetime(2027, 6, 1, tzinfo=CHINA),
    }  # fmt: skip
    return services.request_rule(scope, now=now, **(given | over))


@pytest.mark.django_db
def test_times_are_computed_and_suspend_once_another_person_agrees(
    root: Scope, system: MonitoredSystem, now: datetime
) -> None:
    rule = ask(root, system, now)
    inside = datetime(2026, 6, 6, 23, tzinfo=CHINA)
    assert queries.suspended_now(inside).systems == frozenset()
    other = Scope.system("审批人")
    services.decide_rule(other, rule.pk, now=now, agree=True)
    assert queries.suspended_now(inside).covers(0, system.pk)
    assert not queries.suspended_now(inside + timedelta(hours=2)).systems
    month = queries.occurrences_between(
        root, datetime(2026, 6, 1, tzinfo=CHINA), datetime(2026, 7, 1, tzinfo=CHINA)
    )
    assert [one.interval.start.astimezone(CHINA).day for one in month] == [6, 13, 20, 27]
    assert MaintenanceWindow.objects.count() == 0  # nothing was stored for them
    services.end_rule(other, rule.pk, now=datetime(2026, 6, 14, tzinfo=CHINA))
    month = queries.occurrences_between(
        root, datetime(2026, 6, 1, tzinfo=CHINA), datetime(2026, 7, 1, tzinfo=CHINA)
    )
    assert [one.interval.start.astimezone(CHINA).day for one in month] == [6, 13]


@pytest.mark.django_db
def test_nobody_approves_what_he_asked_for(system: MonitoredSystem, bureau: Person, now: datetime) -> None:
    scope = factories.scope_of(bureau, now)
    rule = ask(scope, system, now)
    with pytest.raises(NotPermitted, match="不能审批自己"):
        services.decide_rule(scope, rule.pk, now=now, agree=True)


@pytest.mark.django_db
def test_an_outage_stands_and_the_exclusion_says_who_why_and_when(
    root: Scope, system: MonitoredSystem, now: datetime
) -> None:
    rule = ask(root, system, now)
    approved = datetime(2026, 6, 8, tzinfo=CHINA)
    services.decide_rule(Scope.system("局方"), rule.pk, now=approved, agree=True)
    begin = datetime(2026, 6, 6, 21, tzinfo=CHINA)
    outage = Interval(begin, begin + timedelta(hours=5))
    found = queries.exclusions_of([outage], outage.start, outage.end, system_id=system.pk)
    assert [(one.title, one.is_late, taken.seconds) for one, taken in found] == [("每周维护", True, 7200.0)]
    assert found[0][0].decided_at == approved
    assert not queries.exclusions_of([outage], outage.start, outage.end, system_id=system.pk + 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"title": " "}, "title"),
        ({"reason": ""}, "reason"),
        ({"systems": []}, "systems"),
        ({"repeat": {"kind": "weekly"}}, "start"),
        ({"valid_to": datetime(2026, 6, 1, tzinfo=CHINA)}, "valid_to"),
        ({"valid_to": datetime(2036, 6, 1, tzinfo=CHINA)}, "valid_to"),
    ],
)
def test_what_cannot_be_stores_nothing(
    root: Scope, system: MonitoredSystem, now: datetime, over: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInput) as caught:
        ask(root, system, now, **over)
    assert caught.value.field == field
    assert MaintenanceRule.objects.count() == 0
