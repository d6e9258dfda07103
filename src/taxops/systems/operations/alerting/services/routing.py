"""Routes and escalation policies (告警路由与升级策略): data that is checked as a whole before it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from taxops.engines.base import BadInput, Conflict, NotFound, Scope
from taxops.platform.audit import services as audit
from taxops.platform.identity.models import OrgUnit
from taxops.platform.identity.queries import within
from taxops.systems.operations.alerting import rules
from taxops.systems.operations.alerting.models import AlertPolicy, AlertRoute
from taxops.systems.operations.alerting.showing import tell_pages

from .planning import ensure_defaults, facts_of, plan_changed
from .turning import turn_soon

ROUTE = "alerting.route"
FIELDS = (
    "name", "is_enabled", "systems", "severities", "matchers", "times", "receivers", "hold", "group_by",
    "wait_s", "interval_s", "repeat_s", "goes_on",
)  # fmt: skip


def save_route(
    scope: Scope,
    *,
    now: datetime,
    values: Mapping[str, Any],
    org_id: int | None,
    policy_id: int | None,
    pk: int | None = None,
) -> AlertRoute:
    """Add a route or change one (保存告警路由). The plan with it is checked before anything is stored.

    Raises:
        NotFound: no such route, organisation or policy within the actor's range.
        BadInput: the plan could not be; nothing was stored.
    """
    scope.require(ROUTE)
    with transaction.atomic():
        ensure_defaults(now=now)
        row = _mine(scope, pk) if pk is not None else AlertRoute(position=_last() + 10)
        before = _shown(row) if pk is not None else None
        row.org = None if row.is_default else _org(scope, org_id)
        for name in FIELDS:
            setattr(row, name, values[name])
        if row.is_default:
            row.is_enabled, row.systems, row.severities, row.matchers, row.times = True, [], [], [], []
        if not row.name.strip():
            raise BadInput("请填写路由名称。", field="name")
        if not row.receivers:
            raise BadInput("请至少选择一个通知对象。", "告警必须有去处。", field="receivers")
        row.policy = _policy(policy_id)
        row.updated_at = now
        row.version = (row.version or 0) + 1 if pk is not None else 1
        row.save()
        _check_whole()
        _changed(scope, row, now, "alert_route.edit" if before else "alert_route.add", before, _shown(row))
    return row


def _check_whole() -> None:
    """Do nothing when the rows make a plan; otherwise the transaction is undone by what is raised."""
    rows = list(AlertRoute.objects.select_related("org", "policy").order_by("position", "pk"))
    default = next(row for row in rows if row.is_default)
    rules.plan_of(facts_of(default), [facts_of(r) for r in rows if r.is_enabled and not r.is_default])


def move_route(scope: Scope, pk: int, *, now: datetime, up: bool) -> AlertRoute:
    """Let a route change places with the one before or after it (调整顺序).

    Raises:
        NotFound: none within the actor's range.
        Conflict: it is the first, the last, or the default one.
    """
    with transaction.atomic():
        row = _mine(scope, pk)
        rows = list(
            AlertRoute.objects.select_for_update(of=("self",))
            .filter(is_default=False)
            .order_by("position", "pk")
        )
        place = next((n for n, one in enumerate(rows) if one.pk == pk), None)
        if place is None:
            raise Conflict("默认路由总在最后，不能移动。")
        other = place - 1 if up else place + 1
        if not 0 <= other < len(rows):
            raise Conflict("已经在最前面了。" if up else "已经在最后面了。")
        rows[place], rows[other] = rows[other], rows[place]
        for number, one in enumerate(rows, 1):
            AlertRoute.objects.filter(pk=one.pk).update(position=number * 10)
        _changed(scope, row, now, "alert_route.move", None, {"position": other + 1})
    return row


def remove_route(scope: Scope, pk: int, *, now: datetime) -> None:
    """Take a route away (删除告警路由); what it told goes on by the default route.

    Raises:
        NotFound: none within the actor's range.
        Conflict: it is the default one.
    """
    with transaction.atomic():
        row = _mine(scope, pk)
        if row.is_default:
            raise Conflict("默认路由不能删除。", "它保证每条告警都有去处；可以修改它的通知对象。")
        before = _shown(row)
        AlertRoute.objects.filter(pk=pk).delete()
        _changed(scope, row, now, "alert_route.remove", before, {})


def save_policy(
    scope: Scope,
    *,
    now: datetime,
    name: str,
    note: str,
    steps: Sequence[Mapping[str, Any]],
    org_id: int | None,
    pk: int | None = None,
) -> AlertPolicy:
    """Add an escalation policy or change one (保存升级策略).

    Raises:
        NotFound: none within the actor's range.
        BadInput: the name is taken, or the steps cannot be.
    """
    scope.require(ROUTE)
    name = name.strip()
    if not name:
        raise BadInput("请填写名称。", field="name")
    if AlertPolicy.objects.filter(name=name).exclude(pk=pk or 0).exists():
        raise BadInput(f"名称「{name}」已被使用。", "请换一个名称。", field="name")
    rules.plan_of(rules.RouteFacts(0, rules.ROOT, steps=steps), [])
    with transaction.atomic():
        row = AlertPolicy() if pk is None else _my_policy(scope, pk)
        before = {"steps": row.steps, "name": row.name} if pk is not None else None
        row.org = row.org if pk is not None and row.org is None else _org(scope, org_id)
        row.name, row.note, row.steps = name, note.strip()[:200], [dict(step) for step in steps]
        row.version = (row.version or 0) + 1 if pk is not None else 1
        row.save()
        plan_changed()
        audit.record(
            scope,
            now=now,
            action="alert_policy.edit" if before else "alert_policy.add",
            kind="alert_policy",
            object_id=row.pk,
            label=row.name,
            before=before or {},
            after={"steps": row.steps, "name": row.name},
            org_path=row.org.path if row.org else "",
        )
        turn_soon(now)
    return row


def _mine(scope: Scope, pk: int) -> AlertRoute:
    """Return a route within the range; one of the whole platform belongs to those whose range is the root's."""
    found = (
        AlertRoute.objects.select_for_update(of=("self",))
        .select_related("org", "policy")
        .filter(Q(pk=pk), visible(scope))
        .first()
    )
    if found is None:
        raise NotFound("没有这条告警路由。", "它可能不在您的管理范围内。")
    return found


def _my_policy(scope: Scope, pk: int) -> AlertPolicy:
    found = AlertPolicy.objects.select_for_update(of=("self",)).filter(Q(pk=pk), visible(scope)).first()
    if found is None:
        raise NotFound("没有这条升级策略。", "它可能不在您的管理范围内。")
    return found


def visible(scope: Scope, permission: str = ROUTE) -> Q:
    """Return the condition that keeps what the actor may change: his range, and the platform's if he is above all."""
    mine = within(scope, permission)
    root = OrgUnit.objects.filter(parent=None).order_by("pk").first()
    above_all = root is not None and scope.allows(permission, root.path)
    return mine | Q(org=None) if above_all else mine & Q(org__isnull=False)


def _org(scope: Scope, org_id: int | None) -> OrgUnit:
    org = OrgUnit.objects.filter(within(scope, ROUTE, "path"), pk=org_id or 0).first()
    if org is None:
        raise NotFound("没有这个机构，或它不在您的管理范围内。", "请重新选择适用机构。")
    return org


def _policy(pk: int | None) -> AlertPolicy | None:
    if pk is None:
        return None
    found = AlertPolicy.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这条升级策略。", "请刷新后重新选择。")
    return found


def _last() -> int:
    found = AlertRoute.objects.filter(is_default=False).order_by("-position").first()
    return found.position if found else 0


def _shown(row: AlertRoute) -> dict[str, object]:
    shown: dict[str, object] = {name: getattr(row, name) for name in FIELDS}
    return {**shown, "policy": row.policy.name if row.policy else "", "org": row.org.path if row.org else ""}


def _changed(
    scope: Scope,
    row: AlertRoute,
    now: datetime,
    action: str,
    before: dict[str, object] | None,
    after: dict[str, object],
) -> None:
    plan_changed()
    audit.record(
        scope,
        now=now,
        action=action,
        kind="alert_route",
        object_id=row.pk or 0,
        label=row.name,
        before=before or {},
        after=after,
        org_path=row.org.path if row.org else "",
    )
    tell_pages("route")
    turn_soon(now)
