"""Target databases: changed without showing a password, told to nobody else, tried, retired, looked after by few."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from taxops.engines.base import BadInput, Conflict, NotFound, Scope, Unavailable
from taxops.platform.audit.models import AuditEntry
from taxops.platform.casework import services as casework
from taxops.systems.operations.cases import queries, sealing, services
from taxops.systems.operations.cases.models import DataFixRun, DataTarget
from taxops.systems.operations.cases.rules import Address, parts_of
from taxops.systems.operations.cases.services import targets as room
from tests import factories
from tests.platform.casework.conftest import Desk

pytestmark = pytest.mark.same_everywhere
GOOD = Address("db.invalid", 5432, "core", "fix", "geheim")


@pytest.fixture
def lead(desk: Desk) -> Scope:
    person = factories.person("lead", desk.org, permissions=["cases.view", "cases.lead"])
    return factories.scope_of(person, desk.now)


@pytest.fixture
def target(desk: Desk, lead: Scope) -> DataTarget:
    return services.register_target(
        lead, now=desk.now, code="core", name="核心库", org_id=desk.org.pk,
        address="postgresql://fix:geheim@db.invalid:5432/core",
    )  # fmt: skip


def stored(target: DataTarget) -> Address:
    target.refresh_from_db()
    return parts_of(sealing.reveal(target.sealed, code=target.code))


def edit(desk: Desk, lead: Scope, target: DataTarget, **more: Any) -> DataTarget:
    how: dict[str, Any] = {"name": "核心库", "address": replace(GOOD, password=""), "row_limit": 1000, **more}
    return services.edit_target(lead, now=desk.now, pk=target.pk, **how)


def test_without_a_password_the_stored_one_stays(desk: Desk, lead: Scope, target: DataTarget) -> None:
    moved = replace(GOOD, database="征管", password="")
    edit(desk, lead, target, name="征管库", address=moved, row_limit=20)
    assert stored(target) == replace(moved, password="geheim")
    assert (target.name, target.row_limit) == ("征管库", 20)
    assert queries.parts_shown(target) == moved
    edit(desk, lead, target, address=replace(GOOD, host="db2.invalid", password="neu"))
    assert stored(target) == replace(GOOD, host="db2.invalid", password="neu")
    assert target.shown == "db2.invalid:5432/core"
    trail = "".join(str(e.before) + str(e.after) for e in AuditEntry.objects.filter(kind="datatarget"))
    assert "口令" in trail
    assert "geheim" not in trail + target.shown
    assert "neu" not in trail + target.shown


@pytest.mark.parametrize("change", [{"host": "evil.invalid"}, {"port": 5433}, {"user": "root"}], ids=str)
def test_a_stored_password_is_told_to_nobody_else(
    desk: Desk, lead: Scope, target: DataTarget, change: dict[str, Any]
) -> None:
    with pytest.raises(BadInput) as refused:
        edit(desk, lead, target, address=replace(GOOD, **{"password": "", **change}))
    assert refused.value.field == "password"
    assert stored(target) == GOOD


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"row_limit": 0}, {"address": replace(GOOD, host="a@b")}], ids=str
)
def test_bad_input_changes_nothing(
    desk: Desk, lead: Scope, target: DataTarget, wrong: dict[str, Any]
) -> None:
    with pytest.raises(BadInput):
        edit(desk, lead, target, **wrong)
    assert stored(target) == GOOD


def test_only_who_looks_after_it_may(desk: Desk, target: DataTarget) -> None:
    stranger = factories.scope_of(
        factories.person("far", desk.other, permissions=["cases.view", "cases.lead"]), desk.now
    )
    assert list(queries.list_targets(stranger)) == []
    for act in (
        lambda: edit(desk, stranger, target),
        lambda: services.retire_target(stranger, now=desk.now, pk=target.pk),
        lambda: services.try_target(stranger, now=desk.now, pk=target.pk),
        lambda: queries.get_target(stranger, target.pk),
    ):
        with pytest.raises(NotFound):
            act()


def test_a_trial_stays_in_the_trail_whatever_came_of_it(
    desk: Desk, lead: Scope, target: DataTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def look(address: str) -> str:
        asked.append(address)
        if len(asked) == 2:
            raise Unavailable("目标数据库连接不上。")
        return "PostgreSQL 18"

    monkeypatch.setattr(room, "look_at", look)
    assert services.try_target(lead, now=desk.now, pk=target.pk) == "PostgreSQL 18"
    with pytest.raises(Unavailable):
        services.try_target(lead, now=desk.now, pk=target.pk)
    assert asked == ["postgresql://fix:geheim@db.invalid:5432/core"] * 2
    assert AuditEntry.objects.filter(action="datatarget.try").count() == 2


def test_a_target_retires_only_when_nothing_is_unknown(desk: Desk, lead: Scope, target: DataTarget) -> None:
    form = {
        "title": "误作废",
        "description": "误报",
        "requester": "王五",
        "level": "normal",
        "system": "core",
    }
    case = casework.open_new(
        Scope.system("样例"), now=desk.now, type_code="datafix", org_id=desk.org.pk, data=form
    )
    run = DataFixRun.objects.create(
        case=case, target=target, state="started", script_hash="ab", started_at=desk.now
    )
    with pytest.raises(Conflict, match="没有结果"):
        services.retire_target(lead, now=desk.now, pk=target.pk)
    services.settle(lead, now=desk.now, run_id=run.pk, happened=False, note="查询 invoice，未改动")
    services.retire_target(lead, now=desk.now, pk=target.pk)
    with pytest.raises(Conflict, match="已经停用"):
        services.retire_target(lead, now=desk.now, pk=target.pk)
    services.retire_target(lead, now=desk.now, pk=target.pk, active=True)
    target.refresh_from_db()
    assert target.is_active
