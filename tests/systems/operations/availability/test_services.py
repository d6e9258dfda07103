"""Exclusions and terms: two people, only the past, only what counts, nothing stored that is refused."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from taxops.engines.base import BadInput, Conflict, Interval, NotFound, NotPermitted, Scope
from taxops.platform.audit.models import AuditEntry
from taxops.platform.identity.models import OrgUnit, Person
from taxops.systems.operations.availability import queries, services, telling
from taxops.systems.operations.availability.models import Agreement, Exclusion
from taxops.systems.operations.monitoring.models import MonitoredSystem
from tests import factories
from tests.systems.operations.availability.conftest import ask, down

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Interval]:
    found: list[Interval] = []
    monkeypatch.setattr(telling, "_listeners", [lambda interval, _now: found.append(interval)])
    return found


def test_an_exclusion_counts_once_another_person_approved_it(
    system: MonitoredSystem, asking: Scope, deciding: Scope, root: Scope, now: datetime, told: list[Interval]
) -> None:
    start = now - 5 * HOUR
    down(system, start, 3 * HOUR)
    before, after, taken = services.try_exclusion(
        asking, now=now, system_id=system.pk, starts_at=start, ends_at=start + 2 * HOUR
    )
    assert (before.figures.each_ok, after.figures.each_ok, taken) == (False, True, 7200)
    assert not Exclusion.objects.exists()  # a trial stores nothing
    row = ask(asking, system, now, start, 2 * HOUR)
    found = queries.standing_of(root, now, system.pk).reckoning
    assert (found.figures.downtime_s, found.pending[0].seconds, told) == (10800, 7200, [])
    services.decide_exclusion(deciding, row.pk, now=now, agree=True)
    found = queries.standing_of(root, now, system.pk).reckoning
    assert found.figures.downtime_s == 3600
    (line,) = found.cuts
    assert (line.cut.asked_by, line.cut.decided_by) == (asking.actor_name, deciding.actor_name)
    assert line.cut.is_late
    assert told == [Interval(start, start + 2 * HOUR)]
    actions = list(
        AuditEntry.objects.filter(kind="exclusion").order_by("pk").values_list("action", flat=True)
    )
    assert actions == ["exclusion.request", "exclusion.approve"]


def test_nobody_decides_his_own_and_nothing_is_decided_twice(
    system: MonitoredSystem, top: OrgUnit, deciding: Scope, now: datetime
) -> None:
    down(system, now - 5 * HOUR, HOUR)
    boss = factories.person("boss", top, "bureau_admin")
    both = factories.scope_of(boss, now)
    row = ask(both, system, now, now - 5 * HOUR, HOUR)
    with pytest.raises(NotPermitted, match="不能审批自己提出的剔除"):
        services.decide_exclusion(both, row.pk, now=now, agree=True)
    with pytest.raises(BadInput, match="请写明意见"):
        services.decide_exclusion(deciding, row.pk, now=now, agree=False)
    services.decide_exclusion(deciding, row.pk, now=now, agree=False, note="佐证不足")
    with pytest.raises(Conflict, match="不同意"):
        services.decide_exclusion(deciding, row.pk, now=now, agree=True)


def test_a_revoked_exclusion_counts_no_more_and_stays_on_record(
    system: MonitoredSystem, asking: Scope, deciding: Scope, root: Scope, now: datetime, told: list[Interval]
) -> None:
    down(system, now - 5 * HOUR, HOUR)
    row = ask(asking, system, now, now - 5 * HOUR, HOUR)
    services.decide_exclusion(deciding, row.pk, now=now, agree=True)
    with pytest.raises(NotFound):  # an engineer may not take back what the bureau approved
        services.revoke_exclusion(asking, row.pk, now=now, why="记错")
    with pytest.raises(BadInput, match="撤销原因"):
        services.revoke_exclusion(deciding, row.pk, now=now, why=" ")
    services.revoke_exclusion(deciding, row.pk, now=now, why="佐证有误")
    assert queries.standing_of(root, now, system.pk).reckoning.figures.downtime_s == 3600
    assert len(told) == 2
    with pytest.raises(Conflict):
        services.revoke_exclusion(deciding, row.pk, now=now, why="再来")
    assert Exclusion.objects.get().state == "revoked"


def test_who_asked_may_withdraw_what_is_not_decided(
    system: MonitoredSystem, asking: Scope, now: datetime, told: list[Interval]
) -> None:
    down(system, now - 5 * HOUR, HOUR)
    row = ask(asking, system, now, now - 5 * HOUR, HOUR)
    services.revoke_exclusion(asking, row.pk, now=now, why="重复")
    assert (Exclusion.objects.get().state, told) == ("revoked", [])


@pytest.mark.parametrize(
    ("start_h", "length_h", "reason", "evidence", "match"),
    [
        (-5, 0, "因", "证", "结束时间应晚于开始时间"),
        (-1, 2, "因", "证", "只能针对已经过去的时间"),
        (-24 * 40, 24 * 35, "因", "证", "不能超过 31 天"),
        (-24 * 366 * 4, 1, "因", "证", "三年以前"),
        (-5, 1, " ", "证", "请填写说明"),
        (-5, 1, "因", " ", "请写明佐证"),
        (-20, 1, "因", "证", "没有计入的中断"),
    ],
)
def test_what_makes_no_sense_is_refused_and_not_stored(
    system: MonitoredSystem, asking: Scope, now: datetime,
    start_h: int, length_h: int, reason: str, evidence: str, match: str,
) -> None:  # fmt: skip
    down(system, now - 5 * HOUR, HOUR)
    start = now + start_h * HOUR
    with pytest.raises(BadInput, match=match):
        services.request_exclusion(
            asking, now=now, system_id=system.pk, kind="upstream", starts_at=start,
            ends_at=start + length_h * HOUR, reason=reason, evidence=evidence,
        )  # fmt: skip
    assert not Exclusion.objects.exists()


def test_a_stranger_may_neither_ask_nor_decide(
    system: MonitoredSystem, province: dict[str, OrgUnit], asking: Scope, now: datetime
) -> None:
    down(system, now - 5 * HOUR, HOUR)
    row = ask(asking, system, now, now - 5 * HOUR, HOUR)
    below = next(unit for unit in province.values() if unit.parent_id is not None)
    stranger = factories.scope_of(factories.person("stranger", below, "bureau_admin"), now)
    with pytest.raises(NotPermitted):
        ask(stranger, system, now, now - 5 * HOUR, HOUR)
    with pytest.raises(NotFound):
        services.decide_exclusion(stranger, row.pk, now=now, agree=True)


def values(org: OrgUnit, **more: Any) -> dict[str, Any]:
    return {
        "name": "运维合同", "number": "GX-1", "org_id": org.pk, "systems": [], "signed_on": date(2026, 3, 1),
        "total_s": 43200, "each_s": 7200, "streak_months": 6, "exclude_planned": True, "coverage": 0.99,
        "source": "招标文件", **more,
    }  # fmt: skip


def test_terms_decide_the_year_and_the_limits(
    system: MonitoredSystem, top: OrgUnit, deciding: Scope, root: Scope, now: datetime
) -> None:
    down(system, now - 5 * HOUR, HOUR)
    assert not queries.standing_of(root, now, system.pk).reckoning.term.is_agreed
    row = services.keep_agreement(deciding, now=now, values=values(top, each_s=600))
    found = queries.standing_of(root, now, system.pk).reckoning
    assert (found.term.name, found.figures.each_ok) == ("运维合同", False)
    services.keep_agreement(deciding, now=now, values=values(top, systems=[system.pk]), pk=row.pk)
    assert queries.standing_of(root, now, system.pk).reckoning.figures.each_ok
    services.archive_agreement(deciding, row.pk, now=now)
    assert not queries.standing_of(root, now, system.pk).reckoning.term.is_agreed
    assert Agreement.objects.get().version == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"name": " "}, "name"), ({"each_s": 90000}, "each_s"), ({"streak_months": 13}, "streak_months"),
     ({"coverage": 1.5}, "coverage"), ({"signed_on": date(1900, 1, 1)}, "signed_on")],
)  # fmt: skip
def test_terms_that_make_no_sense_are_refused(
    top: OrgUnit, deciding: Scope, now: datetime, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInput) as caught:
        services.keep_agreement(deciding, now=now, values=values(top, **wrong))
    assert caught.value.field == field
    assert not Agreement.objects.exists()


def test_an_engineer_may_not_set_the_terms(engineer: Person, top: OrgUnit, now: datetime) -> None:
    with pytest.raises(NotPermitted):
        services.keep_agreement(factories.scope_of(engineer, now), now=now, values=values(top))
