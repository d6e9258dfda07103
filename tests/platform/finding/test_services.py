"""Putting and dropping: an entry is found by its present words only."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection

from taxops.engines.base import Scope
from taxops.platform.finding import services
from taxops.platform.finding.models import IndexedText
from taxops.platform.finding.queries import find

pytestmark = pytest.mark.django_db
SYSTEM = Scope.system("测试")
KINDS = {"article": "knowledge.view"}


def _found(text: str) -> list[str]:
    return [hit.object_id for hit in find(SYSTEM, text, kinds=KINDS).hits]


def test_an_entry_follows_its_words(now: datetime) -> None:
    services.put("article", 7, title="红字发票", body="填开", at=now)
    services.put("article", 7, title="蓝字发票", body="填开", at=now)
    assert IndexedText.objects.count() == 1
    assert _found("红字") == []
    assert _found("蓝字") == ["7"]


def test_a_dropped_entry_is_gone_with_its_grams(now: datetime) -> None:
    services.put("article", 7, title="红字发票", at=now)
    services.put("case", 7, title="红字发票", at=now)
    assert services.drop("article", [7, 8]) == 1
    assert _found("红字") == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM finding_fts")
        assert cursor.fetchone()[0] == 1


@pytest.mark.parametrize("body", ["", "'\"*():&|!<>\\", "\x00发票", "字" * 250_000, "\U0002a6a5\ud7a3 ﬁ ½ ²"])
def test_no_text_breaks_the_store(body: str, now: datetime) -> None:
    services.put("article", 1, title="题" + body[:20], body=body, at=now)
    assert _found("题") == ["1"]


def test_rare_characters_are_found_on_both_databases(now: datetime) -> None:
    services.put("article", 1, title="法人\U00020bb7野\u9fd5", at=now)
    assert _found("\U00020bb7野") == _found("\u9fd5") == ["1"]
