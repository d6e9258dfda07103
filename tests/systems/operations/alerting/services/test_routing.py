"""Routes and policies: checked as a whole, tried in order, tried out without telling anybody."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope
from taxops.platform.identity.models import OrgUnit, Person
from taxops.platform.notify.models import Notice
from taxops.systems.operations.alerting import services
from taxops.systems.operations.alerting.models import AlertNotice, AlertPolicy, AlertRoute
from tests.systems.operations.alerting.conftest import Timeline

pytestmark = pytest.mark.django_db
ROOT = Scope.system("测试")


def save(now: datetime, org: OrgUnit, scope: Scope = ROOT, pk: int | None = None, **more: Any) -> AlertRoute:
    """Store a route."""
    policy = more.pop("policy_id", None)
    values = {
        "name": "紧急", "is_enabled": True, "systems": [], "severities": ["critical"], "matchers": [],
        "times": [], "receivers": ["role:ops_manager"], "hold": "", "group_by": ["system"], "wait_s": 0,
        "interval_s": 30, "repeat_s": 3600, "goes_on": False, **more,
    }  # fmt: skip
    return services.save_route(scope, now=now, values=values, org_id=org.pk, policy_id=policy, pk=pk)


def test_a_new_route_counts_at_the_next_turn(timeline: Timeline, engineer: Person, boss: Person) -> None:
    timeline.push("甲", severity="critical", labels={"system": "a"})
    save(timeline.now(), timeline.org)
    timeline.push("乙", severity="critical", labels={"system": "b"})
    found = {n.title: (n.route, n.outcomes[0]["people"]) for n in AlertNotice.objects.all()}
    assert found["告警：甲"][0] == "默认路由"
    assert found["告警：乙"] == ("紧急", [boss.pk])


@pytest.mark.parametrize(
    "wrong",
    [
        {"matchers": ["a~b"]},
        {"receivers": []},
        {"receivers": ["nobody"]},
        {"times": ["moon"]},
        {"name": " "},
        {"repeat_s": 1},
    ],
)
def test_a_route_that_cannot_be_stores_nothing(top: OrgUnit, now: datetime, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        save(now, top, **wrong)
    assert AlertRoute.objects.filter(is_default=False).count() == 0


def test_the_order_can_be_changed_and_the_default_stays_last(top: OrgUnit, now: datetime) -> None:
    one, two = save(now, top, name="一"), save(now, top, name="二")
    services.move_route(ROOT, two.pk, now=now, up=True)
    assert [r.name for r in AlertRoute.objects.all()] == ["二", "一", "默认路由"]
    with pytest.raises(Conflict):
        services.move_route(ROOT, two.pk, now=now, up=True)
    default = AlertRoute.objects.get(is_default=True)
    for call in (
        lambda: services.move_route(ROOT, default.pk, now=now, up=True),
        lambda: services.remove_route(ROOT, default.pk, now=now),
    ):
        with pytest.raises(Conflict):
            call()
    services.remove_route(ROOT, one.pk, now=now)
    assert [r.name for r in AlertRoute.objects.all()] == ["二", "默认路由"]


def test_the_default_route_takes_no_conditions(top: OrgUnit, now: datetime) -> None:
    default = services.ensure_defaults(now=now)
    row = save(now, top, pk=default.pk, systems=["a"], matchers=["a=b"], name="默认")
    assert (row.systems, row.severities, row.matchers, row.org) == ([], [], [], None)


def test_strangers_and_neighbours_change_nothing(
    top: OrgUnit, province: dict[str, OrgUnit], now: datetime
) -> None:
    below = next(org for org in province.values() if org.path.startswith(top.path) and org != top)
    made = save(now, top)
    near = Scope(None, "乙", {"alerting.route": (below.path,)})
    with pytest.raises(NotPermitted):
        save(now, top, Scope(None, "丙", {"monitoring.view": ("",)}))
    for call in (
        lambda: save(now, top, near),
        lambda: save(now, below, near, pk=made.pk),
        lambda: services.remove_route(near, made.pk, now=now),
        lambda: services.move_route(near, services.ensure_defaults(now=now).pk, now=now, up=True),
    ):
        with pytest.raises(NotFound):
            call()
    assert save(now, below, near, name="县").org == below


def test_a_policy_is_checked_and_used(
    timeline: Timeline, engineer: Person, boss: Person, top: OrgUnit
) -> None:
    now = timeline.now()
    steps = [{"after_s": 60, "receivers": [f"person:{boss.pk}"]}]
    policy = services.save_policy(ROOT, now=now, name="快", note="", steps=steps, org_id=top.pk)
    save(now, top, severities=["major"], receivers=["responders"], policy_id=policy.pk)
    timeline.push("登录")
    timeline.run(120)
    assert timeline.reasons() == [(0, "new"), (60, "escalation")]
    for wrong in ([{"after_s": 0, "receivers": ["responders"]}], [{"after_s": 60, "receivers": ["x"]}]):
        with pytest.raises(BadInput):
            services.save_policy(ROOT, now=now, name="错", note="", steps=wrong, org_id=top.pk)
    with pytest.raises(BadInput, match="已被使用"):
        services.save_policy(ROOT, now=now, name="快", note="", steps=steps, org_id=top.pk)
    assert not AlertPolicy.objects.filter(name="错").exists()


def test_trying_says_who_would_be_told_and_tells_nobody(
    top: OrgUnit, now: datetime, engineer: Person, boss: Person
) -> None:
    save(now, top)
    labels = services.parse_labels(f"severity=critical\nsystem=fpcy, org={top.path}")
    (trial,) = services.try_labels(ROOT, labels, now=now)
    assert (trial.route, trial.quiet) == ("紧急", "")
    assert [(s.after_s, s.lines[0].people) for s in trial.steps] == [(0, [boss.display_name])]
    (other,) = services.try_labels(ROOT, {"severity": "minor", "org": top.path}, now=now)
    assert other.route == "默认路由"
    assert [s.after_s for s in other.steps] == [0, 300, 900]
    assert Notice.objects.count() == 0
    with pytest.raises(BadInput, match="第 2 个标签"):
        services.parse_labels("a=b,c")
    with pytest.raises(NotPermitted):
        services.try_labels(Scope(None, "乙", {}), labels, now=now)
