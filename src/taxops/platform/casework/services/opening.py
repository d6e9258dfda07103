"""Opening a case (发起事项): by a person, by another room, by the watch; with a key it is opened once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from taxops.engines.base import BadInput, Scope
from taxops.engines.cases import CaseType, Event, Phase, Refused, open_case
from taxops.platform.audit import services as audit
from taxops.platform.casework import history, registry
from taxops.platform.casework.models import Case, CaseWatch
from taxops.platform.identity.models import OrgUnit

from . import telling
from .keeping import actor_of, error_of, write
from .numbering import next_number


def open_new(
    scope: Scope,
    *,
    now: datetime,
    type_code: str,
    org_id: int,
    data: Mapping[str, Any],
    at: datetime | None = None,
    key: str = "",
    fingerprint: str = "",
    queue: str = "",
) -> Case:
    """Open a case (发起事项) and tell those who work on its queue; with a `key` already used, return that case.

    Args:
        type_code: of a registered type.
        org_id: where it lies; who holds the type's roles there works on it.
        data: the opening form: code → value, as `engines.cases` keeps values.
        at: when it was reported, if that was before it is entered (补录).
        key: names the attempt for ever: `outage-17`, a page's form token, an import's row.
        fingerprint: what problem it is, so that others can join it.

    Raises:
        NotFound: no such type.
        BadInput, NotPermitted: the form or the actor's roles do not fit; nothing is stored.
    """
    kind = registry.current(type_code)
    if key:
        known = Case.objects.select_related("org").filter(key=key).first()
        if known is not None:
            return known
    org = OrgUnit.objects.filter(pk=org_id).first()
    if org is None:
        raise BadInput("没有这个机构。", "请重新选择。", field="org")
    fact = at or now
    events = open_case(
        kind,
        actor_of(scope, kind, org.path),
        data,
        at=history.seconds(fact),
        entered_at=history.seconds(now),
        key=key,
        queue=queue,
    )
    if isinstance(events, Refused):
        raise error_of(events)
    try:
        return _store(scope, kind, org, events, now=now, fact=fact, key=key, fingerprint=fingerprint)
    except IntegrityError:
        known = Case.objects.select_related("org").filter(key=key).first() if key else None
        if known is None:
            raise
        return known  # the same attempt arrived twice at once


def _store(
    scope: Scope,
    kind: CaseType,
    org: OrgUnit,
    events: list[Event],
    *,
    now: datetime,
    fact: datetime,
    key: str,
    fingerprint: str,
) -> Case:
    with transaction.atomic():
        registry.keep(kind, now)
        case = Case.objects.create(
            number=next_number(kind.prefix, now),
            type=kind.code,
            org=org,
            state=kind.initial,
            phase=Phase.OPEN.value,
            key=key or None,
            fingerprint=fingerprint[:120],
            opened_by_id=scope.actor_id,
            opened_at=fact,
            updated_at=now,
            version=0,
            policy=kind.digest,
            head="",
        )
        write(case, kind, [], events, now)
        if scope.actor_id is not None:
            CaseWatch.objects.create(case=case, person_id=scope.actor_id, since=now)
        telling.opened(scope, case, kind, now)
        audit.record(
            scope,
            now=now,
            action="case.open",
            kind="case",
            object_id=case.pk,
            label=str(case),
            after={"type": kind.label, "title": case.title, "level": case.level},
            org_path=org.path,
            at=fact,
        )
    return case
