"""Health trees: reading, judging, explaining."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.base import BadInput
from taxops.engines.checks import (
    Health,
    Leaf,
    LeafKind,
    Quorum,
    Tree,
    all_of,
    culprits,
    evaluate,
    evaluate_all,
    explain_tree,
    grow,
    leaves,
    parse_tree,
    system_order,
    tree_data,
)

GOOD, WARNING, BAD, UNKNOWN, SUSPENDED = Health


def check(code: str) -> Leaf:
    return Leaf(LeafKind.CHECK, code)


def system(code: str) -> Leaf:
    return Leaf(LeafKind.SYSTEM, code)


LEAVES = [check(code) for code in "abcd"]
trees = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.lists(inner, min_size=1, max_size=4, unique=True).flatmap(
        lambda parts: st.sampled_from([None, *range(1, len(parts) + 1)]).map(
            lambda k: Quorum(k, tuple(parts))
        )
    ),
    max_leaves=8,
)
healths = st.sampled_from(list(Health))
states_of = st.fixed_dictionaries(dict.fromkeys(LEAVES, healths))


def test_one_bad_node_of_two_is_a_warning_not_an_outage() -> None:
    tree = parse_tree({"any": [{"check": "web-1"}, {"check": "web-2"}]})
    assert evaluate(tree, {check("web-1"): BAD, check("web-2"): GOOD}) is WARNING
    assert evaluate(tree, {check("web-1"): BAD, check("web-2"): BAD}) is BAD


@pytest.mark.parametrize(
    ("_case", "k", "states", "expected"),
    [
        ("all good", None, [GOOD, GOOD, GOOD], GOOD),
        ("one bad of all", None, [GOOD, BAD, GOOD], BAD),
        ("one unknown of all", None, [GOOD, UNKNOWN, GOOD], UNKNOWN),
        ("bad outweighs unknown in all", None, [BAD, UNKNOWN, GOOD], BAD),
        ("good outweighs unknown in any", 1, [GOOD, UNKNOWN, UNKNOWN], GOOD),
        ("two of three", 2, [GOOD, BAD, GOOD], WARNING),
        ("two of three with two bad", 2, [GOOD, BAD, BAD], BAD),
        ("two of three undecided", 2, [GOOD, BAD, UNKNOWN], UNKNOWN),
        ("maintenance is left out of all", None, [GOOD, SUSPENDED, GOOD], GOOD),
        ("maintenance lowers the quorum", 2, [GOOD, SUSPENDED, SUSPENDED], GOOD),
        ("maintenance does not excuse what is left", 2, [BAD, SUSPENDED, SUSPENDED], BAD),
        ("everything under maintenance", 1, [SUSPENDED, SUSPENDED, SUSPENDED], SUSPENDED),
        ("a warning works but shows", None, [GOOD, WARNING, GOOD], WARNING),
    ],
)
def test_a_quorum_is_judged(_case: str, k: int | None, states: list[Health], expected: Health) -> None:
    parts = LEAVES[:3]
    assert evaluate(Quorum(k, tuple(parts)), dict(zip(parts, states, strict=True))) is expected


def test_a_leaf_without_a_state_is_unknown() -> None:
    assert evaluate(check("a"), {}) is UNKNOWN


@given(trees, states_of)
def test_unknown_means_that_the_unknown_leaves_decide(tree: Tree, states: dict[Leaf, Health]) -> None:
    """Replace every unknown leaf by good and bad in all ways: bad and good must not depend on it."""
    open_leaves = [leaf for leaf in LEAVES if states[leaf] is UNKNOWN]
    outcomes = {
        evaluate(tree, states | dict(zip(open_leaves, filled, strict=True)))
        for filled in itertools.product([GOOD, BAD], repeat=len(open_leaves))
    }
    is_down = {outcome is BAD for outcome in outcomes}
    whole = evaluate(tree, states)
    if whole is UNKNOWN:
        assert is_down == {True, False}
    elif whole is SUSPENDED:
        assert outcomes == {SUSPENDED}
    else:
        assert is_down == {whole is BAD}


@given(trees, states_of)
def test_healing_the_culprits_lifts_the_whole(tree: Tree, states: dict[Leaf, Health]) -> None:
    healed = evaluate(tree, states | dict.fromkeys(culprits(tree, states), GOOD))
    better = {
        BAD: {GOOD, WARNING, UNKNOWN},  # what else warns or is unknown shows only now
        UNKNOWN: {GOOD, WARNING},
        WARNING: {GOOD},
        GOOD: {GOOD},
        SUSPENDED: {SUSPENDED},
    }
    assert healed in better[evaluate(tree, states)]


@given(trees)
def test_a_tree_survives_writing_and_reading(tree: Tree) -> None:
    again = parse_tree(json.dumps(tree_data(tree)), checks={"a", "b", "c", "d"})
    # a quorum of all its parts, or of one, may be written either way
    for states in itertools.product([GOOD, BAD], repeat=4):
        named = dict(zip(LEAVES, states, strict=True))
        assert evaluate(again, named) is evaluate(tree, named)
    assert tree_data(again) == tree_data(tree)


def test_explaining_names_the_guilty_leaves() -> None:
    tree = parse_tree({"k": 2, "of": [{"check": "n1"}, {"check": "n2"}, {"check": "n3"}]})
    states = {check("n1"): GOOD, check("n2"): BAD, check("n3"): BAD}
    assert culprits(tree, states) == [check("n2"), check("n3")]
    told = explain_tree(tree, states, names={check("n2"): "二号节点"})
    assert told == "3 项中需 2 项正常，实际 1 项；异常：二号节点（异常）、n3（异常）。"
    assert explain_tree(tree, dict.fromkeys(leaves(tree), GOOD)) == "全部正常。"


def test_systems_are_judged_through_one_another() -> None:
    trees = {
        "portal": parse_tree({"all": [{"system": "gateway"}, {"check": "web"}]}),
        "gateway": parse_tree({"any": [{"check": "gw-1"}, {"check": "gw-2"}]}),
    }
    assert system_order(trees) == ["gateway", "portal"]
    down = evaluate_all(trees, {"web": GOOD, "gw-1": BAD, "gw-2": BAD})
    assert down == {"portal": BAD, "gateway": BAD}
    assert evaluate_all(trees, {"web": GOOD, "gw-1": BAD, "gw-2": GOOD})["portal"] is WARNING


def test_a_loop_across_systems_is_spelled_out() -> None:
    trees = {
        "a": parse_tree({"system": "b"}),
        "b": parse_tree({"all": [{"check": "x"}, {"system": "c"}]}),
        "c": parse_tree({"any": [{"system": "b"}]}),
    }
    with pytest.raises(BadInput, match="b → c → b"):
        system_order(trees)
    with pytest.raises(BadInput, match="a → a"):
        system_order({"a": parse_tree({"system": "a"})})


def test_a_chain_of_a_thousand_systems_is_ordered() -> None:
    chain: dict[str, Tree] = {f"s{i}": system(f"s{i + 1}") for i in range(1000)}
    assert system_order(chain)[-1] == "s0"


@pytest.mark.parametrize(
    ("_case", "data", "message"),
    [
        ("not JSON", "{", "不是正确的 JSON"),
        ("not an object", [1], "这里应是一个对象"),
        ("nothing", {}, "不认识的写法：（空）"),
        ("a strange word", {"every": []}, "不认识的写法：every"),
        ("two words", {"all": [], "any": []}, "不认识的写法：all、any"),
        ("no parts", {"all": []}, "健康树 all：列表是空的"),
        ("parts not a list", {"any": {"check": "a"}}, "健康树 any：这里应是一个列表"),
        ("k too large", {"k": 3, "of": [{"check": "a"}, {"check": "b"}]}, "健康树 k：k 应是 1 到 2 的整数"),
        ("k zero", {"k": 0, "of": [{"check": "a"}]}, "k 应是 1 到 1"),
        ("k true", {"k": True, "of": [{"check": "a"}]}, "k 应是 1 到 1"),
        ("k text", {"k": "1", "of": [{"check": "a"}]}, "k 应是 1 到 1"),
        ("twice the same", {"all": [{"check": "a"}, {"check": "a"}]}, r"all\[1\]：检查项 a写了两次"),
        (
            "unknown check",
            {"all": [{"any": [{"check": "zz"}]}]},
            r"all\[0\].any\[0\].check：没有编码为「zz」的检查项",
        ),
        ("unknown system", {"system": "zz"}, "没有编码为「zz」的系统"),
        ("code not a text", {"check": 5}, "检查项的编码应是文字"),
        ("an empty code", {"check": " "}, "检查项的编码应是文字"),
    ],
)
def test_a_broken_tree_is_refused_in_chinese(_case: str, data: object, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        parse_tree(data, checks={"a", "b"}, systems={"s"})


def test_a_tree_too_deep_or_too_large_is_refused() -> None:
    deep: object = {"check": "a"}
    for _ in range(2000):
        deep = {"all": [deep]}
    with pytest.raises(BadInput, match="最多 8 层"):
        parse_tree(deep)
    with pytest.raises(BadInput, match=r"不是正确的 JSON|最多 8 层"):
        parse_tree('{"all":[' * 5000)
    with pytest.raises(BadInput, match="最多 500"):
        parse_tree({"all": [{"check": str(i)} for i in range(501)]})


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["all", "any", "k", "of", "check", "system", "x"]), inner, max_size=3
        )
    ),
)


@given(junk | st.text())
def test_nothing_but_bad_input_is_raised_by_any_data(data: object) -> None:
    try:
        tree = parse_tree(data)
    except BadInput as error:
        assert error.what
    else:
        assert list(leaves(tree))


def test_all_of_needs_every_check() -> None:
    assert evaluate(all_of(["a", "b"]), {check("a"): GOOD, check("b"): BAD}) is BAD


MEMBERS = {f"web-{n}" for n in range(1, 6)}


@pytest.mark.parametrize(
    ("data", "states", "expected"),
    [
        ({"percent": 60, "of": "web-*"}, [GOOD, GOOD, GOOD, BAD, BAD], WARNING),
        ({"percent": 61, "of": "web-*"}, [GOOD, GOOD, GOOD, BAD, BAD], BAD),
        ({"percent": 60, "of": "web-*"}, [GOOD, GOOD, BAD, BAD, SUSPENDED], BAD),  # 2 of 4 present, 3 asked
        ({"percent": 50, "of": "web-*"}, [GOOD, GOOD, BAD, BAD, SUSPENDED], WARNING),
        ({"percent": 10, "min": 2, "of": "web-*"}, [GOOD, SUSPENDED, SUSPENDED, SUSPENDED, SUSPENDED], BAD),
        ({"k": 2, "of": "web-*"}, [GOOD, SUSPENDED, SUSPENDED, SUSPENDED, SUSPENDED], GOOD),
        ({"k": 1, "min": 2, "of": "web-*"}, [GOOD, UNKNOWN, BAD, BAD, BAD], UNKNOWN),
        ({"percent": 100, "of": "db-*"}, [GOOD] * 5, UNKNOWN),
    ],
)
def test_a_group_counts_the_members_there_are(
    data: dict[str, object], states: list[Health], expected: Health
) -> None:
    tree = grow(parse_tree(data), MEMBERS)
    assert evaluate(tree, dict(zip(map(check, sorted(MEMBERS)), states, strict=True))) is expected
    assert parse_tree(tree_data(tree)) == parse_tree(data)


def test_a_group_grows_with_its_members() -> None:
    written = parse_tree({"all": [{"check": "db"}, {"percent": 50, "of": "web-*"}]}, checks=["db", "web-1"])
    assert [leaf.code for leaf in leaves(grow(written, ["db", "web-1"]))] == ["db", "web-1"]
    assert [leaf.code for leaf in leaves(grow(written, ["web-9", "web-1", "db"]))] == ["db", "web-1", "web-9"]


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({"percent": 0, "of": "web-*"}, "percent"),
        ({"percent": 101, "of": "web-*"}, "percent"),
        ({"percent": True, "of": "web-*"}, "percent"),
        ({"percent": 50, "min": -1, "of": "web-*"}, "min"),
        ({"k": 1, "percent": 50, "of": "web-*"}, "不认识"),
        ({"k": 1, "of": ""}, "of"),
        ({"k": 1, "of": "nothing-*"}, "of"),
        ({"k": 1, "min": 3, "of": [{"check": "web-1"}]}, "min"),
    ],
)
def test_a_group_that_cannot_be_is_refused(data: dict[str, object], place: str) -> None:
    with pytest.raises(BadInput, match=place):
        parse_tree(data, checks=MEMBERS)
