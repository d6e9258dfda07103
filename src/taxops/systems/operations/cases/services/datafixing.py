"""Data fixes (数据修改): approved scripts executed once, by another person, in their window. A01.

Order of an execution: the run is written down; the script runs on the target, uncommitted; the case takes its
step with what was counted; the target commits; the case commits. A process killed between the last two leaves a
run that says 已开始 and nothing can run again until somebody has looked (`settle`).
"""

from __future__ import annotations

import json
from datetime import datetime

from django.db import IntegrityError, transaction

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope, TaxopsError
from taxops.engines.cases import Event, digest_of
from taxops.platform.audit import services as audit
from taxops.platform.casework import queries as casework
from taxops.platform.casework import services
from taxops.platform.casework.models import Case
from taxops.platform.identity.queries import within
from taxops.systems.operations.cases import sealing
from taxops.systems.operations.cases.models import DataFixRun, DataTarget

from .executing import Execution, Outcome
from .scripts import read_script

LEAD = "cases.lead"
COVERED = ("target", "script", "tables", "row_limit")
_KEPT_ROWS = 200


def execute(scope: Scope, *, now: datetime, case_id: int, version: int | None = None) -> Case:
    """Execute an approved data fix on its target and take the case's step (执行数据修改).

    Raises:
        NotFound: no such case or target within the scope.
        NotPermitted: not an executor, the approver or author himself, or the role has ended.
        Conflict: not approved, the approval void, outside the window, more rows than allowed, a run that
            nobody has settled.
        BadInput: a script that the platform does not run.
    """
    case = casework.get(scope, case_id)
    target = DataTarget.objects.filter(code=str(case.data.get("target", "")), is_active=True).first()
    if target is None or not case.org.path.startswith(target.org.path):
        raise NotFound(
            "没有登记这个目标数据库，平台不能执行。", "请由执行人手工执行后登记结果，或先登记目标。"
        )
    services.rehearse(scope, now=now, case_id=case_id, step="execute", data=_said(Outcome()), version=version)
    run = _begin(scope, case, target, now)
    work: Execution | None = None
    try:
        tables = [
            name.strip() for name in str(case.data["tables"]).replace("，", ",").split(",") if name.strip()
        ]
        statements = read_script(str(case.data["script"]), tables)
        limit = min(int(case.data["row_limit"]), target.row_limit)
        work = Execution(sealing.reveal(target.sealed, code=target.code))
        outcome = work.run(statements, tables, limit)
        with transaction.atomic():
            _finish(run, outcome, now)
            done = services.take(
                scope, now=now, case_id=case_id, step="execute", data=_said(outcome), version=case.version,
                key=f"run-{run.pk}",
            )  # fmt: skip
            work.commit()
    except TaxopsError as error:
        _fail(run, str(error), now, work)
        raise
    except Exception as error:
        _fail(run, f"{type(error).__name__}：{error}", now, work)
        raise
    return done


def _said(outcome: Outcome) -> dict[str, object]:
    """Return what the case keeps of an execution."""
    lines = [f"{table}：{before} 行 → {after} 行" for table, (before, after) in outcome.counts.items()]
    rows = {"执行前": outcome.before[:_KEPT_ROWS], "执行后": outcome.after[:_KEPT_ROWS]}
    text = "\n".join([*lines, json.dumps(rows, ensure_ascii=False)])
    return {
        "affected": outcome.affected,
        "evidence": text[:19000],
        "inverse": ";\n".join(outcome.inverse)[:19000] or None,
    }


def _begin(scope: Scope, case: Case, target: DataTarget, now: datetime) -> DataFixRun:
    try:
        with transaction.atomic():
            return DataFixRun.objects.create(
                case=case, target=target, state="started", actor_id=scope.actor_id, started_at=now,
                script_hash=digest_of(COVERED, case.data),
            )  # fmt: skip
    except IntegrityError:
        raise Conflict(
            "这份脚本有一次执行没有结果。", "请先到目标数据库核对，再由项目经理登记核对结果。"
        ) from None


def _finish(run: DataFixRun, outcome: Outcome, now: datetime) -> None:
    run.state, run.finished_at, run.affected, run.counts = "done", now, outcome.affected, outcome.counts
    run.before, run.after = outcome.before, outcome.after
    run.inverse = ";\n".join(outcome.inverse)
    run.save()


def _fail(run: DataFixRun, why: str, now: datetime, work: Execution | None) -> None:
    """Take everything back and write down why."""
    if work is not None:
        work.abandon()
    DataFixRun.objects.filter(pk=run.pk).update(state="failed", finished_at=now, problem=why[:500])


def settle(
    scope: Scope, *, now: datetime, run_id: int, happened: bool, note: str, affected: int | None = None
) -> DataFixRun:
    """Write down what became of a run that was cut off (登记核对结果), after looking at the target.

    When it did happen the case takes its step with it, so that the same script cannot run a second time.

    Args:
        affected: rows that the run changed; needed when it happened.

    Raises:
        NotFound: no such run, or it is settled.
        NotPermitted: the actor does not lead there, or is the one who approved or wrote the script.
        BadInput: no note, or no number of rows.
    """
    note = note.strip()
    if not note:
        raise BadInput("请写明核对的依据。", field="note")
    if happened and (affected is None or affected < 0):
        raise BadInput("请填写目标库里实际改动的行数。", field="affected")
    with transaction.atomic():
        run = (
            DataFixRun.objects.select_for_update(of=("self",))
            .select_related("target__org", "case")
            .filter(within(scope, LEAD, "target__org__path"), pk=run_id, state="started")
            .first()
        )
        if run is None:
            raise NotFound("没有待核对的执行。", "请刷新页面。")
        scope.require(LEAD, run.target.org.path)
        run.state, run.finished_at = ("happened" if happened else "failed"), now
        run.problem = f"核对：{note}"[:500]
        run.affected = affected if happened else None
        run.save(update_fields=["state", "finished_at", "problem", "affected"])
        if happened:
            services.take(
                scope, now=now, case_id=run.case_id, step="settle",
                data={"affected": affected, "evidence": f"核对：{note}"[:19000]}, key=f"settle-{run.pk}",
            )  # fmt: skip
        audit.record(
            scope, now=now, action="datafix.settle", kind="datafix", object_id=run.pk, label=str(run.case),
            after={"happened": happened, "affected": affected, "note": note[:200]}, org_path=run.target.org.path,
        )  # fmt: skip
    return run


def guard_settled(scope: Scope, case: Case, event: Event, now: datetime) -> None:  # noqa: ARG001
    """Refuse the step "settle" when no settled run stands behind it.

    Raises:
        NotPermitted: somebody takes the step without having settled anything.
    """
    run = DataFixRun.objects.filter(case=case, state="happened").order_by("-pk").first()
    if run is None or event.key != f"settle-{run.pk}":
        raise NotPermitted("核对结果只能在「数据修改执行」页面登记。", "请从目标数据库的执行记录进入。")


def guard(scope: Scope, case: Case, event: Event, now: datetime) -> None:  # noqa: ARG001
    """Refuse the step "execute" when no run stands behind it (没有执行不能登记为平台执行).

    Raises:
        NotPermitted: somebody takes the step without having executed anything.
    """
    run = DataFixRun.objects.filter(case=case, state="done", actor_id=scope.actor_id).order_by("-pk").first()
    if run is None or event.key != f"run-{run.pk}":
        raise NotPermitted("平台执行只能由「执行」按钮完成。", "请使用执行数据修改。")
