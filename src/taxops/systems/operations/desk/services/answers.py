"""Canned answers (常用答复)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from taxops.engines.base import BadInput, NotFound, Scope
from taxops.platform.audit import services as audit
from taxops.platform.identity.models import OrgUnit
from taxops.platform.identity.queries import within
from taxops.systems.operations.desk.models import CannedAnswer

KEEP = "cases.handle"


def _load(scope: Scope, pk: int) -> CannedAnswer:
    found = (
        CannedAnswer.objects.select_for_update(of=("self",))
        .select_related("org")
        .filter(within(scope, KEEP), pk=pk, archived_at=None)
        .first()
    )
    if found is None:
        raise NotFound("没有这条常用答复，或不在您的管理范围内。", "请刷新后查看。")
    return found


def save_answer(
    scope: Scope, *, now: datetime, title: str, body: str, org_id: int, pk: int | None = None
) -> CannedAnswer:
    """Store a canned answer, new or changed (保存常用答复).

    Raises:
        BadInput: title or text is missing or too long.
        NotFound: no such answer or organisation within the actor's range.
    """
    title, body = " ".join(title.split()), body.strip()
    if not title or len(title) > 80:
        raise BadInput("请填写 80 字以内的标题。", field="title")
    if not body or len(body) > 4000:
        raise BadInput("请填写 4000 字以内的答复。", field="body")
    with transaction.atomic():
        org = OrgUnit.objects.filter(within(scope, KEEP, "path"), pk=org_id).first()
        if org is None:
            raise NotFound("没有这个机构，或您不能为它保存答复。", "请重新选择机构。")
        answer = _load(scope, pk) if pk is not None else CannedAnswer()
        before = {"title": answer.title, "body": answer.body} if pk is not None else None
        answer.title, answer.body, answer.org = title, body, org
        answer.changed_by_id, answer.changed_at = scope.actor_id, now
        answer.save()
        audit.record(
            scope, now=now, action="answer.save", kind="answer", object_id=answer.pk, label=title,
            before=before, after={"title": title, "body": body}, org_path=org.path,
        )  # fmt: skip
    return answer


def archive_answer(scope: Scope, pk: int, *, now: datetime) -> CannedAnswer:
    """Take a canned answer out of use (停用常用答复).

    Raises:
        NotFound: none within the actor's range.
    """
    with transaction.atomic():
        answer = _load(scope, pk)
        answer.archived_at = now
        answer.save(update_fields=["archived_at"])
        audit.record(
            scope, now=now, action="answer.archive", kind="answer", object_id=pk, label=answer.title,
            before={"archived": False}, after={"archived": True}, org_path=answer.org.path,
        )  # fmt: skip
    return answer
