"""The plan in force (现行告警方案), from the rows of routes and policies."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db.models import F

from taxops.engines.alerts import Plan
from taxops.engines.base import TaxopsError
from taxops.systems.operations.alerting import rules
from taxops.systems.operations.alerting.models import AlertDesk, AlertInhibition, AlertPolicy, AlertRoute

_log = logging.getLogger("taxops.alerting")

DEFAULT_STEPS = (
    {"after_s": 300, "receivers": ["role:ops_manager"]},
    {"after_s": 900, "receivers": ["role:bureau_admin"]},
)
"""Unacknowledged after five minutes: the next step. operations.md §5.2."""


def ensure_defaults(*, now: datetime) -> AlertRoute:
    """Return the default route, made with its policy when there is none yet (默认路由); inhibitions likewise."""
    for one in rules.INHIBITIONS:
        AlertInhibition.objects.get_or_create(
            code=one.code,
            defaults={
                "name": one.name,
                "source": list(one.source),
                "target": list(one.target),
                "equal": list(one.equal),
                "reason": one.reason,
                "updated_at": now,
            },
        )
    found = AlertRoute.objects.filter(is_default=True).first()
    if found is not None:
        return found
    policy, _ = AlertPolicy.objects.get_or_create(
        name="逐级升级",
        defaults={"steps": list(DEFAULT_STEPS), "note": "5 分钟无人确认升级到项目经理，15 分钟升级到局方"},
    )
    made, _ = AlertRoute.objects.get_or_create(
        is_default=True,
        defaults={
            "name": rules.ROOT,
            "receivers": ["responders"],
            "hold": "onsite7x12",
            "group_by": list(rules.GROUP_BY),
            "policy": policy,
            "updated_at": now,
        },
    )
    return made


def facts_of(row: AlertRoute) -> rules.RouteFacts:
    """Return a route's row as plain facts."""
    return rules.RouteFacts(
        id=row.pk,
        name=row.name,
        org_path=row.org.path if row.org and not row.is_default else "",
        systems=row.systems,
        severities=row.severities,
        matchers=row.matchers,
        times=row.times,
        receivers=row.receivers,
        hold=row.hold,
        group_by=row.group_by or list(rules.GROUP_BY),
        wait_s=row.wait_s,
        interval_s=row.interval_s,
        repeat_s=row.repeat_s,
        steps=row.policy.steps if row.policy else (),
        goes_on=row.goes_on,
    )


def rows_in_force() -> tuple[AlertRoute | None, list[AlertRoute]]:
    """Return the default route's row, if there is one, and the enabled others in their order; one query."""
    rows = list(AlertRoute.objects.select_related("org", "policy").order_by("position", "pk"))
    default = next((row for row in rows if row.is_default), None)
    return default, [row for row in rows if row.is_enabled and not row.is_default]


def inhibition_facts(row: AlertInhibition) -> rules.InhibitionFacts:
    """Return an inhibition's row as plain facts."""
    return rules.InhibitionFacts(
        tuple(row.source),
        tuple(row.target),
        tuple(row.equal),
        row.reason,
        row.name,
        row.org.path if row.org else "",
        row.code or "",
    )


def inhibitions_in_force() -> list[rules.InhibitionFacts]:
    """Return the inhibitions that count: rows that are not retired, and built-in ones that no row replaces."""
    rows = list(AlertInhibition.objects.select_related("org").order_by("pk"))
    replaced = {row.code for row in rows}
    return [
        *(one for one in rules.INHIBITIONS if one.code not in replaced),
        *(inhibition_facts(row) for row in rows if row.retired_at is None),
    ]


def current_plan() -> Plan:
    """Return the plan in force. Rows that make none are logged and left out: alerts must go somewhere."""
    default, rows = rows_in_force()
    base = (
        facts_of(default)
        if default
        else rules.RouteFacts(0, rules.ROOT, hold="onsite7x12", steps=DEFAULT_STEPS)
    )
    try:
        return rules.plan_of(base, [facts_of(row) for row in rows], inhibitions_in_force())
    except TaxopsError:
        _log.exception("the alert routes make no plan; all alerts go the default way")
        return rules.plan_of(rules.RouteFacts(base.id, base.name), [])


def plan_changed() -> None:
    """Let every process load the plan and the silences again at its next turn, which is due at once.

    Inside the transaction of what changed.
    """
    if not AlertDesk.objects.filter(pk=1).update(plan=F("plan") + 1, next_ms=0):
        AlertDesk.objects.get_or_create(pk=1, defaults={"next_ms": 0})
