"""A data fix on a real PostgreSQL: refused in each of its six wrong ways, done in the right one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope, TaxopsError, Unavailable
from taxops.platform.casework.models import Case
from taxops.platform.identity.models import Person, RoleAssignment
from taxops.project.embedded import start
from taxops.systems.operations.cases import sealing, services
from taxops.systems.operations.cases.models import DataFixRun, DataTarget
from tests import factories
from tests.platform.casework.conftest import Desk

pytestmark = pytest.mark.same_everywhere
SYSTEM = Scope.system("样例")
SCRIPT = "UPDATE invoice SET state = '作废' WHERE taxpayer = '甲'"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a PostgreSQL that is not ours."""
    found = start(Path(tmp_path_factory.mktemp("target")))
    try:
        yield found.url("postgres").replace("postgres@", "postgres:none@")
    finally:
        found.stop()


@pytest.fixture
def address(server: str) -> str:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS invoice; DROP TABLE IF EXISTS loose")
        connection.execute(
            "CREATE TABLE invoice (id int PRIMARY KEY, taxpayer text, state text, made date, tags int[])"
        )
        connection.execute(
            "INSERT INTO invoice VALUES (1, '甲', '正常', '2026-01-01', '{1,2}'),"
            "(2, '甲', '正常', NULL, NULL), (3, '乙', '正常', NULL, NULL)"
        )
        connection.execute("CREATE TABLE loose (a int); INSERT INTO loose VALUES (1)")
    return server


def rows(address: str, what: str = "SELECT id, state FROM invoice ORDER BY id") -> list[Any]:
    with psycopg.connect(address) as connection:
        return connection.execute(what).fetchall()


UNTOUCHED = [(1, "正常"), (2, "正常"), (3, "正常")]


class Fix:
    """A data fix on its way, with everybody it takes."""

    def __init__(self, desk: Desk, address: str, script: str = SCRIPT, **more: Any) -> None:
        self.desk = desk
        self.eve = factories.person("eve", desk.org, permissions=["cases.view", "cases.execute"])
        self.second = factories.person(
            "second", desk.org, permissions=["cases.view", "cases.handle", "cases.second"]
        )
        services.register_target(
            SYSTEM, now=desk.now, code="core", name="核心库", org_id=desk.org.pk, address=address
        )
        begins = int((desk.now + timedelta(hours=1)).timestamp())
        self.inside = desk.now + timedelta(hours=1, minutes=5)
        case = desk.opened(
            desk.officer, type_code="datafix",
            form={"title": "发票状态", "description": "误报", "requester": "王五", "level": "normal", "system": "core"},
        )  # fmt: skip
        desk.take(case, "accept")
        self.form = {
            "target": "core", "script": script, "tables": more.get("tables", "invoice"), "expected_rows": 2,
            "row_limit": more.get("limit", 10), "window_start": begins, "window_end": begins + 3600,
        }  # fmt: skip
        self.case = desk.take(case, "draft", **self.form)

    def review(self) -> Fix:
        self.desk.take(self.case, "review", self.second, review_note="条件正确")
        return self

    def approve(self, who: Person | None = None) -> Fix:
        self.case = self.desk.take(self.case, "approve", who or self.desk.boss)
        return self

    def execute(self, who: Person | None = None, at: Any = None) -> Case:
        now = at or self.inside
        return services.execute(self.desk.scope(who or self.eve, now), now=now, case_id=self.case.pk)


def test_the_right_way(desk: Desk, address: str) -> None:
    fix = Fix(desk, address).review().approve()
    case = fix.execute()
    assert rows(address) == [(1, "作废"), (2, "作废"), (3, "正常")]
    assert (case.state, case.data["affected"]) == ("executed", 2)
    run = DataFixRun.objects.get()
    assert (run.state, run.affected, run.counts) == ("done", 2, {"invoice": [3, 3]})
    assert [r["state"] for r in run.before] == ["正常", "正常"]
    assert [r["state"] for r in run.after] == ["作废", "作废"]
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(run.inverse.encode())
    assert rows(address) == UNTOUCHED, "the saved inverse restores it"
    with pytest.raises(Conflict):
        fix.execute()
    later = fix.inside + timedelta(minutes=5)
    with pytest.raises(NotPermitted):
        desk.take(case, "verify", fix.eve, now=later, verified_by_query="x")
    assert desk.take(case, "verify", now=later, verified_by_query="select …：2 行").state == "resolved"


def test_wrong_1_approval_by_the_requester(desk: Desk, address: str) -> None:
    fix = Fix(desk, address).review()
    factories.grant(desk.officer, factories.role("also", ["cases.approve", "cases.view"]), desk.org)
    with pytest.raises(NotPermitted, match="发起的人"):
        fix.approve(desk.officer)


def test_wrong_2_execution_by_the_approver(desk: Desk, address: str) -> None:
    fix = Fix(desk, address).review().approve()
    factories.grant(desk.boss, factories.role("also", ["cases.execute"]), desk.org)
    with pytest.raises(NotPermitted, match="局方批准的人"):
        fix.execute(desk.boss)
    assert rows(address) == UNTOUCHED


def test_wrong_3_the_script_changed_after_approval(desk: Desk, address: str) -> None:
    fix = Fix(desk, address).review().approve()
    changed = {k: fix.form[k] for k in ("script", "row_limit", "window_start", "window_end")}
    desk.take(fix.case, "amend", **{**changed, "script": SCRIPT + " OR id = 3", "why": "补一条"})
    with pytest.raises(Conflict, match="失效"):
        fix.execute()
    assert rows(address) == UNTOUCHED


def test_wrong_4_outside_the_window(desk: Desk, address: str) -> None:
    fix = Fix(desk, address).review().approve()
    for when in (desk.now + timedelta(minutes=59), desk.now + timedelta(hours=2)):
        with pytest.raises(Conflict, match="窗口"):
            fix.execute(at=when)
    assert rows(address) == UNTOUCHED


def test_wrong_5_more_rows_than_the_limit(desk: Desk, address: str) -> None:
    fix = Fix(desk, address, limit=1).review().approve()
    with pytest.raises(Conflict, match="上限 1 行"):
        fix.execute()
    assert rows(address) == UNTOUCHED
    run = DataFixRun.objects.get()
    assert (run.state, Case.objects.get().state) == ("failed", "approved")


def test_wrong_6_a_role_that_has_ended(desk: Desk, address: str) -> None:
    fix = Fix(desk, address).review().approve()
    stale = desk.scope(fix.eve)
    RoleAssignment.objects.filter(person=fix.eve).update(valid_to=desk.now + timedelta(minutes=30))
    with pytest.raises(NotPermitted, match="到期"):
        services.execute(stale, now=fix.inside, case_id=fix.case.pk)
    assert rows(address) == UNTOUCHED


def test_the_step_cannot_be_taken_without_executing(desk: Desk, address: str) -> None:
    fix = Fix(desk, address).review().approve()
    with pytest.raises(NotPermitted, match="按钮"):
        desk.take(fix.case, "execute", fix.eve, now=fix.inside, affected=2, evidence="我说的")


@pytest.mark.parametrize(
    ("script", "tables", "error"),
    [
        ("UPDATE loose SET a = 2 WHERE a = 1", "loose", Conflict),
        ("UPDATE invoice SET id = 9 WHERE id = 1", "invoice", Conflict),
        ("UPDATE invoice SET nothing = 1 WHERE id = 1", "invoice", BadInput),
        ("UPDATE invoice SET state = 'x' WHERE id = 1; DELETE FROM loose WHERE a = 1", "invoice", BadInput),
        ("UPDATE invoice SET state = '' WHERE id = 1; UPDATE invoice SET made = '' WHERE id = 2", "invoice", BadInput),
    ],
)  # fmt: skip
def test_what_cannot_be_undone_is_not_begun(
    desk: Desk, address: str, script: str, tables: str, error: type[TaxopsError]
) -> None:
    fix = Fix(desk, address, script, tables=tables).review().approve()
    with pytest.raises(error):
        fix.execute()
    assert rows(address) == UNTOUCHED
    assert rows(address, "SELECT a FROM loose") == [(1,)]


def test_inserts_and_deletes_are_undone_too(desk: Desk, address: str) -> None:
    script = "DELETE FROM invoice WHERE id = 1; INSERT INTO invoice (id, taxpayer, state) VALUES (7, '丙''', '正常')"
    fix = Fix(desk, address, script).review().approve()
    fix.execute()
    run = DataFixRun.objects.get()
    assert (run.affected, run.counts) == (2, {"invoice": [3, 3]})
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(run.inverse.encode())
    whole = rows(address, "SELECT * FROM invoice ORDER BY id")
    assert [r[0] for r in whole] == [1, 2, 3]
    assert whole[0][4] == [1, 2]


def test_a_run_that_was_cut_off_blocks_until_somebody_has_looked(desk: Desk, address: str) -> None:
    fix = Fix(desk, address).review().approve()
    target = DataTarget.objects.get()
    run = DataFixRun.objects.create(
        case=fix.case, target=target, state="started", script_hash="x", started_at=fix.inside
    )
    with pytest.raises(Conflict, match="没有结果"):
        fix.execute()
    with pytest.raises(BadInput):
        services.settle(SYSTEM, now=fix.inside, run_id=run.pk, happened=False, note=" ")
    services.settle(SYSTEM, now=fix.inside, run_id=run.pk, happened=False, note="目标库未改动")
    assert fix.execute().state == "executed"


def test_a_run_that_did_happen_cannot_happen_again(desk: Desk, address: str) -> None:
    fix = Fix(desk, address).review().approve()
    run = DataFixRun.objects.create(
        case=fix.case,
        target=DataTarget.objects.get(),
        state="started",
        script_hash="x",
        started_at=fix.inside,
    )
    how: dict[str, Any] = {"now": fix.inside, "run_id": run.pk, "happened": True, "note": "查询到 2 行已作废"}
    with pytest.raises(BadInput) as refused:
        services.settle(SYSTEM, **how)
    assert refused.value.field == "affected"
    with pytest.raises(NotPermitted, match="核对结果"):
        desk.take(fix.case, "settle", _lead(desk), now=fix.inside, affected=2, evidence="没有核对")
    services.settle(desk.scope(_lead(desk)), **how, affected=2)
    case = Case.objects.get(pk=fix.case.pk)
    assert (case.state, case.data["affected"]) == ("executed", 2)
    with pytest.raises(Conflict):
        fix.execute()
    with pytest.raises(NotFound):
        services.settle(SYSTEM, **how, affected=2)
    assert rows(address) == UNTOUCHED, "the platform itself did nothing"


def _lead(desk: Desk) -> Person:
    found = Person.objects.filter(username="lead").first()
    return found or factories.person("lead", desk.org, permissions=["cases.view", "cases.lead"])


def test_a_trial_says_who_and_what_is_there(desk: Desk, address: str) -> None:
    Fix(desk, address)
    target = DataTarget.objects.get()
    words = services.try_target(SYSTEM, now=desk.now, pk=target.pk)
    assert words.startswith("PostgreSQL ")
    assert words.endswith("可读写")
    sealed = sealing.close(address.replace("/postgres", "/nowhere"), code=target.code)
    DataTarget.objects.update(sealed=sealed)
    with pytest.raises(Unavailable, match="连接不上"):
        services.try_target(SYSTEM, now=desk.now, pk=target.pk)


def test_a_target_that_is_away_or_unknown(desk: Desk, address: str) -> None:
    fix = Fix(desk, address).review().approve()
    DataTarget.objects.update(is_active=False)
    with pytest.raises(NotFound):
        fix.execute()


def test_addresses_are_sealed(desk: Desk, address: str) -> None:
    Fix(desk, address)
    target = DataTarget.objects.get()
    assert "none@" not in target.sealed + target.shown
    assert "@" not in target.shown
    for wrong in ("mysql://a@b/c", "postgresql://nothing"):
        with pytest.raises(BadInput):
            services.register_target(
                SYSTEM, now=desk.now, code="x", name="x", org_id=desk.org.pk, address=wrong
            )
    with pytest.raises(NotPermitted):
        services.register_target(
            desk.scope(desk.ann), now=desk.now, code="x", name="x", org_id=desk.org.pk, address=address
        )
