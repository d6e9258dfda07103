"""Articles (知识条目): written, submitted, reviewed by somebody else, published, reviewed again, retired."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from typing import IO

from django.db import IntegrityError, transaction
from django.db.models import Count, Max, Q

from taxops.engines.base import CHINA, BadInput, Conflict, NotFound, Scope
from taxops.engines.crypto import sm3
from taxops.platform.audit import services as audit
from taxops.platform.files import purposes
from taxops.platform.files import services as files
from taxops.platform.finding import services as finding
from taxops.platform.identity.models import OrgUnit
from taxops.platform.identity.queries import within
from taxops.platform.notify import services as notify
from taxops.systems.operations.knowledge import rules
from taxops.systems.operations.knowledge.models import Article, ArticleFile, ArticleVersion, ArticleVote
from taxops.systems.operations.knowledge.queries import KIND, with_review_date
from taxops.systems.operations.knowledge.words import ArticleState, Category, VersionState

WRITE = "knowledge.write"
PURPOSE = purposes.declare(purposes.Purpose("knowledge", "知识附件", permission="knowledge.view"))
TITLE_MAX, BODY_MAX = 200, 50_000


def _load(scope: Scope, pk: int, permission: str = WRITE) -> Article:
    """Return the article, locked.

    Raises:
        NotFound: none within the actor's range.
    """
    found = (
        Article.objects.select_for_update(of=("self",))
        .select_related("org", "published")
        .filter(within(scope, permission), pk=pk)
        .first()
    )
    if found is None:
        raise NotFound("没有这条知识，或不在您的管理范围内。", "请从知识库检索。")
    return found


def _words(title: str, body: str) -> tuple[str, str]:
    title, body = " ".join(title.split()), body.strip()
    if not title:
        raise BadInput("请填写标题。", "写成用户会问的一句话。", field="title")
    if len(title) > TITLE_MAX:
        raise BadInput(f"标题不能超过 {TITLE_MAX} 字。", field="title")
    if not body:
        raise BadInput("请填写正文。", "写明现象、原因和处理步骤。", field="body")
    if len(body) > BODY_MAX:
        raise BadInput(f"正文不能超过 {BODY_MAX} 字。", "请拆成几条，或放入附件。", field="body")
    return title, body


def draft(
    scope: Scope, *, now: datetime, title: str, body: str, category: str, org_id: int, keywords: str = ""
) -> Article:
    """Write a new article (新建知识); it is found once another person has reviewed it.

    Raises:
        BadInput: a field is missing or too long, or there is no such category.
        NotFound: no such organisation where the actor may write.
    """
    title, body = _words(title, body)
    if category not in {c.value for c in Category}:
        raise BadInput("没有这个知识分类。", field="category")
    with transaction.atomic():
        org = OrgUnit.objects.filter(within(scope, WRITE, "path"), pk=org_id).first()
        if org is None:
            raise NotFound("没有这个机构，或您不能在该机构编写知识。", "请重新选择机构。")
        article = Article.objects.create(
            code=f"~{secrets.token_hex(8)}",
            title=title,
            category=category,
            org=org,
            owner_id=scope.actor_id,
            created_at=now,
            changed_at=now,
        )
        article.code = f"KB{article.pk:05d}"
        article.save(update_fields=["code"])
        _write(scope, article, title, body, keywords, "", now)
        audit.record(
            scope, now=now, action="article.draft", kind="article", object_id=article.pk, label=title,
            after={"title": title, "category": category}, org_path=org.path,
        )  # fmt: skip
    return article


def _write(
    scope: Scope, article: Article, title: str, body: str, keywords: str, change: str, now: datetime
) -> ArticleVersion:
    last = article.versions.aggregate(n=Max("number"))["n"] or 0
    try:
        with transaction.atomic():
            return ArticleVersion.objects.create(
                article=article,
                number=last + 1,
                title=title,
                body=body,
                keywords=keywords.strip()[:200],
                change=change.strip()[:400],
                author_id=scope.actor_id,
                written_at=now,
            )
    except IntegrityError as error:
        raise Conflict("另一位同事刚刚新建了版本。", "请刷新后在该版本上修改。") from error


def revise(
    scope: Scope, pk: int, *, now: datetime, title: str, body: str, keywords: str = "", change: str
) -> ArticleVersion:
    """Start the next version of a published article (修订知识); the published one stays until the new one is.

    Raises:
        NotFound: not there.
        Conflict: a version is being written already.
        BadInput: a field is missing, or it is not said what changes.
    """
    title, body = _words(title, body)
    if not change.strip():
        raise BadInput("请填写修订说明。", "写明改了什么、为什么改。", field="change")
    with transaction.atomic():
        article = _load(scope, pk)
        if article.versions.exclude(state=VersionState.PUBLISHED.value).exists():
            raise Conflict("这条知识已有在编版本。", "请在该版本上继续修改，或等它审核完成。")
        version = _write(scope, article, title, body, keywords, change, now)
        Article.objects.filter(pk=article.pk).update(changed_at=now)
        audit.record(
            scope, now=now, action="article.revise", kind="article", object_id=article.pk, label=title,
            after={"version": version.number, "change": version.change}, org_path=article.org.path,
        )  # fmt: skip
    return version


def _open(article: Article) -> ArticleVersion:
    version = (
        ArticleVersion.objects.select_for_update()
        .filter(article=article)
        .exclude(state=VersionState.PUBLISHED.value)
        .order_by("-number")
        .first()
    )
    if version is None:
        raise Conflict("这条知识没有在编版本。", "如需更正，请先修订。")
    return version


def edit(
    scope: Scope, pk: int, *, now: datetime, title: str, body: str, keywords: str = "", change: str = ""
) -> ArticleVersion:
    """Change the version that is being written (修改草稿).

    Raises:
        NotFound, Conflict: not there, or it waits for its review or is published.
        BadInput: a field is missing or too long.
    """
    title, body = _words(title, body)
    with transaction.atomic():
        article = _load(scope, pk)
        version = _open(article)
        rules.require_open(version.state)
        before = {"title": version.title, "keywords": version.keywords, "sm3": sm3(version.body.encode())}
        version.title, version.body = title, body
        version.keywords, version.change = keywords.strip()[:200], change.strip()[:400]
        version.author_id, version.written_at = scope.actor_id, now
        version.state = VersionState.DRAFT.value
        version.save()
        Article.objects.filter(pk=pk).update(
            changed_at=now, **({} if article.published_id else {"title": title})
        )
        audit.record(
            scope, now=now, action="article.edit", kind="article", object_id=pk, label=title, before=before,
            after={"title": title, "keywords": version.keywords, "sm3": sm3(body.encode())},
            org_path=article.org.path,
        )  # fmt: skip
    return version


def submit(scope: Scope, pk: int, *, now: datetime) -> ArticleVersion:
    """Hand the written version in for review (提交审核).

    Raises:
        NotFound, Conflict: not there, or there is nothing to hand in.
    """
    with transaction.atomic():
        article = _load(scope, pk)
        version = _open(article)
        rules.require_open(version.state)
        version.state = VersionState.SUBMITTED.value
        version.save(update_fields=["state"])
        audit.record(
            scope, now=now, action="article.submit", kind="article", object_id=pk, label=version.title,
            after={"version": version.number, "state": version.state}, org_path=article.org.path,
        )  # fmt: skip
    return version


def review(
    scope: Scope,
    pk: int,
    *,
    now: datetime,
    agree: bool,
    note: str = "",
    review_days: int = rules.REVIEW_DAYS,
) -> Article:
    """Publish the version that waits, or send it back (审核知识); never by its author.

    Raises:
        NotFound, NotPermitted, Conflict: not there, the actor wrote it, or it does not wait.
        BadInput: sent back without a reason, or a review date that is no date.
    """
    note = note.strip()[:400]
    if not agree and not note:
        raise BadInput("退回时请写明意见。", field="note")
    if not 1 <= review_days <= 730:
        raise BadInput("复审间隔应在 1 到 730 天之间。", field="review_days")
    with transaction.atomic():
        article = _load(scope, pk, "knowledge.review")
        version = _open(article)
        rules.require_reviewable(version.state, version.author_id, scope.actor_id)
        version.reviewer_id, version.reviewed_at, version.review_note = scope.actor_id, now, note
        if agree:
            version.state, version.sm3 = VersionState.PUBLISHED.value, sm3(version.body.encode())
        else:
            version.state = VersionState.RETURNED.value
        version.save()
        if agree:
            article.title, article.published, article.state = (
                version.title,
                version,
                ArticleState.PUBLISHED.value,
            )
            article.review_due_on = rules.review_due(now.astimezone(CHINA).date(), review_days)
            article.reminded_on = None
        article.changed_at = now
        article.save()
        if agree:
            index(article)
        audit.record(
            scope, now=now, action="article.publish" if agree else "article.return", kind="article",
            object_id=pk, label=version.title,
            after={"version": version.number, "state": version.state, "note": note, "sm3": version.sm3},
            org_path=article.org.path,
        )  # fmt: skip
        if version.author_id is not None:
            notify.tell(
                scope, now=now, people=[version.author_id],
                title=f"知识「{version.title}」{'已发布' if agree else '被退回'}", body=note,
                link=f"/operations/knowledge/{pk}/", key=f"article-{pk}-{version.number}-{now.timestamp():.0f}",
                broadcast=False,
            )  # fmt: skip
    return article


def index(article: Article) -> None:
    """Bring the article's entry in the search up to date."""
    version = article.published
    if version is None or article.state != ArticleState.PUBLISHED:
        finding.drop(KIND, [article.pk])
        return
    finding.put(
        KIND,
        article.pk,
        title=version.title,
        body=f"{version.body}\n{version.keywords}",
        at=article.changed_at,
        org_path=article.org.path,
        facet=article.category,
        boost=rules.useful_boost(article.n_useful, article.n_useless),
    )


def retire(scope: Scope, pk: int, *, now: datetime, reason: str) -> Article:
    """Take an article out of use (停用知识); it stays in the record and leaves the search.

    Raises:
        NotFound, Conflict: not there, or not in use.
        BadInput: without a reason.
    """
    if not reason.strip():
        raise BadInput("请写明停用原因。", field="reason")
    with transaction.atomic():
        article = _load(scope, pk)
        if article.state != ArticleState.PUBLISHED:
            raise Conflict(f"这条知识{ArticleState.label_of(article.state)}，不能停用。", "请刷新后查看。")
        article.state, article.changed_at, article.review_due_on = ArticleState.RETIRED.value, now, None
        article.save(update_fields=["state", "changed_at", "review_due_on"])
        index(article)
        audit.record(
            scope, now=now, action="article.retire", kind="article", object_id=pk, label=article.title,
            before={"state": ArticleState.PUBLISHED.value},
            after={"state": article.state, "reason": reason.strip()[:400]}, org_path=article.org.path,
        )  # fmt: skip
    return article


def vote(scope: Scope, pk: int, *, now: datetime, is_useful: bool, note: str = "") -> Article:
    """Say whether an article helped (评价知识); a reader's later word replaces the earlier.

    Raises:
        NotFound, Conflict: not there, or not published.
    """
    with transaction.atomic():
        article = _load(scope, pk, "knowledge.view")
        if article.state != ArticleState.PUBLISHED or scope.actor_id is None:
            raise Conflict("这条知识没有发布，不能评价。", "请刷新后查看。")
        ArticleVote.objects.update_or_create(
            article=article,
            person_id=scope.actor_id,
            defaults={"is_useful": is_useful, "note": note.strip()[:400], "at": now},
        )
        counts = article.votes.aggregate(
            yes=Count("pk", filter=Q(is_useful=True)), no=Count("pk", filter=Q(is_useful=False))
        )
        article.n_useful, article.n_useless = counts["yes"], counts["no"]
        article.save(update_fields=["n_useful", "n_useless"])
        index(article)
        audit.record(
            scope, now=now, action="article.vote", kind="article", object_id=pk, label=article.title,
            after={"is_useful": is_useful, "note": note.strip()[:400]}, org_path=article.org.path,
        )  # fmt: skip
    return article


def attach(scope: Scope, pk: int, *, now: datetime, name: str, stream: IO[bytes]) -> ArticleFile:
    """Add a file to an article (上传附件).

    Raises:
        NotFound: not there.
        BadInput, TooLarge: a file that is not taken.
    """
    with transaction.atomic():
        article = _load(scope, pk)
        stored = files.store(scope, now=now, name=name, stream=stream, purpose=PURPOSE.code, org=article.org)
        made = ArticleFile.objects.create(article=article, file=stored)
        audit.record(
            scope, now=now, action="article.attach", kind="article", object_id=pk, label=article.title,
            after={"file": stored.name, "sm3": stored.sm3}, org_path=article.org.path,
        )  # fmt: skip
    return made


def remind_due(scope: Scope, *, now: datetime) -> int:
    """Remind the owners of articles whose review is due (复审提醒); once a week each. Return how many."""
    today: date = now.astimezone(CHINA).date()
    n = 0
    for article in with_review_date():
        if not rules.should_remind(article.review_due_on, article.reminded_on, today):
            continue
        with transaction.atomic():
            Article.objects.filter(pk=article.pk).update(reminded_on=today)
            if article.owner_id is not None:
                notify.tell(
                    scope, now=now, people=[article.owner_id],
                    title=f"知识「{article.title}」应于 {article.review_due_on} 前复审",
                    body="请核对内容是否仍然正确：需要更正的修订后提交审核，不再适用的停用。",
                    link=f"/operations/knowledge/{article.pk}/", key=f"article-review-{article.pk}-{today}",
                    org_path=article.org.path, broadcast=False,
                )  # fmt: skip
        n += 1
    return n
