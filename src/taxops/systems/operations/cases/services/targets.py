"""Target databases (目标数据库): registered, changed, tried, retired; addresses sealed, no password shown. A01."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from taxops.engines.base import BadInput, Conflict, NotFound, Scope, Unavailable
from taxops.platform.audit import services as audit
from taxops.platform.identity.models import OrgUnit
from taxops.platform.identity.queries import within
from taxops.systems.operations.cases import rules, sealing
from taxops.systems.operations.cases.models import DataTarget

from .executing import look_at

LEAD = "cases.lead"
_MOST_ROWS = 1_000_000


def register_target(
    scope: Scope, *, now: datetime, code: str, name: str, org_id: int, address: str, row_limit: int = 1000
) -> DataTarget:
    """Register a database on which approved fixes may run (登记目标数据库); its address is sealed.

    Raises:
        NotPermitted: the actor does not lead there.
        BadInput: not a PostgreSQL address, or the code is taken.
    """
    org = OrgUnit.objects.filter(pk=org_id).first()
    if org is None:
        raise BadInput("没有这个机构。", field="org")
    scope.require(LEAD, org.path)
    if not address.startswith(("postgresql://", "postgres://")) or "@" not in address:
        raise BadInput(
            "目前只能登记 PostgreSQL 目标。", "写作 postgresql://用户:口令@主机:5432/库名。", field="address"
        )
    _limited(name, row_limit)
    if code == "manual" or DataTarget.objects.filter(code=code).exists():
        raise BadInput(f"目标代码「{code}」已被使用。", field="code")
    with transaction.atomic():
        target = DataTarget.objects.create(
            code=code,
            name=name.strip()[:80],
            org=org,
            shown=address.rsplit("@", 1)[1].split("?")[0][:200],
            sealed=sealing.close(address, code=code),
            row_limit=row_limit,
        )
        audit.record(
            scope, now=now, action="datatarget.register", kind="datatarget", object_id=target.pk, label=target.name,
            after={"code": code, "shown": target.shown, "row_limit": row_limit}, org_path=org.path,
        )  # fmt: skip
    return target


def _limited(name: str, row_limit: int) -> None:
    if not name.strip():
        raise BadInput("请填写名称。", field="name")
    if not 1 <= row_limit <= _MOST_ROWS:
        raise BadInput(f"行数上限应在 1 到 {_MOST_ROWS} 之间。", field="row_limit")


def _locked(scope: Scope, pk: int) -> DataTarget:
    found = (
        DataTarget.objects.select_for_update(of=("self",))
        .select_related("org")
        .filter(within(scope, LEAD), pk=pk)
        .first()
    )
    if found is None:
        raise NotFound("没有这个目标数据库，或它不归您管理。", "请从列表进入。")
    return found


def edit_target(
    scope: Scope, *, now: datetime, pk: int, name: str, address: rules.Address, row_limit: int
) -> DataTarget:
    """Change a target (修改目标数据库). Without a password the stored one stays, but only for the same server and user.

    Raises:
        NotFound: none that the actor looks after.
        BadInput: parts that cannot be; a server or user that changed without its password.
    """
    _limited(name, row_limit)
    with transaction.atomic():
        target = _locked(scope, pk)
        before = {"name": target.name, "shown": target.shown, "row_limit": target.row_limit}
        kept = rules.parts_of(sealing.reveal(target.sealed, code=target.code))
        if not address.password:
            if address.place != kept.place:
                raise BadInput(
                    "主机、端口或用户改变时要重新填写口令。",
                    "已存的口令不会发给另一台主机。",
                    field="password",
                )
            address = replace(address, password=kept.password)
        if address != kept:
            text = rules.address_of(address)
            target.sealed = sealing.close(text, code=target.code)
            target.shown = text.rsplit("@", 1)[1][:200]
        target.name, target.row_limit = name.strip()[:80], row_limit
        target.save(update_fields=["sealed", "shown", "name", "row_limit"])
        after = {"name": target.name, "shown": target.shown, "row_limit": target.row_limit}
        if address.password != kept.password:
            after["口令"] = "已更换"
        audit.record(
            scope, now=now, action="datatarget.edit", kind="datatarget", object_id=pk, label=target.name,
            before=before, after=after, org_path=target.org.path,
        )  # fmt: skip
    return target


def retire_target(scope: Scope, *, now: datetime, pk: int, active: bool = False) -> DataTarget:
    """Take a target out of use (停用), or back into use (启用); its executions stay.

    Raises:
        NotFound: none that the actor looks after.
        Conflict: an execution on it has no known outcome yet, or it is so already.
    """
    with transaction.atomic():
        target = _locked(scope, pk)
        if target.is_active == active:
            raise Conflict(f"目标数据库已经{'启用' if active else '停用'}。", "请刷新页面。")
        if not active and target.runs.filter(state="started").exists():
            raise Conflict("它有一次执行还没有结果，不能停用。", "请先核对并登记结果。")
        target.is_active = active
        target.save(update_fields=["is_active"])
        audit.record(
            scope, now=now, action="datatarget.restore" if active else "datatarget.retire", kind="datatarget",
            object_id=pk, label=target.name, before={"is_active": not active}, after={"is_active": active},
            org_path=target.org.path,
        )  # fmt: skip
    return target


def try_target(scope: Scope, *, now: datetime, pk: int) -> str:
    """Connect to a target and read who and what it is (测试连接); nothing is written there. Return it in words.

    Raises:
        NotFound: none that the actor looks after.
        Unavailable: it cannot be reached or does not let us in; the attempt stays in the trail.
    """
    with transaction.atomic():
        target = _locked(scope, pk)
    address = sealing.reveal(target.sealed, code=target.code)
    words, problem = "", None
    try:
        words = look_at(address)
    except Unavailable as error:
        problem = error
    audit.record(
        scope, now=now, action="datatarget.try", kind="datatarget", object_id=pk, label=target.name,
        after={"result": words or str(problem)[:300]}, org_path=target.org.path,
    )  # fmt: skip
    if problem is not None:
        raise problem
    return words
