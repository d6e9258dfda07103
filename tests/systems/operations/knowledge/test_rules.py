"""Rules of knowledge: quarters, reminders, and what an edition is composed of."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.base import CHINA, BadInput, Conflict, NotPermitted
from taxops.engines.documents import Heading, ReportTable
from taxops.systems.operations.knowledge import rules
from taxops.systems.operations.knowledge.rules import Answer, Asked, compose

pytestmark = pytest.mark.same_everywhere


@pytest.mark.parametrize(
    ("quarter", "begin", "end"),
    [("2026Q1", (2026, 1, 1), (2026, 4, 1)), ("2026Q4", (2026, 10, 1), (2027, 1, 1))],
)
def test_a_quarter_is_china_time(
    quarter: str, begin: tuple[int, int, int], end: tuple[int, int, int]
) -> None:
    assert rules.quarter_span(quarter) == (datetime(*begin, tzinfo=CHINA), datetime(*end, tzinfo=CHINA))
    assert rules.quarter_of(datetime(*end, tzinfo=CHINA) - timedelta(seconds=1)) == quarter


@pytest.mark.parametrize("bad", ["", "2026Q5", "2026", "1999Q1", "2026Q1 ", "2026q1"])
def test_what_is_no_quarter(bad: str) -> None:
    with pytest.raises(BadInput):
        rules.quarter_span(bad)


@settings(max_examples=60, deadline=None)
@given(st.integers(1_577_836_800, 4_102_400_000))
def test_every_instant_lies_in_its_quarter(seconds: int) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    begin, end = rules.quarter_span(rules.quarter_of(at))
    assert begin <= at < end


def test_reminders_begin_two_weeks_before_and_come_weekly() -> None:
    due, day = date(2026, 6, 30), timedelta(days=1)
    assert not rules.should_remind(due, None, due - 15 * day)
    assert rules.should_remind(due, None, due - 14 * day)
    assert not rules.should_remind(due, due - 14 * day, due - 8 * day)
    assert rules.should_remind(due, due - 14 * day, due - 7 * day)
    assert not rules.should_remind(None, None, due)


def test_who_may_review() -> None:
    rules.require_reviewable("submitted", 1, 2)
    with pytest.raises(NotPermitted):
        rules.require_reviewable("submitted", 1, 1)
    for state in ("draft", "returned", "published"):
        with pytest.raises(Conflict):
            rules.require_reviewable(state, 1, 2)
    for state in ("submitted", "published"):
        with pytest.raises(Conflict):
            rules.require_open(state)


def test_votes_lift_a_little_and_never_sink() -> None:
    assert rules.useful_boost(0, 0) == rules.useful_boost(1, 5) == 0
    assert 0 < rules.useful_boost(1, 0) < rules.useful_boost(20, 0) < 1


ANSWERS = {
    1: Answer(1, "KB00001", "红字发票怎么开", "use", "第一步。\n第二步。", 2),
    2: Answer(2, "KB00002", "平台登录不了", "fault", "换浏览器。", 1),
}


def test_an_edition_counts_what_was_asked() -> None:
    asked = [
        Asked("登不上", "phone", 2),
        Asked("红冲", "phone", 1),
        Asked("红冲", "chat", 1),
        Asked("怎么代开？", "hotline"),
        Asked("怎么代开", "hotline"),
        Asked("停用的", "web", 99),
    ]
    made = compose("2026Q2", asked, ANSWERS)
    assert (made.n_asked, made.n_answered) == (6, 3)
    assert [(e["code"], e["n"]) for e in made.entries] == [("KB00001", 2), ("KB00002", 1)]
    assert [(u["text"], u["n"]) for u in made.unanswered] == [("怎么代开？", 2), ("停用的", 1)]
    assert made.channels == {"chat": 1, "hotline": 2, "phone": 2, "web": 1}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["甲", "乙 ", "乙？", ""]), st.sampled_from([None, 1, 2, 3])), max_size=20
    )
)
def test_no_question_is_lost(rows: list[tuple[str, int | None]]) -> None:
    made = compose("2026Q2", [Asked(t, "phone", a) for t, a in rows], ANSWERS)
    answered = sum(int(str(e["n"])) for e in made.entries)
    assert answered == made.n_answered
    assert answered + sum(int(str(u["n"])) for u in made.unanswered) == len(rows) == made.n_asked


def test_the_paper_has_the_order_of_the_counts() -> None:
    content = compose("2026Q2", [Asked("红冲", "phone", 1), Asked("代开", "chat")], ANSWERS).plain()
    paper = rules.document_of(
        content,
        org="省局",
        made_at=datetime(2026, 7, 3, 2, tzinfo=UTC),
        channel_labels={"phone": "电话"},
    )
    headings = [b.text for b in paper.blocks if isinstance(b, Heading)]
    assert headings == ["本季提问概况", "软件操作", "红字发票怎么开", "尚无知识条目的提问"]
    tables = [b for b in paper.blocks if isinstance(b, ReportTable)]
    assert tables[0].rows == [["1", "KB00001", "红字发票怎么开", "1"]]
    assert tables[1].rows == [["代开", "1"]]
