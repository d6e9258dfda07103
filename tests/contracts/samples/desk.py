"""Samples of the desk: canned answers, conferences, field cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taxops.engines.base import Scope
from taxops.platform.casework import services as casework
from taxops.platform.casework.models import Case
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.desk import services
from taxops.systems.operations.desk.models import Conference
from tests.contracts.samples import World, rows, sample

SYSTEM = Scope.system("样例")


def make_case(world: World, org: OrgUnit, type_code: str = "request") -> Case:
    values = {
        "type_code": type_code, "title": "叫号机黑屏", "requester": "厅", "contact": "1", "description": "无显示",
        "channel": "phone", "hall": "南关厅",
    }  # fmt: skip
    key = f"sample-{Case.objects.count():08d}"
    return services.receive(SYSTEM, now=world.now, values=values, org_id=org.pk, key=key)


@rows("desk-queues")
def queues(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_case(world, org)


@rows("desk-answers")
def answers(world: World, org: OrgUnit, count: int) -> None:
    for number in range(count):
        services.save_answer(SYSTEM, now=world.now, title=f"答复{number}", body="请重启", org_id=org.pk)


@rows("desk-conferences")
def conferences(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        Conference.objects.create(
            case=make_case(world, org),
            held_at=world.now,
            experts="甲、乙",
            opinions="丙",
            conclusion="丁",
            recorded_at=world.now,
        )


@sample("desk-answer-edit", "desk-answer-archive")
def answer(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": services.save_answer(SYSTEM, now=world.now, title="答复", body="请重启", org_id=org.pk).pk}


@sample("desk-pick", "desk-hand", "desk-join", "desk-conference-new", extra=["cases.view"])
def case(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_case(world, org).pk}


@sample("desk-field-case", extra=["cases.view"])
def field_case(world: World, org: OrgUnit) -> Mapping[str, Any]:
    made = make_case(world, org, "field")
    for step, data in (("accept", {}), ("dispatch", {"remote_result": "无效", "engineer": "甲"})):
        casework.take(SYSTEM, now=world.now, case_id=made.pk, step=step, data=data)
    return {"pk": made.pk}
