"""Asking: traps of Chinese search, the same answers as a slow look through every text, the range of the asker."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from taxops.engines.base import Scope
from taxops.engines.search import Candidate, parse, rank
from taxops.platform.finding import queries, services
from taxops.platform.finding.models import IndexedText

pytestmark = pytest.mark.django_db
SYSTEM = Scope.system("测试")
KINDS = {"article": "knowledge.view", "case": "case.view"}

TEXTS = (
    ("红字发票信息表如何填开", "在开票软件中选择红字发票，填开信息表并上传。"),
    ("发票勾选平台登录提示 E1024", "错误代码 E1024 表示证书过期，请更换税务UKey。"),
    ("Kafka 消费积压处置", "先看消费组 lag，再看 broker 磁盘；重启 consumer 前须经同意。"),
    ("留抵退税申请", "增量留抵税额大于零，票表比对通过。"),
    ("办税厅叫号机黑屏", "检查电源与显示线。"),
)


def _fill(now: datetime) -> None:
    for number, (title, body) in enumerate(TEXTS, 1):
        services.put("article", number, title=title, body=body, at=now - timedelta(days=number))


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        ("票", {"1", "2", "4"}),
        ("发票", {"1", "2"}),
        ("字发", {"1"}),  # across the borders of words
        ("ＬＡＧ", {"3"}),
        ("e1024", {"2"}),
        ("e10", {"2"}),
        ("UKEY", {"2"}),
        ("kafka，积压！", {"3"}),
        ("留抵 -退税", set()),
        ("发票 -勾选", {"1"}),
        ('"票表比对"', {"4"}),
        ('"比对票表"', set()),
        ("黑屏的叫号机怎么办", {"5"}),
        ("完全没有的词", set()),
        ("'; DROP TABLE finding_fts; --", set()),
        ('") OR title : ("', set()),
        ("*", set()),
        ("\x00", set()),
    ],
)
def test_what_is_found(typed: str, ids: set[str], now: datetime) -> None:
    _fill(now)
    assert {h.object_id for h in queries.find(SYSTEM, typed, kinds=KINDS).hits} == ids


def test_the_index_answers_like_a_look_through_every_text(now: datetime) -> None:
    pick = random.Random(7)
    words = ["红字", "发票", "信息表", "留抵", "退税", "lag", "e1024", "税控盘", "作废", "字发", "票"]
    parts = ["红字", "发票", "信息", "表", "留抵", "退税", " lag ", "税控盘", "，", "作废"]
    for number in range(60):
        body = "".join(pick.choice(parts) for _ in range(8))
        services.put("article", number, title=body[:6], body=body, at=now + timedelta(minutes=number))
    newest = list(IndexedText.objects.order_by("-at", "-pk"))
    for _ in range(25):
        typed = " ".join(pick.sample(words, pick.randint(1, 2)))
        slow = {r.key for r in rank(parse(typed), [Candidate(e.object_id, e.title, e.body) for e in newest])}
        assert {h.object_id for h in queries.find(SYSTEM, typed, kinds=KINDS, limit=99).hits} == slow, typed


def test_each_asker_finds_what_is_theirs(now: datetime) -> None:
    services.put("article", 1, title="发票", at=now, org_path="1/11/")
    services.put("article", 2, title="发票", at=now, org_path="1/12/")
    services.put("case", 3, title="发票", at=now, org_path="1/11/")
    asker = Scope(7, "甲", {"knowledge.view": ("1/11/",)})
    assert [h.object_id for h in queries.find(asker, "发票", kinds=KINDS).hits] == ["1"]
    assert queries.find(Scope(8, "乙", {}), "发票", kinds=KINDS).total == 0


def test_facets_pages_and_marks(now: datetime) -> None:
    for number in range(5):
        services.put(
            "article",
            number,
            title=f"发票{number}",
            body="发票" * 3,
            at=now,
            facet="开票" if number else "申报",
        )
    found = queries.find(SYSTEM, "发票", kinds=KINDS, facet="开票", limit=2, offset=3)
    assert (found.total, len(found.hits), found.more) == (4, 1, False)
    assert [p.text for p in found.hits[0].title if p.hit] == ["发票"]


def test_a_question_finds_similar_texts(now: datetime) -> None:
    _fill(now)
    found = queries.find_similar(SYSTEM, "您好，纳税人反映勾选平台登不上去，报 E1024，请协助", kinds=KINDS)
    assert found.hits[0].object_id == "2"


def test_the_number_of_queries_does_not_grow(
    now: datetime, django_assert_num_queries: Callable[..., object]
) -> None:
    _fill(now)
    with django_assert_num_queries(2):  # type: ignore[attr-defined]  # a context manager
        queries.find(SYSTEM, "发票", kinds=KINDS)
