"""Systems and checks by API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Field, Schema, Status
from ninja.pagination import LimitOffsetPagination, paginate

from taxops.engines.checks import check_kinds
from taxops.systems.operations.monitoring import queries, services
from taxops.systems.operations.monitoring.services import Definition
from taxops.systems.operations.monitoring.words import Severity, Zone

from .asking import asked
from .routers import monitoring


class SystemOut(Schema):
    """A watched system (监控系统)."""

    id: int
    code: str
    name: str
    org_code: str = Field(alias="org.code")
    org_name: str = Field(alias="org.name")
    severity: str
    state: str = Field(alias="shown")
    down_since: Any = None
    checks: int | None = Field(None, alias="n_checks")
    tree: dict[str, Any] | None = None
    version: int


class SystemIn(Schema):
    """A new system (新建监控系统)."""

    code: str
    name: str
    org_id: int
    severity: str = Severity.MAJOR.value
    description: str = ""
    service_note: str = ""
    asset_id: int | None = None


class TreeIn(Schema):
    """A health tree (健康树); null: any check that matters."""

    tree: dict[str, Any] | None = None
    version: int | None = None


class CheckIn(Schema):
    """A check's definition (检查项定义). Secret parameters that are left out keep their values."""

    system_id: int
    name: str
    kind: str
    target: str = ""
    params: dict[str, Any] = {}
    conditions: list[str] = []
    warnings: list[str] = []
    interval_s: float = 60
    retry_interval_s: float = 10
    timeout_s: float = 5
    confirm: int = 3
    recover: int = 2
    flap: bool = True
    flap_results: int = 20
    flap_high: int = 30
    flap_low: int = 20
    zone: str = Zone.INTRANET.value
    item: str = ""
    severity: str = Severity.MAJOR.value
    note: str = ""
    code: str = ""

    def definition(self) -> Definition:
        """Return it as the services take it."""
        values = self.dict()
        values.pop("system_id")
        return Definition(**values)


class CheckEdit(CheckIn):
    """A changed definition; `version` is the one that was read."""

    version: int | None = None

    def definition(self) -> Definition:
        """Return it as the services take it."""
        values = self.dict()
        for name in ("system_id", "version"):
            values.pop(name)
        return Definition(**values)


class CheckRow(Schema):
    """A check in a list (检查项)."""

    id: int
    code: str
    name: str
    system_id: int
    system_name: str = Field(alias="system.name")
    kind: str
    target: str
    zone: str
    item: str
    severity: str
    enabled: bool
    state: str = Field(alias="shown")
    message: str = Field(alias="state.message")
    last_at_ms: int = Field(alias="state.last_at_ms")
    duration_us: int = Field(alias="state.duration_us")
    version: int


class CheckFull(CheckRow):
    """A check with its definition; of secrets only the names."""

    definition: dict[str, Any]
    heartbeat_key: str | None = None


@monitoring.get("/kinds", summary="检查类型")
def kinds(request: HttpRequest) -> list[dict[str, object]]:
    """Return every kind of check with its parameters and facts."""
    asked(request).scope.require("monitoring.view")
    return [kind.as_dict() for _, kind in check_kinds.items()]


@monitoring.get("/systems", response=list[SystemOut], summary="监控系统")
@paginate(LimitOffsetPagination)
def systems(request: HttpRequest) -> Any:
    """Return the systems within the caller's range."""
    who = asked(request)
    who.scope.require("monitoring.view")
    return queries.list_systems(who.scope, who.now)


@monitoring.post("/systems", response={201: SystemOut}, summary="新建监控系统")
def new_system(request: HttpRequest, payload: SystemIn) -> Any:
    """Set up a system."""
    who = asked(request)
    made = services.create_system(who.scope, now=who.now, **payload.dict())
    return Status(201, queries.get_system(who.scope, who.now, made.pk))


@monitoring.get("/systems/{pk}", response=SystemOut, summary="一个监控系统")
def system(request: HttpRequest, pk: int) -> Any:
    """Return one system."""
    who = asked(request)
    who.scope.require("monitoring.view")
    return queries.get_system(who.scope, who.now, pk)


@monitoring.put("/systems/{pk}/tree", response=SystemOut, summary="定义健康树")
def tree(request: HttpRequest, pk: int, payload: TreeIn) -> Any:
    """Say when a system counts as down."""
    who = asked(request)
    services.define_tree(who.scope, pk, now=who.now, tree=payload.tree, version=payload.version)
    return queries.get_system(who.scope, who.now, pk)


@monitoring.get("/checks", response=list[CheckRow], summary="检查项")
@paginate(LimitOffsetPagination)
def checks(
    request: HttpRequest,
    state: str = "",
    kind: str = "",
    zone: str = "",
    item: str = "",
    system_id: int | None = None,
) -> Any:
    """Return the checks within the caller's range, worst first."""
    who = asked(request)
    who.scope.require("monitoring.view")
    rows = queries.list_checks(who.scope, who.now)
    wanted = {"shown": state, "kind": kind, "zone": zone, "item": item, "system_id": system_id}
    return rows.filter(**{name: value for name, value in wanted.items() if value not in {"", None}})


def _full(request: HttpRequest, pk: int) -> Any:
    who = asked(request)
    found: Any = queries.get_check(who.scope, who.now, pk)
    found.definition = services.shown_definition(found)
    if not who.scope.allows("monitoring.edit", found.system.org.path):
        found.heartbeat_key = None  # whoever knows it may report in the job's name
    return found


@monitoring.post("/checks", response={201: CheckFull}, summary="新建检查项")
def new_check(request: HttpRequest, payload: CheckIn) -> Any:
    """Set up a check."""
    who = asked(request)
    made = services.create_check(
        who.scope, now=who.now, system_id=payload.system_id, definition=payload.definition()
    )
    return Status(201, _full(request, made.pk))


@monitoring.get("/checks/{pk}", response=CheckFull, summary="一个检查项")
def check(request: HttpRequest, pk: int) -> Any:
    """Return one check with its definition."""
    asked(request).scope.require("monitoring.view")
    return _full(request, pk)


@monitoring.put("/checks/{pk}", response=CheckFull, summary="修改检查项")
def edit_check(request: HttpRequest, pk: int, payload: CheckEdit) -> Any:
    """Change a check; a `version` that is not the present one is a conflict."""
    who = asked(request)
    services.edit_check(
        who.scope,
        pk,
        now=who.now,
        definition=payload.definition(),
        system_id=payload.system_id,
        version=payload.version,
    )
    return _full(request, pk)


@monitoring.post("/checks/{pk}/enable", response=CheckFull, summary="启用检查项")
def enable(request: HttpRequest, pk: int) -> Any:
    """Switch a check on."""
    who = asked(request)
    services.switch_checks(who.scope, [pk], now=who.now, enabled=True)
    return _full(request, pk)


@monitoring.post("/checks/{pk}/disable", response=CheckFull, summary="停用检查项")
def disable(request: HttpRequest, pk: int) -> Any:
    """Switch a check off; an outage of it ends now."""
    who = asked(request)
    services.switch_checks(who.scope, [pk], now=who.now, enabled=False)
    return _full(request, pk)


@monitoring.delete("/checks/{pk}", response={204: None}, summary="归档检查项")
def archive(request: HttpRequest, pk: int) -> Any:
    """Take a check out of use; its history stays."""
    who = asked(request)
    services.archive_check(who.scope, pk, now=who.now)
    return Status(204, None)
