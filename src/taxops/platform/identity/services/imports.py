"""Importing the organisation tree (机构导入): first look, then do; one bad row and nothing is stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from taxops.engines.base import CHINA, BadInput, RowProblem, Scope, TooLarge
from taxops.platform.audit.services import record
from taxops.platform.identity import rules
from taxops.platform.identity.models import OrgChange, OrgChangeKind, OrgUnit
from taxops.platform.identity.rules import ImportPlan, ImportRow, OrgFacts, PlannedOrg
from taxops.platform.identity.rules.imports import MAX_ROWS

from . import trail
from .organisations import PERMISSION, locked_tree


def numbered(rows: Iterable[Mapping[str, str]]) -> list[ImportRow]:
    """Return table rows as this import takes them; a row without its own `number` is counted, header first."""
    return [ImportRow(getattr(row, "number", place), row) for place, row in enumerate(rows, start=2)]


def import_row(number: int, cells: Mapping[str, str]) -> ImportRow:
    """Return one table row as this import takes it."""
    return ImportRow(number, cells)


def _existing() -> dict[str, OrgFacts]:
    return {
        unit.code: OrgFacts(
            unit.code,
            unit.name,
            unit.level,
            unit.parent.code if unit.parent else None,
            unit.valid_from,
            unit.valid_to,
            unit.short_name,
        )
        for unit in OrgUnit.objects.select_related("parent")
    }


def preview_org_import(scope: Scope, rows: Sequence[ImportRow], *, now: datetime) -> ImportPlan:
    """Return what importing the rows would do (导入预览), with every row's problems; stores nothing.

    Raises:
        NotPermitted: the actor may not change organisations anywhere.
        BadInput: there is no row.
        TooLarge: there are too many.
    """
    scope.require(PERMISSION)
    if not rows:
        raise BadInput("表格里没有数据行。", "请在表头之下填写机构，每行一个。")
    if len(rows) > MAX_ROWS:
        raise TooLarge(f"表格有 {len(rows)} 行，一次最多导入 {MAX_ROWS} 行。", "请拆分成几个文件，分次导入。")
    plan = rules.plan_import(rows, _existing(), now.astimezone(CHINA).date())
    if not plan.problems:
        plan.problems.extend(_out_of_scope(scope, plan))
    return plan


def _out_of_scope(scope: Scope, plan: ImportPlan) -> Iterable[RowProblem]:
    """Yield a problem for each row that touches what the actor may not change (越权)."""
    paths = dict(OrgUnit.objects.values_list("code", "path"))
    added = {entry.after.code: entry.after for entry in plan.added}
    for entry in [*plan.added, *plan.changed, *plan.moved]:
        touched = [paths[entry.after.code]] if entry.before is not None else []
        if entry.before is None or entry.is_moved:
            parent = entry.after.parent
            while parent in added:
                parent = added[parent].parent
            touched.append(paths[parent] if parent else "")
        if not all(scope.allows(PERMISSION, path) for path in touched):
            yield RowProblem(entry.row, "机构代码", f"机构 {entry.after.code} 不在您的管理范围内。")


@transaction.atomic
def import_orgs(scope: Scope, rows: Sequence[ImportRow], *, now: datetime) -> ImportPlan:
    """Store what the rows say (机构导入): all of them, or none when any is bad.

    Raises:
        NotPermitted: the actor may not change organisations anywhere.
        BadInput: rows are bad; the error carries each one's problem.
        TooLarge: too many rows.
    """
    locked_tree()
    plan = preview_org_import(scope, rows, now=now)
    if plan.problems:
        raise BadInput(
            f"有 {len({problem.row for problem in plan.problems})} 行不能导入，未保存任何数据。",
            "请按下列提示修改后重新上传。",
            problems=plan.problems,
        )
    units = {unit.code: unit for unit in OrgUnit.objects.select_related("parent")}
    before = {code: trail.org_values(unit) for code, unit in units.items()}
    _insert(plan.added, units)
    _update([*plan.changed, *plan.moved], units)
    _place(units)
    _write_history(scope, now, plan, units, before)
    return plan


def _insert(added: Sequence[PlannedOrg], units: dict[str, OrgUnit]) -> None:
    """Store new units level by level, parents first, so that each knows its parent's id."""
    rest = list(added)
    while rest:
        ready = [entry for entry in rest if entry.after.parent is None or entry.after.parent in units]
        made = [_unit(entry.after, units) for entry in ready]
        OrgUnit.objects.bulk_create(made, batch_size=500)
        units.update({unit.code: unit for unit in made})
        rest = [entry for entry in rest if entry.after.code not in units]


def _unit(facts: OrgFacts, units: Mapping[str, OrgUnit]) -> OrgUnit:
    parent = units[facts.parent] if facts.parent else None
    return OrgUnit(
        code=facts.code,
        name=facts.name,
        short_name=facts.short_name,
        level=facts.level,
        parent=parent,
        path=rules.subtree_path(parent.path if parent else "", facts.code),
        pinyin=rules.name_key(facts.name),
        valid_from=facts.valid_from,
        valid_to=facts.valid_to,
    )


def _update(entries: Sequence[PlannedOrg], units: Mapping[str, OrgUnit]) -> None:
    touched = []
    for entry in entries:
        unit, facts = units[entry.after.code], entry.after
        unit.name, unit.short_name, unit.level = facts.name, facts.short_name, facts.level
        unit.pinyin = rules.name_key(facts.name)
        unit.valid_from, unit.valid_to = facts.valid_from, facts.valid_to
        unit.parent = units[facts.parent] if facts.parent else None
        touched.append(unit)
    fields = ["name", "short_name", "level", "pinyin", "valid_from", "valid_to", "parent"]
    OrgUnit.objects.bulk_update(touched, fields, batch_size=200)


def _place(units: Mapping[str, OrgUnit]) -> None:
    """Give every unit the path that its parents make; a path ends in its own code, so none ever collide."""
    by_id = {unit.pk: unit for unit in units.values()}
    right: dict[int, str] = {}

    def path_of(unit: OrgUnit) -> str:
        if unit.pk not in right:
            above = path_of(by_id[unit.parent_id]) if unit.parent_id else ""
            right[unit.pk] = rules.subtree_path(above, unit.code)
        return right[unit.pk]

    wrong = [unit for unit in units.values() if unit.path != path_of(unit)]
    for unit in wrong:
        unit.path = right[unit.pk]
    OrgUnit.objects.bulk_update(wrong, ["path"], batch_size=200)


def _write_history(
    scope: Scope,
    now: datetime,
    plan: ImportPlan,
    units: Mapping[str, OrgUnit],
    before: Mapping[str, trail.Values],
) -> None:
    """Write each unit's history, and one entry of the trail for the whole import."""
    today = now.astimezone(CHINA).date()
    lines = []
    for entry in [*plan.added, *plan.changed, *plan.moved]:
        unit = units[entry.after.code]
        kind = _kind(entry)
        lines.append(
            OrgChange(
                org=unit,
                kind=kind.value,
                effective_on=unit.valid_from if kind is OrgChangeKind.CREATED else today,
                entered_at=now,
                actor_name=scope.actor_name,
                before=before.get(unit.code, {}),
                after=trail.org_values(unit),
            )
        )
    if not lines:
        return
    OrgChange.objects.bulk_create(lines, batch_size=500)
    record(
        scope,
        now=now,
        action="identity.org_import",
        kind="org_import",
        object_id=now.isoformat(),
        label=plan.summary,
        after={
            "新增": [entry.after.code for entry in plan.added],
            "修改": [entry.after.code for entry in plan.changed],
            "调整隶属": [entry.after.code for entry in plan.moved],
        },
    )


def _kind(entry: PlannedOrg) -> OrgChangeKind:
    if entry.before is None:
        return OrgChangeKind.CREATED
    if entry.is_moved:
        return OrgChangeKind.MOVED
    if entry.after.valid_to is not None and entry.before.valid_to is None:
        return OrgChangeKind.CLOSED
    if entry.after.valid_to is None and entry.before.valid_to is not None:
        return OrgChangeKind.REOPENED
    return OrgChangeKind.RENAMED if "name" in entry.changed_fields else OrgChangeKind.EDITED
