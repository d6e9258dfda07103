"""Random conditions, trees and facts."""

from __future__ import annotations

from hypothesis import strategies as st

from taxops.engines.checks.conditions import render
from taxops.engines.checks.conditions.nodes import (
    Arithmetic,
    Both,
    Call,
    Comparison,
    Either,
    Listing,
    Literal,
    Negative,
    Node,
    Not,
    Path,
    Quantity,
)

names = st.sampled_from(["a", "b", "c", "d", "a_ms", "b_days", "值"])
keys = st.sampled_from(["x", "y", "and", "a-b", "名"]) | st.integers(-3, 3)
paths = st.builds(Path, names, st.lists(keys, max_size=2).map(tuple))
numbers = st.builds(Literal, st.integers(0, 10**6) | st.floats(0, 1e6, allow_subnormal=False))
texts = st.builds(Literal, st.text(max_size=8))
constants = st.builds(Literal, st.sampled_from([True, False, None]))
quantities = st.builds(
    Quantity, st.integers(0, 1000), st.sampled_from(["ms", "s", "m", "h", "d", "KB", "GB"])
)


def _more_numbers(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return (
        st.builds(Arithmetic, st.sampled_from("+-*/"), inner, inner)
        | st.builds(Negative, inner)
        | st.builds(lambda x: Call("abs", (x,)), inner)
        | st.builds(lambda x, y: Call("max", (x, y)), inner, inner)
        | st.builds(lambda x: Call("len", (x,)), paths)
        | st.builds(lambda x: Call("age", (x,)), paths)
    )


numeric: st.SearchStrategy[Node] = st.recursive(numbers | quantities | paths, _more_numbers, max_leaves=4)
values = numeric | texts | paths | st.builds(lambda x: Call("lower", (x,)), texts | paths)
listings = st.builds(lambda items: Listing(tuple(items)), st.lists(values | constants, max_size=3))
comparisons: st.SearchStrategy[Node] = (
    st.builds(Comparison, st.sampled_from(["==", "!="]), values, values | constants)
    | st.builds(Comparison, st.sampled_from(["<", "<=", ">", ">="]), values, values)
    | st.builds(Comparison, st.just("in"), values, listings | paths | texts)
    | st.builds(Comparison, st.just("contains"), paths | texts | listings, texts | paths)
    | st.builds(Comparison, st.sampled_from(["startswith", "endswith"]), paths, texts)
    | st.builds(
        Comparison, st.just("matches"), paths, st.builds(Literal, st.sampled_from(["^a", r"\d+", "x|y"]))
    )
    | st.builds(lambda path: Call("exists", (path,)), paths)
    | paths
)


def _flat(made: type[Both] | type[Either], parts: list[Node]) -> Node:
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, made) else (part,))]
    return made(tuple(flat))


trees: st.SearchStrategy[Node] = st.recursive(
    comparisons,
    lambda inner: (
        st.builds(Not, inner)
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: _flat(Both, parts))
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: _flat(Either, parts))
    ),
    max_leaves=4,
)
conditions = trees.map(render).filter(lambda text: len(text) < 900)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10) | st.floats(-5, 5) | st.text("axy1 ", max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["x", "y", "and", "a-b", "名"]), inner, max_size=3)
    ),
    max_leaves=5,
)
facts = st.dictionaries(
    st.sampled_from(["a", "b", "c", "d", "a_ms", "b_days", "值", "now_ms"]), json_values, max_size=8
)

_WORDS = """status body . code == != <= < > >= 200 1.5 30d 5GB 30x "a" 'b' “ ” ( ) [ ] , + - * / and or not in
contains matches startswith true null len exists age 且 （ ） ≥ = ! && % $ \\ 9999999999999999999999"""
snippets = st.lists(st.sampled_from([*_WORDS.split(), "\n", "\t"]), max_size=30).flatmap(
    lambda parts: st.sampled_from(["", " "]).map(lambda glue: glue.join(parts))
)
