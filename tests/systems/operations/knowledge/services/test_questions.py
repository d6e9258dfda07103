"""Questions: counted once per case, never in the future."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from taxops.engines.base import BadInput, NotFound
from taxops.systems.operations.knowledge import queries, services
from taxops.systems.operations.knowledge.models import AskedQuestion

if TYPE_CHECKING:
    from tests.systems.operations.knowledge.conftest import Room


def test_a_case_counts_once_for_an_article(room: Room) -> None:
    article = room.published()
    first = services.link_case(room.reader, article.pk, now=room.now, case_number="SX-1", text="怎么红冲")
    assert services.link_case(room.reader, article.pk, now=room.now, case_number=" SX-1 ") == first
    assert queries.get_article(room.reader, article.pk).n_asked == 1
    assert first.text == "怎么红冲"


@pytest.mark.parametrize(
    "wrong",
    [{"text": "  "}, {"channel": "zz"}, {"asked_at": timedelta(hours=1)}, {"org_id": 0}, {"article_id": 0}],
)
def test_bad_input_stores_nothing(room: Room, wrong: dict[str, object]) -> None:
    later = {k: room.now + v if isinstance(v, timedelta) else v for k, v in wrong.items()}
    with pytest.raises((BadInput, NotFound)):
        services.record_question(
            room.reader,
            **{"now": room.now, "text": "问", "org_id": room.org.pk, **later},  # type: ignore[arg-type]
        )
    assert not AskedQuestion.objects.exists()


def test_a_case_without_number_is_refused(room: Room) -> None:
    with pytest.raises(BadInput):
        services.link_case(room.reader, room.published().pk, now=room.now, case_number=" ")
