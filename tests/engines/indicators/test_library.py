"""Versions never change; cycles and lost references are named."""

from __future__ import annotations

import pytest

from taxops.engines.base import BadInput, Conflict, NotFound
from taxops.engines.indicators import Definition, library_of, parse_definition, publish

from .shapes import bent
from .test_validating import BARE


def standing(code: str, *on: str) -> Definition:
    of = {f"a{n}": other for n, other in enumerate(on)}
    return parse_definition(
        bent(**{**BARE, "code": code, "kind": "derived", "of": of, "expr": {"num": "a0"}})
    )


def test_a_cycle_names_its_path() -> None:
    with pytest.raises(BadInput, match="A → B → C → A"):
        library_of([standing("A", "B"), standing("B", "C"), standing("C", "A")])
    with pytest.raises(BadInput, match="S → S"):
        library_of([standing("S", "S")])
    with pytest.raises(BadInput, match="A 引用的「Z」不存在"):
        library_of([standing("A", "Z")])


def test_order_closure_and_users() -> None:
    base = parse_definition(bent())
    library = library_of([standing("B", "A"), standing("A", "C101"), base, parse_definition(bent(code="X"))])
    assert list(library.definitions) == ["C101", "A", "B", "X"]
    assert [d.code for d in library.closure(["B"])] == ["C101", "A", "B"]
    assert library.users("C101") == ["A", "B"]
    with pytest.raises(NotFound, match="C101"):
        library.get("C1")


def test_a_published_version_is_immutable() -> None:
    old, new = parse_definition(bent()), parse_definition(bent(name="改名"))
    assert publish(None, old) is publish(old, old) is old
    with pytest.raises(Conflict, match=r"第 3 版已发布.*第 4 版"):
        publish(old, new)
    with pytest.raises(Conflict):
        library_of([old, new])
    newer = parse_definition(bent(version=4, name="改名"))
    assert library_of([newer, old]).get("C101") is newer
    assert library_of([old]).overlaid([newer]).get("C101") is newer
