"""Applying templates and taking that back (模板套用与撤销): one transaction each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from taxops.engines.base import BadInput, Conflict, NotFound, Scope
from taxops.engines.checks import parse_tree, tree_data
from taxops.platform.audit import services as audit
from taxops.platform.identity.queries import within
from taxops.systems.operations.blueprints import queries, rules
from taxops.systems.operations.blueprints.models import (
    Blueprint,
    PlacedCheck,
    Placement,
    Rollout,
)
from taxops.systems.operations.blueprints.queries import EDIT, Order, Plan
from taxops.systems.operations.monitoring import services as monitoring
from taxops.systems.operations.monitoring.models import Check, CheckState, MonitoredSystem
from taxops.systems.operations.monitoring.services import bulk


def apply(
    scope: Scope,
    blueprint_id: int,
    *,
    now: datetime,
    system_id: int,
    assets: Sequence[int] = (),
    answers: Mapping[str, str] | None = None,
) -> Rollout | None:
    """Apply a template's version in force to a system and assets (套用模板); None when nothing changes.

    Raises:
        NotFound: no such template, or the system is not within the actor's range.
        BadInput: nothing can be made of it; a definition cannot be used.
        Conflict: a code is taken by another check.
    """
    with transaction.atomic():
        blueprint = queries.get_blueprint(blueprint_id)
        system = _system(scope, system_id)
        kept = {str(name): str(value).strip()[:2000] for name, value in (answers or {}).items()}
        done = _roll(scope, now, blueprint, [Order(system, list(assets), kept)])
    return done[0] if done else None


def update(scope: Scope, blueprint_id: int, *, now: datetime, places: Sequence[int]) -> list[Rollout]:
    """Bring these places to the template's version in force (更新套用); return what was changed.

    Raises:
        NotFound: one of them is not within the actor's range.
    """
    with transaction.atomic():
        blueprint = queries.get_blueprint(blueprint_id)
        rows = [p for p in queries.placements(scope, blueprint, permission=EDIT) if p.pk in set(places)]
        if len(rows) != len(set(places)):
            raise NotFound("有的系统不在您的管理范围内。", "请刷新后重选。")
        return _roll(scope, now, blueprint, queries.orders_of(rows))


def _roll(scope: Scope, now: datetime, blueprint: Blueprint, orders: Sequence[Order]) -> list[Rollout]:
    content = queries.content_of(blueprint)
    plans = queries.plan(scope, now, blueprint, content, orders)
    for plan in plans:
        if plan.problems:
            raise BadInput("有检查项不能建立：" + "；".join(plan.problems[:3]), "请改正模板或填写内容。")
        if not plan.wanted and plan.placement is None:
            raise BadInput("没有可建立的检查项。", "请至少填写一个检查对象，或选择资产。")
    ids = sorted(s.check for p in plans for s in p.steps if s.check is not None)
    list(
        CheckState.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk")
    )
    checks = {c.pk: c for c in Check.objects.select_related("system__org").filter(pk__in=ids)}
    origin = f"模板「{blueprint.name}」第 {blueprint.number} 版"
    drafts = [plan.drafts[step.slot][0] for plan in plans for step in plan.steps if step.act is rules.Act.ADD]
    bulk.insert_drafts(scope, drafts, now=now, origin=origin)
    edits = [
        (checks[step.check], {name: after for name, _, after in step.changes})
        for plan in plans
        for step in plan.steps
        if step.act is rules.Act.CHANGE and step.check is not None
    ]
    bulk.edit_fields(scope, edits, now=now, origin=origin)
    done = []
    for plan in plans:
        before = _before(plan)
        placement = _place(plan, blueprint, now)
        if plan.changes_tree:
            monitoring.define_tree(scope, plan.system.pk, now=now, tree=plan.tree_after)
        rows = _rows(placement, plan)
        _keep(placement, plan, rows)
        if plan.does_something:
            done.append((plan, placement, before, rows))
    away = [
        checks[s.check] for p in plans for s in p.steps if s.act is rules.Act.REMOVE and s.check is not None
    ]
    bulk.put_away(away, now=now)
    return [_note(scope, now, blueprint, *one) for one in done]


def _before(plan: Plan) -> dict[str, Any]:
    held = plan.placement
    return {
        "tree": plan.tree_before,
        "number": held.number if held else 0,
        "assets": list(held.assets) if held else [],
        "answers": dict(held.answers) if held else {},
        "placed_tree": held.tree if held else None,
    }


def _place(plan: Plan, blueprint: Blueprint, now: datetime) -> Placement:
    placement = plan.placement or Placement(blueprint=blueprint, system=plan.system)
    # what is secret lives sealed in the checks; a place keeps only what may be read
    secret = {ask["name"] for ask in blueprint.draft.get("asks", []) if ask.get("secret")}
    placement.assets = list(plan.assets)
    placement.answers = {name: value for name, value in plan.answers.items() if name not in secret}
    placement.number, placement.applied_at = blueprint.number, now
    if not plan.tree_note:
        placement.tree = _stored_tree(plan.tree_after)
    placement.save()
    return placement


def _stored_tree(tree: Any) -> Any:
    """Return a tree as `define_tree` stores it, so that the two can be compared."""
    return tree_data(parse_tree(tree)) if tree else None


def _rows(placement: Placement, plan: Plan) -> dict[str, PlacedCheck]:
    return (
        {row.slot: row for row in PlacedCheck.objects.filter(placement=placement)} if plan.placement else {}
    )


def _keep(placement: Placement, plan: Plan, rows: Mapping[str, PlacedCheck]) -> None:
    """Note what the template gave: new rows, new baselines; rows whose check goes away stay until it is undone."""
    fresh, changed = [], []
    for slot, (check, _) in plan.drafts.items():
        facts = bulk.facts_of(check)
        row = rows.get(slot)
        if row is None:
            fresh.append(PlacedCheck(placement=placement, slot=slot, check_row=check, baseline=facts))
        elif row.baseline != facts:
            changed.append(PlacedCheck(pk=row.pk, baseline=facts))
    PlacedCheck.objects.bulk_create(fresh, batch_size=200)
    PlacedCheck.objects.bulk_update(changed, ["baseline"], batch_size=200)


def _note(
    scope: Scope,
    now: datetime,
    blueprint: Blueprint,
    plan: Plan,
    placement: Placement,
    before: dict[str, Any],
    rows: Mapping[str, PlacedCheck],
) -> Rollout:
    steps = [
        {
            "act": step.act.value,
            "slot": step.slot,
            "name": step.name,
            "check": step.check if step.check is not None else plan.drafts[step.slot][0].pk,
            "changes": [list(change) for change in step.changes],
            "kept": list(step.kept),
            "note": step.note,
            "baseline": rows[step.slot].baseline if step.slot in rows else None,
        }
        for step in plan.steps
        if step.act is not rules.Act.SAME
    ]
    made = Rollout.objects.create(
        placement=placement,
        number=blueprint.number,
        at=now,
        by=scope.actor_name[:80],
        steps=steps,
        before=before,
    )
    counts = {act.label: plan.count(act) for act in rules.Act if plan.count(act)}
    audit.record(
        scope, now=now, action="blueprint.apply", kind="monitored-system", object_id=plan.system.pk,
        label=plan.system.name, after={"template": blueprint.name, "number": blueprint.number, **counts},
        org_path=plan.system.org.path,
    )  # fmt: skip
    return made


def undo(scope: Scope, pk: int, *, now: datetime) -> list[str]:
    """Take an application back (撤销套用); return in words what could not be, since somebody changed it after.

    Raises:
        NotFound.
        Conflict: it was undone already, or a later application must be undone first.
    """
    with transaction.atomic():
        rollout = queries.get_rollout(scope, pk, EDIT)
        placement = Placement.objects.select_for_update(no_key=True).get(pk=rollout.placement_id)
        if rollout.undone_at is not None:
            raise Conflict("这次套用已经撤销过。", "无需再撤销。")
        later = Rollout.objects.filter(placement=placement, undone_at=None, pk__gt=rollout.pk)
        if later.exists():
            raise Conflict("之后还套用过，不能只撤销这一次。", "请先撤销较晚的一次。")
        left = _take_back(scope, now, rollout, placement)
        rollout.undone_at, rollout.undone_by = now, scope.actor_name[:80]
        rollout.save(update_fields=["undone_at", "undone_by"])
        audit.record(
            scope, now=now, action="blueprint.undo", kind="monitored-system", object_id=placement.system_id,
            label=placement.system.name, after={"rollout": rollout.pk, "left": left},
            org_path=placement.system.org.path,
        )  # fmt: skip
    return left


def _take_back(scope: Scope, now: datetime, rollout: Rollout, placement: Placement) -> list[str]:
    system, before, left = placement.system, rollout.before, []
    ids = sorted(step["check"] for step in rollout.steps)
    list(
        CheckState.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk")
    )
    checks = {c.pk: c for c in Check.objects.select_related("system__org").filter(pk__in=ids)}
    rows = {row.slot: row for row in PlacedCheck.objects.filter(placement=placement)}
    away, back, edits, baselines, gone = [], [], [], [], []
    for step in rollout.steps:
        check, row = checks[step["check"]], rows.get(step["slot"])
        act = step["act"]
        if act == rules.Act.ADD:
            if check.archived_at is None and row is not None and bulk.facts_of(check) != row.baseline:
                left.append(f"「{check.name}」建立后被人工改过，保留")
                continue
            if check.archived_at is None:
                away.append(check)
            if row is not None:
                gone.append(row.pk)
        elif act == rules.Act.REMOVE and check.archived_at is not None:
            back.append(check)
        elif act == rules.Act.CHANGE:
            now_facts = bulk.facts_of(check)
            restored = {n: old for n, old, new in step["changes"] if now_facts.get(n) == new}
            left += [
                f"「{check.name}」的 {n} 之后又被改过，保留"
                for n, _, _ in step["changes"]
                if n not in restored
            ]
            if restored and check.archived_at is None:
                edits.append((check, restored))
        if row is not None and step["baseline"] is not None:
            baselines.append(PlacedCheck(pk=row.pk, baseline=step["baseline"]))
    bulk.bring_back(back, now=now)
    if system.tree == placement.tree and system.tree != before["tree"]:
        monitoring.define_tree(scope, system.pk, now=now, tree=before["tree"])
    elif system.tree != before["tree"]:
        left.append("健康树之后又被改过，保留")
    named = str(MonitoredSystem.objects.values_list("tree", flat=True).get(pk=system.pk) or "")
    left += [f"「{check.name}」仍在健康树中，保留" for check in away if f"'{check.code}'" in named]
    bulk.put_away([check for check in away if f"'{check.code}'" not in named], now=now)
    bulk.edit_fields(scope, edits, now=now, origin="撤销套用")
    PlacedCheck.objects.filter(pk__in=gone).delete()
    PlacedCheck.objects.bulk_update(baselines, ["baseline"], batch_size=200)
    placement.number, placement.assets = before["number"], before["assets"]
    placement.answers, placement.tree = before["answers"], before["placed_tree"]
    placement.save()
    return left


def _system(scope: Scope, pk: int) -> MonitoredSystem:
    found = (
        MonitoredSystem.objects.select_for_update(of=("self",), no_key=True)
        .select_related("org")
        .filter(within(scope, EDIT), pk=pk, archived_at=None)
        .first()
    )
    if found is None:
        raise NotFound("没有这个监控系统。", "它可能不在您的管理范围内。")
    return found
