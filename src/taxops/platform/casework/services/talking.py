"""Talking about a case (留言、提及、关注)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from taxops.engines.base import BadInput, NotPermitted, Scope
from taxops.engines.cases import Event
from taxops.platform.audit import services as audit
from taxops.platform.casework import history, registry, rules
from taxops.platform.casework.models import Case, CaseWatch
from taxops.platform.identity.models import Person

from . import telling
from .keeping import locked, write

_LONGEST = 5000


def comment(scope: Scope, *, now: datetime, case_id: int, text: str, key: str = "") -> Case:
    """Add a comment to a case (留言); `@用户名` calls people, who are told and watch the case from now on.

    Raises:
        NotFound: no such case within the scope.
        BadInput: no text, too much of it, or a called person who does not exist; nothing is stored.
    """
    text = text.strip()
    if not text or "\x00" in text:
        raise BadInput("请填写留言。", field="text")
    if len(text) > _LONGEST:
        raise BadInput(f"留言最多 {_LONGEST} 个字。", "较长的内容请作为附件上传。", field="text")
    names = rules.mentions(text)
    with transaction.atomic():
        case = locked(scope, case_id)
        if key and case.events.filter(key=key).exists():
            return case
        people = {p.username.lower(): p.pk for p in Person.objects.filter(username__in=names, is_active=True)}
        unknown = [name for name in names if name.lower() not in people]
        if unknown:
            raise BadInput(f"没有用户「{unknown[0]}」。", "提及时写 @ 加用户名。", field="text")
        add(case, scope, now, "note", {"text": text, "called": sorted(people.values())}, key)
        for person in people.values():
            CaseWatch.objects.get_or_create(case=case, person_id=person, defaults={"since": now})
        telling.commented(scope, case, now, text, people.values())
        audit.record(
            scope, now=now, action="case.comment", kind="case", object_id=case.pk, label=str(case),
            after={"event": case.version}, org_path=case.org.path,
        )  # fmt: skip
    return case


def add(case: Case, scope: Scope, now: datetime, what: str, said: dict[str, object], key: str = "") -> Event:
    """Append an event that is no step of the type to a locked case; return it."""
    at = history.seconds(now)
    kind = registry.version(case.type, case.policy)
    past = history.load(case)
    event = Event(case.version + 1, what, at, at, scope.actor_id, scope.actor_name, said, key)
    write(case, kind, past, [event], now)
    return event


def watch(scope: Scope, *, now: datetime, case_id: int, on: bool = True) -> None:
    """Begin or end to watch a case (关注、取消关注).

    Raises:
        NotFound: no such case within the scope.
        NotPermitted: nobody is logged in.
    """
    if scope.actor_id is None:
        raise NotPermitted("请先登录。")
    with transaction.atomic():
        case = locked(scope, case_id)
        if on:
            CaseWatch.objects.get_or_create(case=case, person_id=scope.actor_id, defaults={"since": now})
        else:
            CaseWatch.objects.filter(case=case, person_id=scope.actor_id).delete()


def note(
    case: Case, scope: Scope, now: datetime, text: str, form: Mapping[str, object] | None = None
) -> Event:
    """Add words, and values of the case's own fields, to a locked case as part of a step (附注)."""
    return add(case, scope, now, "note", {"text": text, "form": dict(form or {})})
