"""What applying would do: spread over assets, compared field by field with what people changed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.base import BadInput
from taxops.systems.operations.blueprints import rules
from taxops.systems.operations.blueprints.rules import Act, Held, Site

HOSTS = [
    Site(1, "h1", "主机一", "host", {"ip": "192.0.2.1"}),
    Site(2, "h2", "主机二", "host", {"ip": ""}),
    Site(3, "db", "库", "database", {"ip": "192.0.2.3", "port": 1521}),
]
CONTENT: dict[str, Any] = {
    "entries": [
        {"key": "ping", "name": "{asset.name} 连通", "kind": "tcp", "asset_type": "host", "target": "{ip}:22"},
        {"key": "port", "name": "{asset.name}", "kind": "tcp", "asset_type": "database", "target": "{ip}:{port}",
         "role": "must"},
        {"key": "page", "name": "首页", "kind": "http", "target": "{m01.url}", "role": "must",
         "params": {"keyword": "{m01.keyword}", "depth": 3}},
        {"key": "a", "name": "甲", "kind": "tcp", "target": "192.0.2.8:1", "role": "any", "group": "成员"},
        {"key": "b", "name": "乙", "kind": "tcp", "target": "192.0.2.9:1", "role": "any", "group": "成员"},
    ]
}  # fmt: skip


def test_entries_are_spread_over_assets_and_unanswered_ones_left_out() -> None:
    found, missing = rules.expand(CONTENT, HOSTS, {"m01.url": ""})
    assert [(w.slot, w.asset, w.entry["target"]) for w in found] == [
        ("ping@h1", 1, "192.0.2.1:22"),
        ("port@db", 3, "192.0.2.3:1521"),
        ("a", None, "192.0.2.8:1"),
        ("b", None, "192.0.2.9:1"),
    ]
    assert found[0].entry["name"] == "主机一 连通"
    assert len(missing) == 2
    found, missing = rules.expand(CONTENT, HOSTS, {"m01.url": "http://x/", "m01.keyword": ""})
    assert next(w for w in found if w.slot == "page").entry["params"] == {"depth": 3}


def test_the_tree_holds_what_must_work_and_one_of_each_group() -> None:
    found, _ = rules.expand(CONTENT, HOSTS, {"m01.url": "http://x/"})
    codes = {w.slot: f"c-{w.slot}" for w in found}
    assert rules.tree_of(found, codes) == {
        "all": [{"check": "c-port@db"}, {"check": "c-page"}, {"any": [{"check": "c-a"}, {"check": "c-b"}]}]
    }
    assert rules.tree_of(found, {"a": "c-a"}) == {"all": [{"check": "c-a"}]}
    assert rules.tree_of([], {}) is None


@pytest.mark.parametrize(
    ("wanted", "baseline", "now", "act", "changed", "kept"),
    [
        ({"t": 1}, None, None, Act.ADD, ["t"], []),
        ({"t": 1, "i": 5}, {"t": 1, "i": 5}, {"t": 1, "i": 5}, Act.SAME, [], []),
        ({"t": 2, "i": 5}, {"t": 1, "i": 5}, {"t": 1, "i": 5}, Act.CHANGE, ["t"], []),
        ({"t": 2, "i": 5}, {"t": 1, "i": 5}, {"t": 9, "i": 5}, Act.KEEP, [], ["t"]),
        ({"t": 2, "i": 6}, {"t": 1, "i": 5}, {"t": 9, "i": 5}, Act.CHANGE, ["i"], ["t"]),
        (
            {"t": 9, "i": 5},
            {"t": 1, "i": 5},
            {"t": 9, "i": 5},
            Act.SAME,
            [],
            [],
        ),  # by hand what the template wants now
        ({"t": 1}, {"t": 1}, "archived", Act.KEEP, [], []),
        (None, {"t": 1}, {"t": 1}, Act.REMOVE, [], []),
        (None, {"t": 1}, {"t": 2}, Act.KEEP, [], ["t"]),
    ],
)
def test_three_states_of_a_field_decide(
    wanted: Any, baseline: Any, now: Any, act: Act, changed: list[str], kept: list[str]
) -> None:
    held = {} if baseline is None else {"s": Held(7, "c7", baseline, None if now == "archived" else now)}
    (step,) = rules.compare({} if wanted is None else {"s": wanted}, held)
    assert step.act is act
    assert [name for name, _, _ in step.changes] == changed
    assert list(step.kept) == kept


def test_what_a_tree_made_by_hand_names_is_not_archived() -> None:
    held = {"s": Held(7, "c7", {"t": 1}, {"t": 1})}
    assert rules.compare({}, held, pinned={"c7"})[0].act is Act.KEEP
    assert rules.compare({}, held, pinned={"c8"})[0].act is Act.REMOVE


_values = st.dictionaries(st.sampled_from("abc"), st.integers(0, 2), min_size=3, max_size=3)


@settings(max_examples=80, deadline=None)
@given(_values, _values, _values)
def test_applying_twice_is_applying_once(wanted: Any, baseline: Any, now: Any) -> None:
    (step,) = rules.compare({"s": wanted}, {"s": Held(1, "c", baseline, now)})
    after = {**now, **{name: value for name, _, value in step.changes}}
    (again,) = rules.compare({"s": wanted}, {"s": Held(1, "c", wanted, after)})
    assert not again.changes
    assert all(after[name] == now[name] != baseline[name] for name in step.kept)


@pytest.mark.parametrize(
    "entries",
    [
        [{"key": "A", "name": "x"}],
        [{"key": "a", "name": " "}],
        [{"key": "a", "name": "x"}, {"key": "a", "name": "y"}],
        [{"key": "a", "name": "x", "role": "boss"}],
        [{"key": f"a{n}", "name": "x"} for n in range(rules.MOST_ENTRIES + 1)],
    ],
)
def test_unsound_content_is_refused(entries: list[dict[str, Any]]) -> None:
    with pytest.raises(BadInput):
        rules.check_content({"entries": entries})


@pytest.mark.parametrize(
    "asks",
    [
        [{"name": "A", "label": "x"}],
        [{"name": "a.", "label": "x"}],
        [{"name": "a", "label": " "}],
        [{"name": "a", "label": "x"}, {"name": "a", "label": "y"}],
        [{"name": "a" * 41, "label": "x"}],
    ],
)
def test_unsound_questions_are_refused(asks: list[dict[str, Any]]) -> None:
    with pytest.raises(BadInput):
        rules.check_content({"entries": [], "asks": asks})


def test_placeholders_without_a_source_are_named() -> None:
    """An asset's attributes may fill what stands in a check made for each asset; elsewhere only a question can."""
    assert rules.unasked(CONTENT) == ["m01.keyword", "m01.url"]
    asks = [{"name": "m01.url"}, {"name": "m01.keyword"}]
    assert rules.unasked({**CONTENT, "asks": asks}) == []
    assert {"ip", "port", "asset.name"} <= rules.used(CONTENT)
