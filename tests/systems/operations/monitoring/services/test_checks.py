"""Checks are made, changed and switched by people who may, and every change leaves a version and a trail."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from taxops.engines.base import BadInput, Conflict, NotFound, Scope, TaxopsError
from taxops.platform.audit.models import AuditEntry
from taxops.platform.identity.models import OrgUnit, Person
from taxops.systems.operations.monitoring import services
from taxops.systems.operations.monitoring.models import (
    Check,
    CheckState,
    CheckVersion,
    ControlRoom,
    MonitoredSystem,
)
from taxops.systems.operations.monitoring.services import Definition
from tests import factories
from tests.systems.operations.monitoring.conftest import MakeCheck

pytestmark = pytest.mark.django_db

HTTP = Definition(
    name="受理服务", kind="http", target="http://127.0.0.1:9/health", conditions=("status == 200",)
)


def test_a_check_is_stored_with_state_version_and_trail(
    root: Scope, system: MonitoredSystem, now: datetime
) -> None:
    check = services.create_check(root, now=now, system_id=system.pk, definition=HTTP)
    assert CheckState.objects.get(pk=check.pk).phase == 0
    assert CheckVersion.objects.get(check_row=check).definition["conditions"] == ["status == 200"]
    assert AuditEntry.objects.filter(action="check.create", object_id=str(check.pk)).exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "telepathy"}, "kind"),
        ({"target": ""}, "target"),
        ({"target": "http://u:p@127.0.0.1/"}, "target"),
        ({"name": " "}, "name"),
        ({"conditions": ("status == 200", "statos == 1")}, "conditions.1"),
        ({"warnings": ("duration_ms <",)}, "warnings.0"),
        ({"params": {"nonsense": 1}}, "params.nonsense"),
        ({"params": {"follow": "many"}}, "params.follow"),
        ({"interval_s": 0}, "interval_s"),
        ({"confirm": 0}, "confirm"),
        ({"retry_interval_s": 100}, "retry_interval_s"),
        ({"zone": "moon"}, "zone"),
        ({"severity": "dire"}, "severity"),
    ],
)
def test_what_cannot_be_carried_out_is_refused_at_its_field_and_nothing_is_stored(
    root: Scope, system: MonitoredSystem, now: datetime, change: dict[str, object], field: str
) -> None:
    with pytest.raises(BadInput) as caught:
        services.create_check(root, now=now, system_id=system.pk, definition=replace(HTTP, **change))  # type: ignore[arg-type]
    assert caught.value.field == field
    assert Check.objects.count() == CheckVersion.objects.count() == 0


def test_a_broken_condition_points_at_its_column(root: Scope, system: MonitoredSystem, now: datetime) -> None:
    with pytest.raises(BadInput) as caught:
        services.create_check(
            root,
            now=now,
            system_id=system.pk,
            definition=replace(HTTP, conditions=("status == 200 and and",)),
        )
    assert "第 19 列" in caught.value.what


def test_secrets_are_sealed_kept_and_never_shown(root: Scope, system: MonitoredSystem, now: datetime) -> None:
    secret = "S3cret-口令"
    definition = replace(HTTP, params={"username": "probe", "password": secret})
    check = services.create_check(root, now=now, system_id=system.pk, definition=definition)
    services.edit_check(
        root, check.pk, now=now, definition=replace(HTTP, name="改名", params={"username": "probe"})
    )
    check.refresh_from_db()
    everything = (
        str(list(Check.objects.values()))
        + str(list(CheckVersion.objects.values()))
        + str(list(AuditEntry.objects.values()))
    )
    assert secret not in everything
    assert "password" in str(services.shown_definition(check))
    prober = services.register(root, now=now, code="p", name="p")
    told = services.assignments(prober, "", now=now)
    assert told is not None
    assert told["checks"][0]["params"]["password"] == secret  # kept through an edit that left it out


def test_an_edit_raises_the_version_and_tells_the_probers(
    root: Scope, make_check: MakeCheck, now: datetime
) -> None:
    check = make_check()
    before = ControlRoom.objects.get(pk=1).assignments
    edited = services.edit_check(
        root, check.pk, now=now, definition=replace(services.definition_of(check), interval_s=20)
    )
    assert edited.version == 2
    assert ControlRoom.objects.get(pk=1).assignments > before
    assert CheckState.objects.get(pk=check.pk).version == 2


def test_two_editors_cannot_overwrite_each_other(root: Scope, make_check: MakeCheck, now: datetime) -> None:
    check = make_check()
    definition = services.definition_of(check)
    services.edit_check(root, check.pk, now=now, definition=definition, version=1)
    with pytest.raises(Conflict):
        services.edit_check(root, check.pk, now=now, definition=definition, version=1)


def test_a_code_is_taken_once(root: Scope, system: MonitoredSystem, now: datetime) -> None:
    services.create_check(root, now=now, system_id=system.pk, definition=replace(HTTP, code="A"))
    with pytest.raises(Conflict):
        services.create_check(root, now=now, system_id=system.pk, definition=replace(HTTP, code="A"))
    assert Check.objects.count() == 1


def test_a_neighbour_may_neither_make_nor_change_a_check(
    province: dict[str, OrgUnit], make_check: MakeCheck, system: MonitoredSystem, now: datetime
) -> None:
    check = make_check()
    person = factories.person("county", province["145011"], "onsite_engineer")
    scope = factories.scope_of(person, now)
    for act in (
        lambda: services.create_check(scope, now=now, system_id=system.pk, definition=HTTP),
        lambda: services.edit_check(scope, check.pk, now=now, definition=HTTP),
        lambda: services.switch_checks(scope, [check.pk], now=now, enabled=False),
        lambda: services.archive_check(scope, check.pk, now=now),
    ):
        with pytest.raises(TaxopsError):
            act()
    assert Check.objects.filter(enabled=True, version=1).count() == 1


def test_a_check_that_a_tree_names_cannot_be_archived(
    root: Scope, make_check: MakeCheck, system: MonitoredSystem, now: datetime
) -> None:
    check = make_check()
    services.define_tree(root, system.pk, now=now, tree={"check": check.code})
    with pytest.raises(Conflict):
        services.archive_check(root, check.pk, now=now)
    services.define_tree(root, system.pk, now=now, tree=None)
    services.archive_check(root, check.pk, now=now)
    with pytest.raises(NotFound):
        services.archive_check(root, check.pk, now=now)


def test_a_copy_starts_switched_off(root: Scope, make_check: MakeCheck, now: datetime) -> None:
    copied = services.copy_check(root, make_check("甲").pk, now=now)
    assert (copied.enabled, copied.name) == (False, "甲（副本）")
    assert not CheckState.objects.get(pk=copied.pk).active


def test_loops_of_systems_are_spelled_out(
    root: Scope, top: OrgUnit, system: MonitoredSystem, now: datetime
) -> None:
    other = services.create_system(root, now=now, code="b", name="乙", org_id=top.pk)
    services.define_tree(root, system.pk, now=now, tree={"system": "b"})
    with pytest.raises(BadInput) as caught:
        services.define_tree(root, other.pk, now=now, tree={"all": [{"system": system.code}]})
    assert "→" in caught.value.what
    assert system.code in caught.value.what


@pytest.mark.parametrize(
    "tree", ["{", "[]", {"any": []}, {"check": "没有"}, {"k": 3, "of": [{"check": "C1"}]}, {"nor": []}]
)
def test_what_is_no_tree_is_refused(
    root: Scope, system: MonitoredSystem, make_check: MakeCheck, now: datetime, tree: object
) -> None:
    make_check()
    with pytest.raises(BadInput) as caught:
        services.define_tree(root, system.pk, now=now, tree=tree)
    assert caught.value.field == "tree"
    assert MonitoredSystem.objects.get(pk=system.pk).tree is None


def test_a_window_needs_two_people(
    engineer: Person, bureau: Person, system: MonitoredSystem, now: datetime
) -> None:
    asks, decides = factories.scope_of(engineer, now), factories.scope_of(bureau, now)
    window = services.request_window(
        asks, now=now, title="升级", reason="升级", systems=[system.pk],
        starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=2),
    )  # fmt: skip
    with pytest.raises(TaxopsError):
        services.decide_window(asks, window.pk, now=now, agree=True)
    assert services.decide_window(decides, window.pk, now=now, agree=True).state == "approved"
    with pytest.raises(Conflict):
        services.decide_window(decides, window.pk, now=now, agree=False, note="晚了")


@pytest.mark.parametrize(
    ("start_h", "end_h", "field"),
    [(2, 1, "ends_at"), (1, 1, "ends_at"), (1, 24 * 40, "ends_at"), (24 * 400, 24 * 400 + 1, "starts_at")],
)
def test_a_window_with_impossible_times_is_refused(
    root: Scope, system: MonitoredSystem, now: datetime, start_h: int, end_h: int, field: str
) -> None:
    with pytest.raises(BadInput) as caught:
        services.request_window(
            root, now=now, title="升级", reason="升级", systems=[system.pk],
            starts_at=now + timedelta(hours=start_h), ends_at=now + timedelta(hours=end_h),
        )  # fmt: skip
    assert caught.value.field == field
