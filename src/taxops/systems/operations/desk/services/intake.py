"""Receiving (受理): one attempt, one case; the conversation attached, the question counted, the answer given."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F

from taxops.engines.base import BadInput, NotFound, Scope
from taxops.platform.casework import services as casework
from taxops.platform.casework.models import Case
from taxops.platform.identity.models import OrgUnit
from taxops.platform.identity.queries import within
from taxops.systems.operations.desk import rules
from taxops.systems.operations.desk.models import CannedAnswer
from taxops.systems.operations.desk.words import Channel, Kind
from taxops.systems.operations.knowledge import services as knowledge

from .indexing import index_case

_COUNTED = {
    Channel.PHONE: "phone",
    Channel.WEB: "web",
    Channel.WECHAT: "chat",
    Channel.QQ: "chat",
    Channel.HOTLINE: "hotline",
    Channel.H12345: "mayor",
    Channel.ONSITE: "onsite",
}


def receive(
    scope: Scope,
    *,
    now: datetime,
    values: Mapping[str, object],
    org_id: int,
    key: str,
    at: datetime | None = None,
    conversation: str = "",
    answer: str = "",
    article_id: int | None = None,
    canned_id: int | None = None,
) -> Case:
    """Open a case from the desk (受理); the same key again returns the case it opened.

    Args:
        values: what the form holds; see `rules.opening`.
        at: when it was asked, if that was earlier.
        conversation: the pasted text, kept as an attachment.
        answer: given at once, which accepts and resolves a request.
        article_id: the article that answered.
        canned_id: the canned answer that was used.

    Raises:
        BadInput: the form does not hold, or an answer to something that is no request.
        NotFound, NotPermitted, Conflict: as casework says; nothing is stored then.
    """
    if not 8 <= len(key) <= 64:
        raise BadInput("受理请求不完整，没有保存。", "请刷新页面后重填。")
    data = rules.opening(values)
    kind = str(values["type_code"])
    if answer.strip() and kind != Kind.REQUEST:
        raise BadInput("只有服务请求可以当场答复。", "请先受理，再在事项中办理。", field="answer")
    if at is not None and at > now:
        raise BadInput("提出时间不能晚于现在。", field="at")
    with transaction.atomic():
        known = Case.objects.filter(key=f"desk-{key}").select_related("org").first()
        if known is not None:
            return known
        org = OrgUnit.objects.filter(within(scope, "cases.open", "path"), pk=org_id).first()
        if org is None:
            raise NotFound("没有这个机构，或您不能为它受理事项。", "请重新选择机构。")
        case = casework.open_new(
            scope, now=now, type_code=kind, org_id=org.pk, data=data, at=at, key=f"desk-{key}"
        )
        if conversation.strip():
            stream = io.BytesIO(conversation.replace("\x00", "").encode())
            casework.attach(
                scope, now=now, case_id=case.pk, name="对话记录.txt", stream=stream, label="粘贴的对话"
            )
        if answer.strip():
            for step, form in (
                ("accept", {}),
                ("resolve", {"answer": answer.strip()[:4000], "first_line": True}),
            ):
                casework.take(scope, now=now, case_id=case.pk, step=step, data=form, key=f"desk-{step}")
        case = Case.objects.select_related("org").get(pk=case.pk)
        index_case(case)
        if kind == Kind.REQUEST and scope.has("knowledge.view"):
            knowledge.record_question(
                scope,
                now=now,
                text=case.title,
                org_id=org.pk,
                channel=_COUNTED.get(Channel(str(values.get("channel") or "phone")), "other"),
                article_id=article_id,
                case_number=case.number,
                asked_at=at,
            )
        if canned_id is not None:
            CannedAnswer.objects.filter(pk=canned_id).update(n_used=F("n_used") + 1)
    return case
