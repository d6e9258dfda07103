"""Editions: built from the quarter's questions, final by a second person, the same bytes again."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from docx import Document as WordDocument

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted
from taxops.engines.documents import render_docx
from taxops.systems.operations.knowledge import services
from taxops.systems.operations.knowledge.models import Edition
from taxops.systems.operations.knowledge.services.editions import content_of

if TYPE_CHECKING:
    from tests.systems.operations.knowledge.conftest import Room

AFTER = datetime(2026, 7, 2, 2, tzinfo=UTC)


def _composed(room: Room) -> Edition:
    article = room.published()
    for number in range(3):
        services.record_question(
            room.reader, now=room.now, text=f"怎么红冲{number % 2}", org_id=room.org.pk, article_id=article.pk
        )
    services.record_question(room.reader, now=room.now, text="怎么代开", org_id=room.org.pk)
    services.record_question(
        room.reader, now=room.now, text="上季度的", org_id=room.org.pk, asked_at=room.now - timedelta(days=80)
    )
    return services.compose_edition(room.writer, now=room.now, quarter="2026Q2", org_id=room.org.pk)


def test_an_edition_is_what_was_asked_in_its_quarter(room: Room) -> None:
    content = content_of(_composed(room))
    assert (content["n_asked"], content["n_answered"]) == (4, 3)
    assert [(e["title"], e["n"], e["asked"]) for e in content["entries"]] == [  # type: ignore[attr-defined]
        ("红字发票怎么开", 3, ["怎么红冲0", "怎么红冲1"])
    ]


def test_it_is_final_after_its_quarter_by_a_second_person(room: Room) -> None:
    edition = _composed(room)
    with pytest.raises(Conflict):
        services.freeze_edition(room.reviewer, edition.pk, now=room.now)
    with pytest.raises(NotFound):
        services.freeze_edition(room.writer, edition.pk, now=AFTER)  # no permission to review
    frozen = services.freeze_edition(room.reviewer, edition.pk, now=AFTER)
    assert frozen.state == "frozen"
    with pytest.raises(Conflict):
        services.freeze_edition(room.reviewer, edition.pk, now=AFTER)
    again = services.compose_edition(room.reviewer, now=AFTER, quarter="2026Q2", org_id=room.org.pk)
    assert (again.number, Edition.objects.get(pk=edition.pk).state) == (2, "frozen")
    with pytest.raises(NotPermitted):
        services.freeze_edition(room.reviewer, again.pk, now=AFTER)


def test_a_draft_is_composed_anew_in_place(room: Room) -> None:
    edition = _composed(room)
    services.record_question(room.reader, now=room.now, text="又问", org_id=room.org.pk)
    again = services.compose_edition(room.writer, now=room.now, quarter="2026Q2", org_id=room.org.pk)
    assert again.pk == edition.pk
    assert content_of(again)["n_asked"] == 5


@pytest.mark.parametrize("quarter", ["2026Q5", "2027Q1", ""])
def test_a_quarter_that_is_none_or_not_begun_is_refused(room: Room, quarter: str) -> None:
    with pytest.raises(BadInput):
        services.compose_edition(room.writer, now=room.now, quarter=quarter, org_id=room.org.pk)


def test_the_paper_is_made_from_the_frozen_words(room: Room) -> None:
    edition = services.freeze_edition(room.reviewer, _composed(room).pk, now=AFTER)
    first = render_docx(services.document_of_edition(edition))
    article = Edition.objects.get(pk=edition.pk)
    assert render_docx(services.document_of_edition(article)) == first
    paper = WordDocument(io.BytesIO(first))
    text = "\n".join(p.text for p in paper.paragraphs)
    assert "常见问题处理手册" in text
    assert "先填信息表。" in text
    Edition.objects.filter(pk=edition.pk).update(content=edition.content.replace("先填", "后填"))
    with pytest.raises(BadInput):
        services.document_of_edition(Edition.objects.get(pk=edition.pk))
