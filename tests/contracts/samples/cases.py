"""Samples of cases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from taxops.engines.base import Scope
from taxops.platform.casework import services
from taxops.platform.casework.models import Case
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.cases import services as room
from tests.contracts.samples import World, rows, sample

SYSTEM = Scope.system("样例")


def make_case(world: World, org: OrgUnit, kind: str = "question") -> Case:
    case = services.open_new(
        SYSTEM,
        now=world.now - timedelta(hours=1),
        type_code="request",
        org_id=org.pk,
        data={
            "title": "无法打印发票", "requester": "张三", "channel": "phone", "level": "normal", "kind": kind,
            "description": "点击打印没有反应",
        },
    )  # fmt: skip
    services.take(SYSTEM, now=world.now, case_id=case.pk, step="accept")
    return services.comment(SYSTEM, now=world.now, case_id=case.pk, text="已电话联系")


@rows("cases-list")
def cases(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_case(world, org)


@rows("cases-mine", extra=["cases.handle", "cases.view"])
def mine(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_case(world, org)


@sample("cases-open", extra=["cases.handle"], shared="a type belongs to nobody's area")
def kind(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"code": "request"}


@sample(
    "cases-case", "cases-assign", "cases-comment", "cases-attach", "cases-link", "cases-watch",
    extra=["cases.view", "cases.handle"],
)  # fmt: skip
def case(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_case(world, org).pk}


@sample("cases-step", extra=["cases.view", "cases.handle"])
def step(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_case(world, org).pk, "step": "respond"}


@sample("cases-execute", extra=["cases.view"])
def execute(world: World, org: OrgUnit) -> Mapping[str, Any]:
    case = services.open_new(
        SYSTEM, now=world.now, type_code="datafix", org_id=org.pk,
        data={
            "title": "发票状态", "description": "误报", "requester": "王五", "level": "normal", "system": "core",
        },
    )  # fmt: skip
    return {"pk": case.pk}


@sample("cases-report", extra=["cases.view"])
def report(world: World, org: OrgUnit) -> Mapping[str, Any]:
    form = {"title": "nginx 中断", "requester": "监控", "channel": "monitoring", "level": "L1"}
    early = world.now - timedelta(hours=1)
    case = services.open_new(SYSTEM, now=early, type_code="incident", org_id=org.pk, data=form)
    told = {
        "accept": {}, "restore": {"how_restored": "重启"}, "resolve": {"report_cause": "缺陷", "responsible": "own"},
        "report": {"report_what": "一", "report_cause": "二", "report_handling": "三", "report_prevention": "四"},
    }  # fmt: skip
    for step, data in told.items():
        services.take(SYSTEM, now=early, case_id=case.pk, step=step, data=data)
    return {"pk": case.pk, "form": "docx"}


@sample("cases-paper", extra=["cases.view"])
def paper(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {**report(world, org), "paper": "report"}


@sample("cases-analysis", extra=["cases.view", "cases.handle"])
def analysis(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": report(world, org)["pk"]}


@sample("cases-analysis-file", extra=["cases.view"])
def analysis_file(world: World, org: OrgUnit) -> Mapping[str, Any]:
    found = report(world, org)
    words = {"phenomenon": "一", "analysis": "二", "solution": "三", "advice": "四"}
    room.write_analysis(SYSTEM, now=world.now, case_id=found["pk"], parts=words)
    return {**found, "version": 1, "form": "pdf"}
