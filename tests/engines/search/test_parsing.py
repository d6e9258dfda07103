"""Queries: what people type, with all its traps (dependencies §7)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.search import parse, similar


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("票", ["票"]),  # one character: FTS5's trigram answers nothing
        ("发票", ["发票"]),
        ("怎么开红字发票？", ["开", "红字发票"]),
        ("ＵＫＥＹ 发票", ["ukey", "发票"]),
        ("错误E1024", ["错误", "e1024"]),
        ("数电票 V2.3", ["数电票", "v2", "3"]),
        ('"信息表填开"', ["信息表填开"]),
        ("「信息表 填开」", ["信息表 填开"]),
        ("！？。", []),
        ("", []),
        ("的", ["的"]),  # nothing but stop words: then they count
        ('"', []),
    ],
)
def test_terms(typed: str, terms: list[str]) -> None:
    assert [t.text for t in parse(typed).must] == terms


def test_what_is_excluded() -> None:
    query = parse("发票 -作废 －“红字 冲销” 2026-11")
    assert [t.text for t in query.must] == ["发票", "2026", "11"]
    assert [t.text for t in query.without] == ["作废", "红字 冲销"]


def test_words_of_letters_may_go_on_and_phrases_not() -> None:
    (word,) = parse("inv").must
    (phrase,) = parse('"inv"').must
    assert word.prefix
    assert not phrase.prefix


def test_a_similar_text_asks_for_any_of_its_telling_words() -> None:
    query = similar("您好，请问我们红字信息表一直上传不了，提示服务器返回 E1024，怎么办")
    assert query.any_of
    words = {t.text for t in query.must}
    assert {"红字信息表", "上传", "服务器", "e1024"} <= words
    assert not words & {"您好", "请问", "我们", "怎么办"}
    assert not similar("").must


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    for query in (parse(text), similar(text)):
        assert all(t.grams and all(g.isalnum() for g in t.grams) for t in (*query.must, *query.without))
        assert len(query.must) <= 24
