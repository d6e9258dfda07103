"""Permissions are declared once and known by their Chinese names."""

from __future__ import annotations

import pytest

from taxops.engines.base import BadInput, Scope
from taxops.platform.identity import permissions


@pytest.fixture(autouse=True)
def _own_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permissions, "_declared", {})
    permissions.declare("a.view", "查看甲", "甲")
    permissions.declare("identity.grant", "授权", "身份")
    permissions.declare("a.edit", "编辑甲", "甲")


def test_declaring_again_in_the_same_words_is_no_matter_in_others_is() -> None:
    permissions.declare("a.view", "查看甲", "甲")
    with pytest.raises(ValueError, match="declared twice"):
        permissions.declare("a.view", "看甲", "甲")
    assert [p.code for p in permissions.all()] == ["a.view", "identity.grant", "a.edit"]


def test_they_are_grouped_and_labelled() -> None:
    assert {group: [p.code for p in entries] for group, entries in permissions.groups().items()} == {
        "甲": ["a.view", "a.edit"],
        "身份": ["identity.grant"],
    }
    assert permissions.label("a.view") == "查看甲"
    assert permissions.label("gone.away") == "gone.away"


def test_unknown_ones_are_named() -> None:
    permissions.require_known(["a.view"])
    with pytest.raises(BadInput, match=r"b\.x、c\.y"):
        permissions.require_known(["a.view", "c.y", "b.x"])


def test_tokens_are_offered_ones_own_without_identitys() -> None:
    scope = Scope(1, "甲", {"a.view": ("1/",), "identity.grant": ("1/",)})
    assert [p.code for p in permissions.for_tokens(scope)] == ["a.view"]
