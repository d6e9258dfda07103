"""Taking a step (办理): lock, decide, append, do what belongs to it, tell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from taxops.engines.base import NotPermitted, Scope
from taxops.engines.cases import CaseType, Refused, decide
from taxops.platform.audit import services as audit
from taxops.platform.casework import history, hooks, registry
from taxops.platform.casework.models import Case
from taxops.platform.identity.queries import people_with

from . import telling
from .keeping import actor_of, error_of, locked, write


def take(
    scope: Scope,
    *,
    now: datetime,
    case_id: int,
    step: str,
    data: Mapping[str, Any] | None = None,
    at: datetime | None = None,
    version: int | None = None,
    key: str = "",
) -> Case:
    """Take a step of a case (办理一步); with a `key` already used for this case, nothing happens again.

    Args:
        step: code of a transition of the case's type.
        data: the step's form.
        at: when it happened, if that was before it is entered (补录).
        version: the version the actor saw; two who act on the same one: exactly one wins.

    Raises:
        NotFound: no such case within the scope.
        NotPermitted: the role is missing or has ended, or another person must do it.
        Conflict: the state does not allow it, an approval is void, somebody was faster.
        BadInput: the form does not hold, times run backwards.
    """
    with transaction.atomic():
        case = locked(scope, case_id, version if not key else None)
        kind = registry.version(case.type, case.policy)
        past = history.load(case)
        if key and any(event.key == key for event in past):
            return case
        if version is not None:
            locked(scope, case_id, version)
        _still_holds(scope, kind, step, case, now)
        new = decide(
            kind,
            past,
            step,
            actor_of(scope, kind, case.org.path),
            data or {},
            at=history.seconds(at or now),
            entered_at=history.seconds(now),
            key=key,
        )
        if isinstance(new, Refused):
            raise error_of(new)
        before = case.state
        write(case, kind, past, new, now)
        for event in new:
            hooks.run(scope, case, event, now)
        telling.moved(scope, case, kind, new[-1], now)
        audit.record(
            scope,
            now=now,
            action=f"case.{step}"[:80],
            kind="case",
            object_id=case.pk,
            label=str(case),
            before={"state": kind.states[before].label if before in kind.states else before},
            after={
                "state": kind.states[case.state].label,
                "step": kind.transitions[step].label,
                "event": new[-1].seq,
            },
            org_path=case.org.path,
            at=at,
        )
    return case


def rehearse(
    scope: Scope,
    *,
    now: datetime,
    case_id: int,
    step: str,
    data: Mapping[str, Any] | None = None,
    version: int | None = None,
) -> None:
    """Do nothing when a step could be taken now (预检); for rooms that must act elsewhere before they take it.

    Raises:
        NotFound, NotPermitted, Conflict, BadInput: as `take` would.
    """
    with transaction.atomic():
        case = locked(scope, case_id, version)
        kind = registry.version(case.type, case.policy)
        _still_holds(scope, kind, step, case, now)
        at = history.seconds(now)
        found = decide(
            kind,
            history.load(case),
            step,
            actor_of(scope, kind, case.org.path),
            data or {},
            at=at,
            entered_at=at,
        )
        if isinstance(found, Refused):
            raise error_of(found)


def _still_holds(scope: Scope, kind: CaseType, step: str, case: Case, now: datetime) -> None:
    """Read the role again where the type wants it (授权即时核验): an assignment that has just ended counts no more.

    Raises:
        NotPermitted: it has.
    """
    transition = kind.transitions.get(step)
    if transition is None or not transition.fresh_role or scope.actor_id is None:
        return
    if not actor_of(scope, kind, case.org.path).roles & set(transition.roles):
        return  # never had it: the decision says so
    if not any(
        people_with(role, case.org.path, now=now).filter(pk=scope.actor_id).exists()
        for role in transition.roles
    ):
        raise NotPermitted(
            f"您「{transition.label}」的授权已到期或已收回。", "请联系安全管理员，重新授权后再办。"
        )
