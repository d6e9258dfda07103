"""Articles: two people, published words that never change, the search that follows them."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError, transaction

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope
from taxops.platform.audit.models import AuditEntry
from taxops.platform.notify.models import Notice
from taxops.systems.operations.knowledge import queries, services
from taxops.systems.operations.knowledge.models import Article, ArticleVersion

if TYPE_CHECKING:
    from tests.systems.operations.knowledge.conftest import Room


def _found(room: Room, text: str) -> int:
    return queries.search(room.reader, text).total


def test_from_draft_to_the_search(room: Room) -> None:
    article = services.draft(
        room.writer, now=room.now, title="红字发票", body="填信息表", category="use", org_id=room.org.pk
    )
    assert article.code == f"KB{article.pk:05d}"
    assert _found(room, "红字") == 0
    services.submit(room.writer, article.pk, now=room.now)
    with pytest.raises(Conflict):
        services.edit(room.writer, article.pk, now=room.now, title="改", body="改")
    services.review(room.reviewer, article.pk, now=room.now, agree=True, review_days=90)
    article.refresh_from_db()
    assert (article.state, str(article.review_due_on)) == ("published", "2026-08-30")
    assert _found(room, "红字") == 1
    assert Notice.objects.filter(title="知识「红字发票」已发布").exists()
    assert [e.action for e in AuditEntry.objects.filter(kind="article").order_by("seq")] == [
        "article.draft",
        "article.submit",
        "article.publish",
    ]


def test_nobody_reviews_their_own_words(room: Room) -> None:
    article = services.draft(
        room.reviewer, now=room.now, title="甲", body="乙", category="use", org_id=room.org.pk
    )
    services.submit(room.reviewer, article.pk, now=room.now)
    with pytest.raises(NotPermitted):
        services.review(room.reviewer, article.pk, now=room.now, agree=True)
    assert Article.objects.get(pk=article.pk).state == "draft"


def test_whoever_edits_last_is_the_author(room: Room) -> None:
    article = services.draft(
        room.writer, now=room.now, title="甲", body="乙", category="use", org_id=room.org.pk
    )
    services.edit(room.reviewer, article.pk, now=room.now, title="甲", body="丙")
    services.submit(room.writer, article.pk, now=room.now)
    with pytest.raises(NotPermitted):
        services.review(room.reviewer, article.pk, now=room.now, agree=True)


def test_a_returned_draft_comes_back(room: Room) -> None:
    article = services.draft(
        room.writer, now=room.now, title="甲", body="乙", category="use", org_id=room.org.pk
    )
    services.submit(room.writer, article.pk, now=room.now)
    with pytest.raises(BadInput):
        services.review(room.reviewer, article.pk, now=room.now, agree=False)
    services.review(room.reviewer, article.pk, now=room.now, agree=False, note="缺步骤")
    services.edit(room.writer, article.pk, now=room.now, title="甲", body="乙丙")
    services.submit(room.writer, article.pk, now=room.now)
    services.review(room.reviewer, article.pk, now=room.now, agree=True)
    assert ArticleVersion.objects.get(article=article).number == 1


def test_a_revision_leaves_the_published_words_until_it_is_published(room: Room) -> None:
    article = room.published("红字发票怎么开", "旧办法")
    services.revise(
        room.writer, article.pk, now=room.now, title="红冲怎么办", body="新办法", change="政策调整"
    )
    assert _found(room, "旧办法") == 1
    with pytest.raises(Conflict):
        services.revise(room.writer, article.pk, now=room.now, title="又", body="又", change="又")
    services.submit(room.writer, article.pk, now=room.now)
    services.review(room.reviewer, article.pk, now=room.now, agree=True)
    assert (_found(room, "旧办法"), _found(room, "新办法")) == (0, 1)
    assert [v.body for v in queries.versions_of(article)] == ["新办法", "旧办法"]


@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_database_refuses_to_change_published_words(room: Room, act: str) -> None:
    version = ArticleVersion.objects.filter(article=room.published())
    with pytest.raises(DatabaseError), transaction.atomic():
        version.update(body="改") if act == "update" else version._raw_delete(version.db)
    assert version.get().body == "先填信息表。"


def test_a_retired_article_leaves_the_search_and_comes_back_by_review(room: Room) -> None:
    article = room.published()
    with pytest.raises(BadInput):
        services.retire(room.writer, article.pk, now=room.now, reason=" ")
    services.retire(room.writer, article.pk, now=room.now, reason="政策废止")
    assert _found(room, "红字") == 0
    with pytest.raises(Conflict):
        services.vote(room.reader, article.pk, now=room.now, is_useful=True)
    services.revise(room.writer, article.pk, now=room.now, title="红字发票", body="恢复", change="恢复")
    services.submit(room.writer, article.pk, now=room.now)
    services.review(room.reviewer, article.pk, now=room.now, agree=True)
    assert _found(room, "红字") == 1


def test_each_reader_has_one_vote(room: Room) -> None:
    article = room.published()
    for is_useful in (True, True, False):
        services.vote(room.reader, article.pk, now=room.now, is_useful=is_useful, note="步骤不全")
    services.vote(room.writer, article.pk, now=room.now, is_useful=True)
    article.refresh_from_db()
    assert (article.n_useful, article.n_useless) == (1, 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", " "), ("title", "长" * 201), ("body", ""), ("body", "长" * 50_001), ("category", "zz")],
)
def test_bad_words_store_nothing(room: Room, field: str, value: str) -> None:
    good: dict[str, Any] = {"title": "甲", "body": "乙", "category": "use", "org_id": room.org.pk}
    with pytest.raises(BadInput):
        services.draft(room.writer, now=room.now, **{**good, field: value})
    assert not Article.objects.exists()


def test_strangers_are_told_there_is_nothing(room: Room) -> None:
    article = room.published()
    for act in (
        lambda who: services.edit(who, article.pk, now=room.now, title="甲", body="乙"),
        lambda who: services.submit(who, article.pk, now=room.now),
        lambda who: services.review(who, article.pk, now=room.now, agree=True),
        lambda who: services.retire(who, article.pk, now=room.now, reason="不要"),
        lambda who: services.vote(who, article.pk, now=room.now, is_useful=True),
        lambda who: services.attach(who, article.pk, now=room.now, name="a.txt", stream=io.BytesIO(b"a")),
        lambda who: services.draft(
            who, now=room.now, title="甲", body="乙", category="use", org_id=room.org.pk
        ),
    ):
        with pytest.raises(NotFound):
            act(room.neighbour)


def test_a_file_belongs_to_its_article(room: Room) -> None:
    article = room.published()
    made = services.attach(room.writer, article.pk, now=room.now, name="步骤.txt", stream=io.BytesIO(b"1"))
    assert (made.file.purpose, made.file.org_id) == ("knowledge", room.org.pk)
    assert [f.file.name for f in queries.files_of(article)] == ["步骤.txt"]


def test_owners_are_reminded_once_a_week(room: Room) -> None:
    room.published()
    system = Scope.system("作业")
    due = room.now + timedelta(days=180)
    told = [services.remind_due(system, now=due + timedelta(days=n)) for n in (-20, -14, -13, -7, 0)]
    assert told == [0, 1, 0, 1, 1]
    assert Notice.objects.filter(title__contains="前复审").count() == 3
