"""Questions (提问记录): what was really asked, and which article answered it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from taxops.engines.base import BadInput, NotFound, Scope
from taxops.platform.audit import services as audit
from taxops.platform.identity.models import OrgUnit
from taxops.platform.identity.queries import within
from taxops.systems.operations.knowledge.models import Article, AskedQuestion
from taxops.systems.operations.knowledge.words import Channel

ASK = "knowledge.view"


def record_question(
    scope: Scope,
    *,
    now: datetime,
    text: str,
    org_id: int,
    channel: str = Channel.OTHER.value,
    article_id: int | None = None,
    case_number: str = "",
    asked_at: datetime | None = None,
) -> AskedQuestion:
    """Write down a question that was asked (登记提问); the same case and article count once.

    Raises:
        BadInput: no text, a channel that is none, or an instant still to come.
        NotFound: no such organisation or article within the actor's range.
    """
    text = " ".join(text.split())[:400]
    if not text:
        raise BadInput("请填写问题。", "照提问人的原话写。", field="text")
    if channel not in {c.value for c in Channel}:
        raise BadInput("没有这个提问渠道。", field="channel")
    if asked_at is not None and asked_at > now:
        raise BadInput("提问时间不能晚于现在。", field="asked_at")
    with transaction.atomic():
        org = OrgUnit.objects.filter(within(scope, ASK, "path"), pk=org_id).first()
        if org is None:
            raise NotFound("没有这个机构，或不在您的管理范围内。", "请重新选择机构。")
        article = None
        if article_id is not None:
            article = Article.objects.filter(within(scope, ASK), pk=article_id).first()
            if article is None:
                raise NotFound("没有这条知识，或不在您的管理范围内。", "请从知识库检索。")
        case_number = case_number.strip()[:40]
        if case_number:
            known = AskedQuestion.objects.filter(case_number=case_number, article=article).first()
            if known is not None:
                return known
        made = AskedQuestion.objects.create(
            asked_at=asked_at or now,
            entered_at=now,
            text=text,
            channel=channel,
            org=org,
            article=article,
            case_number=case_number,
            entered_by_id=scope.actor_id,
        )
        audit.record(
            scope, now=now, action="question.record", kind="question", object_id=made.pk, label=text,
            after={"channel": channel, "article": article.code if article else "", "case": case_number},
            org_path=org.path, at=asked_at,
        )  # fmt: skip
    return made


def link_case(scope: Scope, pk: int, *, now: datetime, case_number: str, text: str = "") -> AskedQuestion:
    """Say that an article answered a case (关联事项): the case's question counts for the article.

    Raises:
        NotFound: no such article.
        BadInput: no case number.
    """
    if not case_number.strip():
        raise BadInput("请填写事项编号。", field="case_number")
    article = Article.objects.filter(within(scope, ASK), pk=pk).first()
    if article is None:
        raise NotFound("没有这条知识，或不在您的管理范围内。", "请从知识库检索。")
    return record_question(
        scope,
        now=now,
        text=text or article.title,
        org_id=article.org_id,
        article_id=pk,
        case_number=case_number,
    )
