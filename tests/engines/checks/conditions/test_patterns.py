"""Regular expressions: the answers of `re`, in linear time."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.checks.conditions.patterns import Pattern, Refused


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("^A", "Alpha", True),
        ("^A", "bA", False),
        (r"\d+ms", "took 12ms", True),
        ("ok|成功", "办理成功", True),
        (r"^(?:[a-z]+-)?web", "prod-web", True),
        (r"(?i)error", "ERROR", True),
        (r"\bOK\b", "is OK.", True),
        (r"^\d+\s+(ERROR|FATAL)\b.*timeout", "17 FATAL db timeout", True),
        ("", "", True),
    ],
)
def test_patterns_search_anywhere(pattern: str, text: str, found: bool) -> None:
    assert Pattern(pattern).search(text) is found


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("(a+)+b", "a" * 60_000),
        ("(a|a)*b", "a" * 60_000),
        ("(a|ab)*c", "ab" * 30_000),
        (".*a.*a.*a.*b", "a" * 60_000),
        (r"(\w+\s?)*$!", "word " * 10_000),
        ("a?" * 50 + "a" * 50 + "b", "a" * 60_000),
        (r"\d*\d*\d*\d*x", "1" * 60_000),
        ("(x+x+)+y", "x" * 60_000),
        ("^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 60_000),
    ],
)
@pytest.mark.timeout(60)
def test_no_text_makes_a_pattern_slow(pattern: str, text: str) -> None:
    """Each of these takes a backtracking matcher hours; the time limit is there for a relapse."""
    assert not Pattern(pattern).search(text)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(", "不是正确的正则"),
        ("[a", "不是正确的正则"),
        ("*a", "不是正确的正则（第 1 个字符处）"),
        (r"(a)\1", "不能用回引"),
        ("(?=a)b", "前后查看"),
        ("(?<!a)b", "前后查看"),
        ("a*+b", "独占重复"),
        ("a{1,5000}", "太大"),
        ("(a{50}){50}", "太大"),
        ("a" * 201, "最多 200"),
        ("(" * 90 + ")" * 90, None),
    ],
)
def test_what_cannot_be_bounded_is_refused_in_chinese(pattern: str, message: str | None) -> None:
    if message is None:
        assert Pattern(pattern).search("")
        return
    with pytest.raises(Refused) as caught:
        Pattern(pattern)
    assert message in str(caught.value)


atoms = st.sampled_from(
    [
        "a",
        "b",
        "ab",
        ".",
        "[ab]",
        "[^a]",
        r"\w",
        r"\d",
        r"\s",
        r"\b",
        r"\B",
        "^",
        "$",
        r"\A",
        r"\Z",
        "é",
        "\\n",
    ]
)
patterns = st.recursive(
    atoms,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map("".join)
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: "(?:" + "|".join(parts) + ")")
        | st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,}", "*?", "+?"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        )
        | inner.map(lambda text: f"(?i:{text})")
    ),
    max_leaves=6,
)
flags = st.sampled_from(["", "(?i)", "(?m)", "(?s)", "(?a)", "(?im)"])
texts = st.text("abAB1 _\né", max_size=8)


@given(patterns, flags, texts)
def test_the_automaton_answers_as_re_does(pattern: str, flag: str, text: str) -> None:
    try:
        found = Pattern(flag + pattern)
    except Refused:
        return
    expected = re.search(flag + pattern, text) is not None
    for _ in range(2):  # the second time from remembered states
        assert not text or found._automaton.search(text) is expected
    assert found.search(text) is expected


@given(st.text("ab()[]{}|*+?^$.\\d1,-é", max_size=20), texts)
def test_any_text_is_a_pattern_or_refused(pattern: str, text: str) -> None:
    try:
        found = Pattern(pattern)
    except Refused as error:
        assert str(error).endswith("。")
        return
    assert found.search(text) is (re.search(pattern, text) is not None)


def test_states_that_grow_too_many_are_made_anew() -> None:
    import random

    random.seed(7)
    pattern = Pattern("a[ab]{12}c[ab]*d")
    text = "".join(random.choice("ab") for _ in range(20_000))
    assert not pattern.search(text + "d")
    assert len(pattern._automaton.states) <= 1000
    assert pattern.search("b" * 3000 + "a" + "b" * 12 + "c" + "d")
