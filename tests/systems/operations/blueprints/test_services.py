"""Applying templates: once is enough, hands are respected, versions roll out, everything can be taken back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope
from taxops.platform.assets import services as assets
from taxops.platform.assets.models import Asset, AssetType
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.blueprints import builtin, queries, services
from taxops.systems.operations.blueprints.models import Blueprint, PlacedCheck, Placement
from taxops.systems.operations.blueprints.rules import Act
from taxops.systems.operations.monitoring import services as monitoring
from taxops.systems.operations.monitoring.items import all_items
from taxops.systems.operations.monitoring.models import Check, CheckState, CheckVersion, MonitoredSystem
from tests import factories
from tests.systems.operations.monitoring.conftest import make_system

pytestmark = pytest.mark.django_db


def _entry(key: str, **more: Any) -> dict[str, Any]:
    return {
        "key": key,
        "name": f"名{key}",
        "kind": "tcp",
        "target": f"192.0.2.1:{len(key)}",
        "role": "must",
    } | more


def _hosts(org: OrgUnit, now: datetime, count: int) -> list[int]:
    assets.ensure_types()
    kind = AssetType.objects.get(code="host", is_current=True)
    return [
        Asset.objects.create(code=f"H{n:03}", name=f"主机{n}", type=kind, org=org, updated_at=now,
                             attributes={"ip": f"192.0.2.{n + 1}"}).pk
        for n in range(count)
    ]  # fmt: skip


@pytest.fixture
def blueprint(root: Scope, now: datetime) -> Blueprint:
    """Return a published template: a page, one of two members, a port for each host."""
    made = services.create_blueprint(root, now=now, code="t", name="模板")
    for entry in (
        _entry("page"),
        _entry("a", role="any", group="成员"),
        _entry("bb", role="any", group="成员"),
        _entry("ssh", asset_type="host", target="{ip}:22", role="none"),
    ):
        services.save_entry(root, made.pk, now=now, key=entry["key"], entry=entry)
    services.publish(root, made.pk, now=now)
    return made


def test_applying_makes_checks_and_tree_and_applying_again_nothing(
    root: Scope, blueprint: Blueprint, system: MonitoredSystem, top: OrgUnit, now: datetime
) -> None:
    hosts = _hosts(top, now, 2)
    done = services.apply(root, blueprint.pk, now=now, system_id=system.pk, assets=hosts)
    assert done is not None
    checks = {check.code: check for check in Check.objects.filter(system=system)}
    assert sorted(checks) == [
        "einvoice-a",
        "einvoice-bb",
        "einvoice-page",
        "einvoice-ssh-h000",
        "einvoice-ssh-h001",
    ]
    assert checks["einvoice-ssh-h001"].target == "192.0.2.2:22"
    assert checks["einvoice-ssh-h001"].asset_id == hosts[1]
    assert CheckState.objects.count() == CheckVersion.objects.count() == 5
    system.refresh_from_db()
    assert system.tree == {
        "all": [{"check": "einvoice-page"}, {"any": [{"check": "einvoice-a"}, {"check": "einvoice-bb"}]}]
    }
    later = now + timedelta(minutes=1)
    assert services.apply(root, blueprint.pk, now=later, system_id=system.pk, assets=hosts) is None
    assert Check.objects.count() == 5
    assert set(Check.objects.values_list("version", flat=True)) == {1}


def test_a_new_version_changes_field_by_field_and_leaves_alone_what_hands_changed(
    root: Scope, blueprint: Blueprint, system: MonitoredSystem, now: datetime
) -> None:
    services.apply(root, blueprint.pk, now=now, system_id=system.pk)
    edited = Check.objects.get(code="einvoice-bb")
    definition = monitoring.definition_of(edited)
    values = {name: getattr(definition, name) for name in definition.__slots__} | {"target": "192.0.2.77:7"}
    monitoring.edit_check(root, edited.pk, now=now, definition=monitoring.Definition(**values))
    services.save_entry(root, blueprint.pk, now=now, key="page", entry=None)
    services.save_entry(root, blueprint.pk, now=now, key="a", entry=_entry("a", interval_s=15, role="must"))
    services.save_entry(
        root,
        blueprint.pk,
        now=now,
        key="bb",
        entry=_entry("bb", target="192.0.2.9:9", interval_s=20, role="must"),
    )
    services.save_entry(root, blueprint.pk, now=now, key="new", entry=_entry("new", role="must"))
    services.publish(root, blueprint.pk, now=now, note="更勤")
    blueprint = queries.get_blueprint(blueprint.pk)
    places = queries.placements(root, blueprint)
    (plan,) = queries.plan(root, now, blueprint, queries.content_of(blueprint), queries.orders_of(places))
    acts = {step.slot: (step.act, [c[0] for c in step.changes], list(step.kept)) for step in plan.steps}
    assert acts["page"] == (Act.REMOVE, [], [])
    assert acts["a"] == (Act.CHANGE, ["interval_s"], [])
    assert acts["bb"] == (Act.CHANGE, ["interval_s"], ["target"])
    assert acts["new"][0] is Act.ADD
    assert plan.changes_tree
    before = list(Check.objects.values_list("pk", "version", "archived_at"))
    assert before == list(
        Check.objects.values_list("pk", "version", "archived_at")
    )  # planning stores nothing

    later = now + timedelta(minutes=5)
    (done,) = services.update(root, blueprint.pk, now=later, places=[place.pk for place in places])
    edited.refresh_from_db()
    assert (edited.target, edited.interval_s, edited.version) == ("192.0.2.77:7", 20, 3)
    assert Check.objects.get(code="einvoice-page").archived_at == later
    system.refresh_from_db()
    assert system.tree == {"all": [{"check": f"einvoice-{k}"} for k in ("a", "bb", "new")]}
    assert services.update(root, blueprint.pk, now=later, places=[places[0].pk]) == []

    left = services.undo(root, done.pk, now=later + timedelta(minutes=1))
    assert left == []
    system.refresh_from_db()
    assert "einvoice-page" in str(system.tree)
    assert Check.objects.get(code="einvoice-page").archived_at is None
    assert Check.objects.get(code="einvoice-new").archived_at is not None
    assert Check.objects.get(code="einvoice-a").interval_s == 60
    assert Placement.objects.get().number == 1
    with pytest.raises(Conflict):
        services.undo(root, done.pk, now=later)


def test_undoing_keeps_what_hands_changed_after(
    root: Scope, blueprint: Blueprint, system: MonitoredSystem, now: datetime
) -> None:
    done = services.apply(root, blueprint.pk, now=now, system_id=system.pk)
    assert done is not None
    Check.objects.filter(code="einvoice-a").update(target="192.0.2.99:1")
    left = services.undo(root, done.pk, now=now + timedelta(minutes=1))
    assert len(left) == 1
    assert list(Check.objects.filter(archived_at=None).values_list("code", flat=True)) == ["einvoice-a"]
    system.refresh_from_db()
    assert system.tree is None
    assert PlacedCheck.objects.count() == 1


def test_a_tree_made_by_hand_stays(
    root: Scope, blueprint: Blueprint, system: MonitoredSystem, make_check: Any, now: datetime
) -> None:
    make_check(code="own")
    monitoring.define_tree(root, system.pk, now=now, tree={"check": "own"})
    services.apply(root, blueprint.pk, now=now, system_id=system.pk)
    system.refresh_from_db()
    assert system.tree == {"check": "own"}


def test_systems_left_behind_are_counted(
    root: Scope, blueprint: Blueprint, system: MonitoredSystem, top: OrgUnit, now: datetime
) -> None:
    other = make_system(root, top, now, "other")
    rollouts = [services.apply(root, blueprint.pk, now=now, system_id=one.pk) for one in (system, other)]
    assert (queries.get_blueprint(blueprint.pk).n_systems, queries.get_blueprint(blueprint.pk).n_behind) == (
        2,
        0,
    )
    services.save_entry(root, blueprint.pk, now=now, key="more", entry=_entry("more"))
    services.publish(root, blueprint.pk, now=now)
    assert queries.get_blueprint(blueprint.pk).n_behind == 2
    assert rollouts[1] is not None
    services.undo(root, rollouts[1].pk, now=now + timedelta(minutes=1))
    found = queries.get_blueprint(blueprint.pk)
    assert (found.n_systems, found.n_behind) == (1, 1), "what was taken back waits for nothing"


def test_fifty_assets_cost_no_more_queries_than_five(
    root: Scope, blueprint: Blueprint, top: OrgUnit, now: datetime
) -> None:
    hosts = _hosts(top, now, 50)

    def cost(code: str, chosen: list[int]) -> int:
        system = make_system(root, top, now, code)
        with CaptureQueriesContext(connection) as seen:
            services.apply(root, blueprint.pk, now=now, system_id=system.pk, assets=chosen)
        assert Check.objects.filter(system=system).count() == 3 + len(chosen)
        return len(seen)

    first = cost("five", hosts[:5])
    assert cost("fifty", hosts) <= first


def test_strangers_neighbours_and_bad_input(
    root: Scope, blueprint: Blueprint, system: MonitoredSystem, province: dict[str, OrgUnit], now: datetime
) -> None:
    stranger = factories.scope_of(factories.person("nobody", province["145020"]), now)
    with pytest.raises(NotPermitted):
        services.create_blueprint(stranger, now=now, code="x", name="x")
    with pytest.raises(NotPermitted):
        services.save_entry(stranger, blueprint.pk, now=now, key="a", entry=None)
    neighbour = factories.scope_of(
        factories.person("next", province["145020"], permissions=["monitoring.edit"]), now
    )
    with pytest.raises(NotFound):
        services.apply(neighbour, blueprint.pk, now=now, system_id=system.pk)
    with pytest.raises(Conflict):
        services.publish(root, blueprint.pk, now=now)
    services.save_entry(root, blueprint.pk, now=now, key="page", entry=_entry("page", target="nowhere"))
    services.publish(root, blueprint.pk, now=now)
    with pytest.raises(BadInput, match="名page"):
        services.apply(root, blueprint.pk, now=now, system_id=system.pk)
    assert not Check.objects.exists()
    assert not Placement.objects.exists()


def test_what_is_asked_for_is_edited_like_checks(
    root: Scope, blueprint: Blueprint, system: MonitoredSystem, now: datetime
) -> None:
    ask = {"name": "front", "label": "前置", "example": "", "group": "", "secret": False}
    services.save_ask(root, blueprint.pk, now=now, name="front", ask=ask)
    services.save_entry(root, blueprint.pk, now=now, key="page", entry=_entry("page", target="{front}"))
    with pytest.raises(Conflict, match="front"):
        services.save_ask(root, blueprint.pk, now=now, name="front", ask=None)
    services.save_ask(root, blueprint.pk, now=now, name="front", ask={**ask, "label": "前置地址"})
    services.publish(root, blueprint.pk, now=now)
    held = queries.get_blueprint(blueprint.pk)
    assert queries.content_of(held)["asks"] == [{**ask, "label": "前置地址"}]
    services.apply(root, blueprint.pk, now=now, system_id=system.pk, answers={"front": "192.0.2.7:80"})
    assert Check.objects.filter(target="192.0.2.7:80").count() == 1
    services.save_entry(root, blueprint.pk, now=now, key="page", entry=None)
    services.save_ask(root, blueprint.pk, now=now, name="front", ask=None)
    with pytest.raises(NotFound):
        services.save_ask(root, blueprint.pk, now=now, name="front", ask=None)
    nobody = factories.scope_of(factories.person("nobody", system.org), now)
    with pytest.raises(NotPermitted):
        services.save_ask(nobody, blueprint.pk, now=now, name="x", ask=ask)


def test_secrets_are_not_kept_with_the_place(root: Scope, system: MonitoredSystem, now: datetime) -> None:
    made = services.create_blueprint(root, now=now, code="s", name="密")
    Blueprint.objects.filter(pk=made.pk).update(
        draft={
            "asks": [{"name": "p", "label": "口令", "secret": True}, {"name": "h", "label": "主机"}],
            "entries": [_entry("r", kind="redis", target="{h}:6379", params={"password": "{p}"})],
        }
    )
    services.publish(root, made.pk, now=now)
    services.apply(root, made.pk, now=now, system_id=system.pk, answers={"p": "hush-hush", "h": "192.0.2.3"})
    check = Check.objects.get()
    assert monitoring.sealed_names(check) == {"password"}
    kept = str(list(Placement.objects.values())) + str(list(PlacedCheck.objects.values()))
    assert "hush" not in kept + str(check.params)
    assert services.apply(root, made.pk, now=now, system_id=system.pk, answers={"h": "192.0.2.3"}) is None


def test_the_built_in_templates_are_sound_and_hold_all_items(root: Scope, now: datetime) -> None:
    assert services.ensure_blueprints(root, now=now) == len(builtin.built_in())
    assert services.ensure_blueprints(root, now=now) == 0
    platform = Blueprint.objects.get(code="gx-platform")
    items = {entry["item"] for entry in platform.draft["entries"]}
    assert {item.code for item in all_items()} <= items
    assert len(all_items()) == 23


def test_every_item_of_the_built_in_template_can_be_applied(
    root: Scope, system: MonitoredSystem, now: datetime
) -> None:
    services.ensure_blueprints(root, now=now)
    platform = Blueprint.objects.get(code="gx-platform")
    answers = {ask["name"]: ask["example"] or "x" for ask in platform.draft["asks"]}
    answers |= {name: "local" for name in answers if name.endswith(".host") and name.startswith("mj1")}
    services.apply(root, platform.pk, now=now, system_id=system.pk, answers=answers)
    made = set(Check.objects.filter(system=system).values_list("item", flat=True))
    assert made == {item.code for item in all_items()}
    assert Check.objects.filter(kind="manual", system=system).count() == 1
