"""A registry is written once and names what it knows."""

from __future__ import annotations

import pytest

from taxops.engines.base import NotFound, Registry


def test_unknown_names_are_answered_with_the_known_ones() -> None:
    kinds: Registry[int] = Registry("检查类型")
    kinds.add("http", 1)
    with pytest.raises(NotFound, match="没有名为「htp」的检查类型") as caught:
        kinds.get("htp")
    assert "http" in caught.value.todo


def test_a_name_is_taken_once() -> None:
    kinds: Registry[object] = Registry("检查类型")
    first = object()
    assert kinds.add("http", first) is kinds.add("http", first)
    with pytest.raises(ValueError, match="twice"):
        kinds.add("http", object())
