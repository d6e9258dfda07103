"""Editions (手册): composed from a quarter's questions, frozen, made into Word and PDF again at any time."""

from __future__ import annotations

import json
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from taxops.engines.base import CHINA, BadInput, Conflict, NotFound, NotPermitted, Scope
from taxops.engines.documents import Document, Frozen, Signature, freeze, thaw
from taxops.platform.audit import services as audit
from taxops.platform.identity.models import OrgUnit
from taxops.platform.identity.queries import within
from taxops.systems.operations.knowledge import rules
from taxops.systems.operations.knowledge.models import Article, Edition
from taxops.systems.operations.knowledge.queries import asked_in
from taxops.systems.operations.knowledge.words import ArticleState, Channel, EditionState

WRITE = "knowledge.write"


def compose_edition(scope: Scope, *, now: datetime, quarter: str, org_id: int) -> Edition:
    """Compose a quarter's edition from what was asked (编制手册), or compose its draft anew.

    A frozen edition stays; composing again then makes the next number.

    Raises:
        BadInput: not a quarter, or one that has not begun.
        NotFound: no such organisation where the actor may write.
    """
    begin, _ = rules.quarter_span(quarter)
    if begin > now:
        raise BadInput("这个季度还没有开始。", "请选择本季度或以前的季度。", field="quarter")
    with transaction.atomic():
        org = OrgUnit.objects.filter(within(scope, WRITE, "path"), pk=org_id).first()
        if org is None:
            raise NotFound("没有这个机构，或您不能为它编制手册。", "请重新选择机构。")
        asked = [
            rules.Asked(text, channel, article)
            for text, channel, article in asked_in(quarter, org.path).values_list(
                "text", "channel", "article_id"
            )
        ]
        wanted = {a.article_id for a in asked if a.article_id is not None}
        articles = Article.objects.filter(pk__in=wanted, state=ArticleState.PUBLISHED.value).select_related(
            "published"
        )
        answers = {
            a.pk: rules.Answer(a.pk, a.code, a.title, a.category, a.published.body, a.published.number)
            for a in articles
            if a.published is not None
        }
        frozen = freeze(rules.compose(quarter, asked, answers).plain())
        known = Edition.objects.select_for_update().filter(org=org, quarter=quarter)
        draft = known.filter(state=EditionState.DRAFT.value).first()
        if draft is None:
            last = known.aggregate(n=Max("number"))["n"] or 0
            draft = Edition(org=org, quarter=quarter, number=last + 1)
        draft.content, draft.sm3 = frozen.text, frozen.digest
        draft.composed_by_id, draft.composed_at = scope.actor_id, now
        draft.save()
        audit.record(
            scope, now=now, action="edition.compose", kind="edition", object_id=draft.pk, label=str(draft),
            after={"asked": len(asked), "articles": len(answers), "sm3": frozen.digest}, org_path=org.path,
        )  # fmt: skip
    return draft


def freeze_edition(scope: Scope, pk: int, *, now: datetime) -> Edition:
    """Make an edition final (手册定稿): after its quarter, by another person than the one who composed it.

    Raises:
        NotFound, Conflict: not there, final already, or its quarter is not over.
        NotPermitted: the actor composed it.
    """
    with transaction.atomic():
        edition = (
            Edition.objects.select_for_update(of=("self",))
            .select_related("org")
            .filter(within(scope, "knowledge.review"), pk=pk)
            .first()
        )
        if edition is None:
            raise NotFound("没有这一期手册，或不在您的管理范围内。", "请从手册列表进入。")
        if edition.state == EditionState.FROZEN:
            raise Conflict("这一期手册已经定稿。", "如需更正，请重新编制，作为新的版次。")
        _, end = rules.quarter_span(edition.quarter)
        if now < end:
            raise Conflict(
                "季度还没有结束，提问还会增加。", f"请在 {end.astimezone(CHINA).date()} 以后定稿。"
            )
        if scope.actor_id is not None and scope.actor_id == edition.composed_by_id:
            raise NotPermitted("不能为自己编制的手册定稿。", "请由另一位有审核权限的人员定稿。")
        edition.state, edition.frozen_by_id, edition.frozen_at = (
            EditionState.FROZEN.value,
            scope.actor_id,
            now,
        )
        edition.save(update_fields=["state", "frozen_by", "frozen_at"])
        audit.record(
            scope, now=now, action="edition.freeze", kind="edition", object_id=pk, label=str(edition),
            before={"state": EditionState.DRAFT.value}, after={"state": edition.state, "sm3": edition.sm3},
            org_path=edition.org.path,
        )  # fmt: skip
    return edition


def document_of_edition(edition: Edition) -> Document:
    """Return the edition as a paper, from its frozen content.

    Raises:
        BadInput: content and digest do not belong together: somebody changed it.
    """
    content = thaw(Frozen(edition.content, edition.sm3))
    if not isinstance(content, dict):
        raise BadInput("手册内容无法识别。", "请重新编制。")
    signatures = [
        Signature("编制", str(edition.composed_by or ""), edition.composed_at.astimezone(CHINA).date()),
        Signature(
            "审定",
            str(edition.frozen_by or ""),
            edition.frozen_at.astimezone(CHINA).date() if edition.frozen_at else None,
        ),
    ]
    return rules.document_of(
        content,
        org=edition.org.name,
        made_at=edition.frozen_at or edition.composed_at,
        channel_labels=dict(Channel.pairs()),
        signatures=signatures,
    )


def content_of(edition: Edition) -> dict[str, object]:
    """Return what an edition says, for its page."""
    found: dict[str, object] = json.loads(edition.content)
    return found
