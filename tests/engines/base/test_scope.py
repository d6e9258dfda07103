"""A scope answers where a permission holds, and nowhere else."""

from __future__ import annotations

import pytest

from taxops.engines.base import NotPermitted, Scope

COUNTY = "100000/220000/220100/220102/"
scope = Scope(1, "甲", {"case.view": ("100000/220000/220100/", COUNTY), "case.edit": (COUNTY,)})


def test_nested_grants_are_reduced_to_the_widest() -> None:
    assert scope.paths("case.view") == ("100000/220000/220100/",)


@pytest.mark.parametrize(
    ("_case", "permission", "path", "answer"),
    [
        ("the county itself", "case.edit", COUNTY, True),
        ("a hall below it", "case.edit", COUNTY + "22010201/", True),
        ("the neighbour county", "case.edit", "100000/220000/220100/220103/", False),
        ("a county whose code begins alike", "case.edit", "100000/220000/220100/2201022/", False),
        ("the city above", "case.edit", "100000/220000/220100/", False),
        ("a permission not held", "case.close", COUNTY, False),
    ],
)
def test_allows(_case: str, permission: str, path: str, answer: bool) -> None:
    assert scope.allows(permission, path) is answer


def test_require_raises_in_chinese_and_names_the_permission() -> None:
    with pytest.raises(NotPermitted, match="权限") as caught:
        scope.require("case.edit", "100000/")
    assert "case.edit" in caught.value.todo


def test_the_platform_itself_may_everything_everywhere() -> None:
    assert Scope.system("worker").allows("anything", "anywhere/")


def test_an_anonymous_scope_may_nothing() -> None:
    assert not Scope(None, "").has("case.view")
