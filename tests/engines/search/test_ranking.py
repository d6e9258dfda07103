"""Ranking: verified by the text itself, the title first, the same for every store."""

from __future__ import annotations

import pytest

from taxops.engines.search import Candidate, parse, rank, similar

TITLES = (
    "红字发票信息表如何填开", "数电票红字确认单提示超时", "增值税专用发票作废的条件", "留抵退税申请被退回的常见原因",
    "税控盘离线时限超期如何处理", "金税盘与税务Ukey的区别", "发票勾选平台无法登录", "统一受理服务返回 503 的处置",
    "Kafka 消费积压告警处置手册", "电子底账查不到发票怎么办", "小规模纳税人开票限额调整", "办税厅叫号机黑屏",
)  # fmt: skip
QUESTIONS = (
    ("怎么开红字信息表", 0), ("红字确认单超时", 1), ("专票作废要什么条件", 2), ("留抵退税为什么被退回来了", 3),
    ("税控盘离线时间到期", 4), ("ukey 金税盘", 5), ("勾选平台登不上", 6), ("受理 503", 7),
    ("kafka积压", 8), ("底账里查不到这张票", 9), ("限额", 10), ("叫号机", 11),
)  # fmt: skip


def _keys(text: str, *docs: str) -> list[object]:
    return [r.key for r in rank(parse(text), [Candidate(n, d) for n, d in enumerate(docs)])]


def test_grams_that_agree_by_chance_do_not_answer() -> None:
    assert _keys("红字发票", "红字信息、字发出、发票", "开具红字发票") == [1]


def test_the_title_weighs_more_and_excluded_words_exclude() -> None:
    docs = [Candidate("b", "说明", "发票 " * 3), Candidate("t", "发票", "说明"), Candidate("x", "发票作废")]
    assert [r.key for r in rank(parse("发票 -作废"), docs)] == ["t", "b"]


def test_words_of_letters_begin_where_words_begin() -> None:
    assert _keys("inv", "invoice 接口", "Inv-7", "reinvent") == [1, 0]
    assert _keys('"e10"', "错误 E1024", "错误 E10") == [1]


def test_equal_ones_keep_their_order_and_useful_ones_rise() -> None:
    docs = [Candidate(1, "发票"), Candidate(2, "发票"), Candidate(3, "发票", boost=0.5)]
    assert [r.key for r in rank(parse("发票"), docs)] == [3, 1, 2]


def test_nothing_matches_nothing() -> None:
    assert rank(parse("发票"), []) == []
    assert rank(parse(""), [Candidate(1, "发票")]) == []


@pytest.mark.parametrize(("asked", "best"), QUESTIONS)
def test_a_question_in_plain_words_finds_its_article(asked: str, best: int) -> None:
    found = rank(similar(asked), [Candidate(n, t) for n, t in enumerate(TITLES)])
    assert [r.key for r in found][:1] == [best]
