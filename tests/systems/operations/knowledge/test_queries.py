"""Reads of knowledge: the range of the asker, what waits for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from taxops.engines.base import NotFound
from taxops.systems.operations.knowledge import queries, services

if TYPE_CHECKING:
    from .conftest import Room


def test_each_reader_finds_what_is_theirs(room: Room) -> None:
    article = room.published()
    assert [h.object_id for h in queries.search(room.reader, "红字").hits] == [str(article.pk)]
    assert queries.search(room.neighbour, "红字").total == 0
    with pytest.raises(NotFound):
        queries.get_article(room.neighbour, article.pk)


def test_a_category_narrows(room: Room) -> None:
    room.published()
    assert queries.search(room.reader, "红字", category="use").total == 1
    assert queries.search(room.reader, "红字", category="hall").total == 0


def test_a_question_in_plain_words_finds_related_articles(room: Room) -> None:
    article = room.published("发票勾选平台登录不了", "更换 UKey 证书。")
    found = queries.related(room.reader, "纳税人说勾选平台怎么也登不上去")
    assert [h.object_id for h in found.hits] == [str(article.pk)]


def test_what_waits_for_me_is_not_what_i_wrote(room: Room) -> None:
    article = services.draft(
        room.reviewer, now=room.now, title="甲", body="乙", category="use", org_id=room.org.pk
    )
    services.submit(room.reviewer, article.pk, now=room.now)
    assert queries.waiting_for_review(room.reviewer).count() == 0
    assert queries.counts(room.reviewer, room.now) == {"published": 0, "overdue": 0, "waiting": 0}
