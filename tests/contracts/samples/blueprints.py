"""Samples of templates: the content is everybody's; where they are applied is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.blueprints import services
from taxops.systems.operations.blueprints.models import Blueprint, Rollout
from tests.contracts.samples import World, rows, sample
from tests.contracts.samples.monitoring import SYSTEM, make_system

SHARED = "模板内容不属于任何机构；套用到系统时另行检查范围"


def make_blueprint(world: World) -> Blueprint:
    number = Blueprint.objects.count()
    made = services.create_blueprint(SYSTEM, now=world.now, code=f"t{number}", name=f"模板{number}")
    entry = {"key": "page", "name": "首页", "kind": "http", "target": "http://127.0.0.1:9/", "role": "must"}
    services.save_entry(SYSTEM, made.pk, now=world.now, key="page", entry=entry)
    services.publish(SYSTEM, made.pk, now=world.now)
    return Blueprint.objects.get(pk=made.pk)


@rows("blueprints", shared=SHARED)
def blueprints(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_blueprint(world)


@sample(
    "blueprint", "blueprint-entry-new", "blueprint-ask-new", "blueprint-publish", "blueprint-apply",
    "blueprint-update", shared=SHARED, extra=["monitoring.view"],
)  # fmt: skip
def blueprint(world: World, org: OrgUnit) -> Mapping[str, Any]:
    made = make_blueprint(world)
    services.apply(SYSTEM, made.pk, now=world.now, system_id=make_system(world, org).pk)
    return {"pk": made.pk}


@sample("blueprint-entry", "blueprint-entry-remove", shared=SHARED, extra=["monitoring.view"])
def entry(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_blueprint(world).pk, "key": "page"}


@sample("blueprint-ask", "blueprint-ask-remove", shared=SHARED, extra=["monitoring.view"])
def ask(world: World, org: OrgUnit) -> Mapping[str, Any]:
    made = make_blueprint(world)
    one = {"name": "front", "label": "前置地址", "example": "192.0.2.1:80", "group": "", "secret": False}
    services.save_ask(SYSTEM, made.pk, now=world.now, name="front", ask=one)
    return {"pk": made.pk, "ask": "front"}


@sample("blueprint-undo", extra=["monitoring.view"])
def rollout(world: World, org: OrgUnit) -> Mapping[str, Any]:
    made = make_blueprint(world)
    done = services.apply(SYSTEM, made.pk, now=world.now, system_id=make_system(world, org).pk)
    assert isinstance(done, Rollout)
    return {"pk": done.pk}
