"""The inbox's reads: groups fold over what the conditions let through, and everybody's own is found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit, Person
from taxops.systems.operations import duty
from taxops.systems.operations.alerting import queries, services
from taxops.systems.operations.alerting.models import Alert
from tests.systems.operations.alerting.conftest import Timeline

pytestmark = pytest.mark.django_db
FIRST = ("urgency", "gravity", "-opened_at", "-pk")


@pytest.fixture
def inbox(top: OrgUnit, engineer: Person, now: datetime) -> Timeline:
    """Return a desk without restarts that told of two groups and of one alert alone."""
    services.ensure_defaults(now=now)
    line = Timeline(now, top)
    for name, system, severity in (
        ("甲一", "a", "minor"), ("甲二", "a", "critical"), ("甲三", "a", "critical"), ("乙一", "b", "major"),
    ):  # fmt: skip
        line.push(name, severity=severity, labels={"system": system})
        line.at += 1
    line.run(60)
    return line


def scope_of(person: Person, org: OrgUnit) -> Scope:
    """Return what a person may do who answers for an organisation."""
    return Scope(
        person.pk, person.display_name, {"monitoring.view": (org.path,), "monitoring.run": (org.path,)}
    )


def titles(scope: Scope, now: datetime, **conditions: object) -> list[tuple[str, int]]:
    """Return the folded inbox as `(title, members)`."""
    rows = queries.list_alerts(scope, now).filter(**conditions)
    return [(row.title, row.members) for row in queries.folded(rows).order_by(*FIRST)]


def test_the_gravest_and_newest_stands_for_its_group(inbox: Timeline, engineer: Person, top: OrgUnit) -> None:
    scope = scope_of(engineer, top)
    assert titles(scope, inbox.now()) == [("甲三", 3), ("乙一", 1)]
    assert titles(scope, inbox.now(), severity="minor") == [("甲一", 1)]
    assert queries.folded(queries.list_alerts(scope, inbox.now())).order_by()[:5].count() == 2
    Alert.objects.filter(title="甲三").update(state="acknowledged")  # what nobody has taken comes first
    assert titles(scope, inbox.now())[0] == ("甲二", 3)
    Alert.objects.update(group_key="")
    assert len(titles(scope, inbox.now())) == 4


def test_groups_are_named_by_any_member_within_the_range(
    inbox: Timeline, engineer: Person, top: OrgUnit
) -> None:
    pks = {alert.title: alert.pk for alert in Alert.objects.all()}
    found = queries.groups_of(scope_of(engineer, top), list(pks.values()))
    assert found[pks["甲一"]] == found[pks["甲三"]] != found[pks["乙一"]]
    assert queries.groups_of(Scope(None, "乙", {}), list(pks.values())) == {}


@pytest.fixture
def _roster() -> Iterator[None]:
    before = list(duty._answers), list(duty._areas)
    yield
    duty._answers[:], duty._areas[:] = before


@pytest.mark.usefixtures("_roster")
def test_one_s_own_is_what_one_took_was_told_of_or_has_duty_for(
    inbox: Timeline, engineer: Person, boss: Person, top: OrgUnit
) -> None:
    now = inbox.now()

    def own(person: Person) -> set[str]:
        scope = scope_of(person, top)
        rows = queries.list_alerts(scope, now).filter(queries.mine(scope, now))
        return {row.title for row in rows}

    duty.answer_with(lambda _org, _at, _post: [], lambda _person, _at: [])
    assert own(engineer) == {"甲一", "甲二", "甲三", "乙一"}, "the default route told him"
    assert own(boss) == set()
    services.acknowledge(scope_of(boss, top), Alert.objects.get(title="乙一").pk, now=now)
    assert own(boss) == {"乙一"}
    duty.answer_with(lambda _org, _at, _post: [], lambda person, _at: [top.path] if person == boss.pk else [])
    assert own(boss) == {"甲一", "甲二", "甲三", "乙一"}, "he took over the shift"
    scope = scope_of(boss, top)
    assert queries.figures(scope, queries.mine(scope, now)) == {"waits": 3, "grave": 2, "own": 4, "taken": 1}


def test_chosen_alerts_are_open_and_within_the_range(inbox: Timeline, engineer: Person, top: OrgUnit) -> None:
    pks = list(Alert.objects.values_list("pk", flat=True))
    inbox.end(Alert.objects.get(title="乙一"))
    assert queries.chosen_alerts(scope_of(engineer, top), pks).count() == 3
    assert queries.chosen_alerts(scope_of(engineer, top), pks, "alerting.silence").count() == 0


def test_what_flaps_holds_back_its_own_alerts_only(top: OrgUnit, now: datetime) -> None:
    def put(key: str, state: str = "open", **labels: str) -> None:
        Alert.objects.create(
            key=key, fingerprint=key[:16], labels={"level": "check", **labels}, org=top, severity="major", title=key,
            state=state, since_at=now, opened_at=now, last_at=now,
        )  # fmt: skip

    put("flapping-1", flapping="a", level="flapping")
    put("flapping-2", "resolved", flapping="c", level="flapping")
    for check in "abc":
        put(f"of-{check}", check=check)
    put("of-system", level="system", flapping="a")
    put("of-over", "resolved", check="a", since="x")
    put("of-nothing", level="intake")
    found = {alert.key: alert.held for alert in queries.list_alerts(Scope.system("测试"), now)}
    assert {key for key, held in found.items() if held} == {"of-a", "of-system"}
    assert set(found.values()) == {True, False}
