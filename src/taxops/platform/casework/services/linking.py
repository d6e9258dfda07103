"""Cases and other cases (关联与合并): duplicate, parent, caused by, related; merged ones are closed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from taxops.engines.base import BadInput, Conflict, Scope
from taxops.engines.cases import Phase
from taxops.platform.audit import services as audit
from taxops.platform.casework import registry
from taxops.platform.casework.models import Case, CaseLink
from taxops.platform.casework.rules import LinkKind

from .keeping import locked
from .talking import add


def link(scope: Scope, *, now: datetime, source_id: int, kind: str, target_id: int) -> CaseLink:
    """Say what a case has to do with another (关联); saying it twice is harmless.

    Raises:
        NotFound: one of them is not within the scope.
        BadInput: a case with itself, an unknown kind, two parents that are each other's.
    """
    if source_id == target_id:
        raise BadInput("不能与自己关联。", "请选择另一个事项。", field="target")
    if kind not in {member.value for member in LinkKind}:
        raise BadInput("没有这种关联。", field="kind")
    with transaction.atomic():
        first, second = (locked(scope, pk) for pk in sorted((source_id, target_id)))
        source, target = (first, second) if first.pk == source_id else (second, first)
        if CaseLink.objects.filter(source=target, kind=kind, target=source).exists():
            raise BadInput("两个事项已经反向关联。", "请先核对哪一个在前。", field="target")
        made, fresh = CaseLink.objects.get_or_create(
            source=source, kind=kind, target=target, defaults={"made_at": now}
        )
        if fresh:
            word = LinkKind.label_of(kind)
            add(source, scope, now, "note", {"text": f"{word} {target.number}", "link": target.pk})
            audit.record(
                scope, now=now, action="case.link", kind="case", object_id=source.pk, label=str(source),
                after={"kind": word, "target": target.number}, org_path=source.org.path,
            )  # fmt: skip
    return made


def merge(scope: Scope, *, now: datetime, case_id: int, into_id: int, reason: str) -> Case:
    """Close a case under another one of its type (合并); its history stays and says so.

    Raises:
        NotFound: one of them is not within the scope.
        NotPermitted: the actor does not work on cases there.
        BadInput: no reason, different types, a case with itself.
        Conflict: one of them is closed.
    """
    if not reason.strip():
        raise BadInput("请写明合并的原因。", field="reason")
    if case_id == into_id:
        raise BadInput("不能并入自己。", field="target")
    with transaction.atomic():
        first, second = (locked(scope, pk) for pk in sorted((case_id, into_id)))
        case, into = (first, second) if first.pk == case_id else (second, first)
        scope.require("cases.handle", case.org.path)
        if case.type != into.type:
            raise BadInput("两个事项的类型不同，不能合并。", "可以改用关联。", field="target")
        if Phase.CLOSED.value in (case.phase, into.phase):
            raise Conflict("已办结的事项不能合并。", "可以改用关联。")
        kind = registry.version(case.type, case.policy)
        end = next(s for s in kind.states.values() if s.phase is Phase.CLOSED)
        case.merged_into = into
        said = {
            "step": "merge", "label": "合并", "from": case.state, "to": end.code,
            "form": {}, "into": into.pk, "reason": reason.strip()[:500],
        }  # fmt: skip
        add(case, scope, now, "move", said)
        CaseLink.objects.get_or_create(
            source=case, kind=LinkKind.DUPLICATE.value, target=into, defaults={"made_at": now}
        )
        add(into, scope, now, "note", {"text": f"并入 {case.number} {case.title}", "link": case.pk})
        audit.record(
            scope, now=now, action="case.merge", kind="case", object_id=case.pk, label=str(case),
            after={"into": into.number, "reason": reason.strip()[:200]}, org_path=case.org.path,
        )  # fmt: skip
    return case
