"""Reads of knowledge; the scope is an argument."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from taxops.engines.base import CHINA, NotFound, Scope
from taxops.platform.finding import queries as finding
from taxops.platform.identity.queries import within

from .models import Article, ArticleVersion, ArticleVote, AskedQuestion, Edition
from .rules import quarter_span
from .words import ArticleState, VersionState

VIEW = "knowledge.view"
KIND = "article"


def list_articles(scope: Scope) -> QuerySet[Any]:
    """Return the articles within the actor's range, the last changed first."""
    return (
        Article.objects.filter(within(scope, VIEW))
        .select_related("org", "owner", "published")
        .annotate(n_asked=Count("questions", distinct=True))
    )


def get_article(scope: Scope, pk: int) -> Any:
    """Return one article with what it says now.

    Raises:
        NotFound: none within the actor's range.
    """
    found = list_articles(scope).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这条知识，或不在您的管理范围内。", "请从知识库检索。")
    return found


def open_version(article: Article) -> ArticleVersion | None:
    """Return the version that is being written or reviewed (在编版本), if there is one."""
    return (
        article.versions.exclude(state=VersionState.PUBLISHED.value)
        .select_related("author", "reviewer")
        .order_by("-number")
        .first()
    )


def versions_of(article: Article) -> QuerySet[ArticleVersion]:
    """Return every wording of an article, the latest first."""
    return article.versions.select_related("author", "reviewer").order_by("-number")


def get_version(scope: Scope, pk: int) -> ArticleVersion:
    """Return one version.

    Raises:
        NotFound: none within the actor's range.
    """
    found = (
        ArticleVersion.objects.filter(within(scope, VIEW, "article__org__path"), pk=pk)
        .select_related("article__org", "author", "reviewer")
        .first()
    )
    if found is None:
        raise NotFound("没有这个版本，或不在您的管理范围内。", "请从知识条目进入。")
    return found


def waiting_for_review(scope: Scope) -> QuerySet[ArticleVersion]:
    """Return the versions that wait for a reviewer other than the asker (待我审核)."""
    return (
        ArticleVersion.objects.filter(
            within(scope, "knowledge.review", "article__org__path"), state=VersionState.SUBMITTED.value
        )
        .exclude(author_id=scope.actor_id)
        .select_related("article", "author")
    )


def with_review_date() -> QuerySet[Article]:
    """Return the published articles with a review date, whoever asks (for the reminding job)."""
    return Article.objects.filter(
        state=ArticleState.PUBLISHED.value, review_due_on__isnull=False
    ).select_related("owner", "org")


def files_of(article: Article) -> QuerySet[Any]:
    """Return the files of an article."""
    return article.files.select_related("file")


def vote_of(scope: Scope, article: Article) -> ArticleVote | None:
    """Return what the asker thought of an article."""
    return ArticleVote.objects.filter(article=article, person_id=scope.actor_id or 0).first()


def remarks(article: Article) -> QuerySet[ArticleVote]:
    """Return the readers' remarks on an article, the latest first."""
    return (
        ArticleVote.objects.filter(article=article).exclude(note="").select_related("person").order_by("-at")
    )


def search(scope: Scope, text: str, *, category: str = "", limit: int = 20, offset: int = 0) -> finding.Found:
    """Return the published articles that a text finds, best first; at most two queries."""
    return finding.find(scope, text, kinds={KIND: VIEW}, facet=category, limit=limit, offset=offset)


def related(scope: Scope, text: str, limit: int = 5) -> finding.Found:
    """Return the articles that may answer a question in plain words (相关知识)."""
    return finding.find_similar(scope, text, kinds={KIND: VIEW}, limit=limit)


def list_questions(scope: Scope) -> QuerySet[AskedQuestion]:
    """Return what was asked within the actor's range, the latest first."""
    return AskedQuestion.objects.filter(within(scope, VIEW)).select_related("org", "article", "entered_by")


def questions_of(scope: Scope, article: Article) -> QuerySet[AskedQuestion]:
    """Return the questions that an article answered, the latest first."""
    return list_questions(scope).filter(article=article)


def asked_in(quarter: str, org_path: str) -> QuerySet[AskedQuestion]:
    """Return what was asked in a quarter below an organisation."""
    begin, end = quarter_span(quarter)
    return AskedQuestion.objects.filter(
        asked_at__gte=begin, asked_at__lt=end, org__path__startswith=org_path
    ).order_by("asked_at", "pk")


def list_editions(scope: Scope) -> QuerySet[Edition]:
    """Return the editions within the actor's range, the latest quarter first."""
    return Edition.objects.filter(within(scope, VIEW)).select_related("org", "composed_by", "frozen_by")


def get_edition(scope: Scope, pk: int) -> Edition:
    """Return one edition.

    Raises:
        NotFound: none within the actor's range.
    """
    found = list_editions(scope).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这一期手册，或不在您的管理范围内。", "请从手册列表进入。")
    return found


def counts(scope: Scope, now: datetime) -> dict[str, int]:
    """Return how many articles are published, due for review and waiting for one; two queries."""
    today = now.astimezone(CHINA).date()
    rows = Article.objects.filter(within(scope, VIEW)).aggregate(
        published=Count("pk", filter=Q(state=ArticleState.PUBLISHED.value)),
        overdue=Count("pk", filter=Q(state=ArticleState.PUBLISHED.value, review_due_on__lt=today)),
    )
    return {**rows, "waiting": waiting_for_review(scope).count()}
