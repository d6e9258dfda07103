"""Attachments of a case (附件): stored once, listed with the case, removed only by mark."""

from __future__ import annotations

from datetime import datetime
from typing import IO

from django.db import transaction

from taxops.engines.base import NotFound, NotPermitted, Scope
from taxops.platform.audit import services as audit
from taxops.platform.casework.models import Case, CaseAttachment
from taxops.platform.files import services as files
from taxops.platform.files.purposes import MEBI, Purpose, declare

from .keeping import locked
from .talking import add

CASE_FILE = declare(Purpose("case", "事项附件", 100 * MEBI, permission="cases.view"))


def attach(
    scope: Scope, *, now: datetime, case_id: int, name: str, stream: IO[bytes], label: str = ""
) -> CaseAttachment:
    """Add a file to a case (上传附件).

    Raises:
        NotFound: no such case within the scope.
        TooLarge: more than 100 MB; refused before it is read to the end, nothing is stored.
        BadInput: empty, a programme, a web page.
    """
    with transaction.atomic():
        org = locked(scope, case_id).org  # is it there for this actor, before bytes are taken
    stored = files.store(scope, now=now, name=name, stream=stream, purpose=CASE_FILE.code, org=org)
    with transaction.atomic():
        case = locked(scope, case_id)
        made = CaseAttachment.objects.create(case=case, file=stored, label=label.strip()[:100], added_at=now)
        add(case, scope, now, "attach", {"file": stored.pk, "name": stored.name, "sm3": stored.sm3})
        audit.record(
            scope, now=now, action="case.attach", kind="case", object_id=case.pk, label=str(case),
            after={"file": stored.name, "sm3": stored.sm3}, org_path=case.org.path,
        )  # fmt: skip
    return made


def detach(scope: Scope, *, now: datetime, case_id: int, attachment_id: int) -> Case:
    """Mark an attachment as removed (移除附件): by who uploaded it or who leads; the file and its line stay.

    Raises:
        NotFound: no such attachment.
        NotPermitted: somebody else uploaded it.
    """
    with transaction.atomic():
        case = locked(scope, case_id)
        row = (
            CaseAttachment.objects.select_related("file")
            .filter(case=case, pk=attachment_id, removed_at=None)
            .first()
        )
        if row is None:
            raise NotFound("没有这份附件。", "请刷新页面。")
        if not scope.allows("cases.lead", case.org.path) and row.file.uploaded_by_id != scope.actor_id:
            raise NotPermitted("只有上传人或项目经理可以移除附件。")
        row.removed_at = now
        row.save(update_fields=["removed_at"])
        add(case, scope, now, "attach", {"file": row.file_id, "name": row.file.name, "removed": True})
        audit.record(
            scope, now=now, action="case.detach", kind="case", object_id=case.pk, label=str(case),
            before={"file": row.file.name}, org_path=case.org.path,
        )  # fmt: skip
    return case
