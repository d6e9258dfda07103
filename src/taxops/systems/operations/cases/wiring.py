"""Wiring of the cases room (接线): types, queues, who a rung of the ladder means, effects of steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from taxops.exchange import operations as exchange
from taxops.platform.casework import hooks, registry
from taxops.platform.identity.queries import find_org, people_with
from taxops.systems.operations import duty

from . import catalogue, effects, queries, services

POSTS = {"cases.handle": "line1", "cases.second": "line2", "cases.lead": "lead"}
"""Permission → post of the roster (岗位) that is asked first."""


def escalated(to: str, path: str, at: datetime) -> Sequence[int]:
    """Return whom a rung means (升级对象): those on duty in the post, else all who hold the permission there.

    `a+b` means both. What concerns leaders and the bureau asks no roster.
    """
    found: set[int] = set()
    for name in to.split("+"):
        able = set(people_with(name, path, now=at).values_list("pk", flat=True))
        post = POSTS.get(name)
        org = find_org(path.rstrip("/").rsplit("/", 1)[-1]) if post else None
        on_duty = {d.person_id for d in duty.on_duty(org.pk, at, post)} if post and org else set()
        found |= (on_duty & able) or able
    return sorted(found)


def hear(event: exchange.Event) -> None:  # noqa: ARG001 -- the rows say everything; the event says: look now
    """Look at once when an outage opens or ends; the job of every minute looks again, so nothing is lost."""
    services.catch_up(now=timezone.now())


def wire() -> None:
    """Register everything once; called when Django is ready."""
    catalogue.register_all()
    registry.escalate_with(escalated)
    registry.name_with("system", queries.system_name)
    for name, effect in effects.ALL.items():
        hooks.on(name, effect)
    exchange.listen(hear)
