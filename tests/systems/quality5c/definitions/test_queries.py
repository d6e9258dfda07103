"""Reads of indicators keep to the scope and to one version."""

from __future__ import annotations

import pytest

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit
from taxops.systems.quality5c.definitions import queries
from tests.systems.quality5c.conftest import PERIOD, scope_at

pytestmark = pytest.mark.django_db


def test_a_county_sees_its_own_figures_only(filled: None, counties: list[OrgUnit]) -> None:
    mine = scope_at(counties[3], "quality5c.view")
    assert set(queries.results(mine).values_list("org_id", flat=True)) == {counties[3].pk}
    assert queries.history(mine, "C101", counties[4].pk) == []
    assert [h["period"] for h in queries.history(mine, "C101", counties[3].pk)] == [PERIOD]


def test_figures_are_of_the_version_asked_for(filled: None, counties: list[OrgUnit]) -> None:
    assert len(queries.figures(PERIOD, [c.pk for c in counties], {"C101": 1})) == len(counties)
    assert queries.figures(PERIOD, [counties[0].pk], {"C101": 2}) == {}


def test_units_and_children(filled: None, counties: list[OrgUnit], author: Scope) -> None:
    city = counties[0].parent
    assert city is not None
    assert [u.pk for u in queries.units_of("county")] == [c.pk for c in counties]
    assert [u.pk for u in queries.children_of(author, city)] == [c.pk for c in counties[:5]]
    assert list(queries.units_of("county", scope_at(counties[1], "quality5c.view"))) == [counties[1]]


def test_live_definitions_and_lookups(shipped: None) -> None:
    assert list(queries.live_definitions(["C101", "ZZ"])) == ["C101"]
    assert queries.definition_at("C101", 1) is not None
    assert queries.definition_at("C101", 9) is None
    found = queries.find_code("C101")
    assert found is not None
    assert queries.find_indicator(found.pk) == found
    assert queries.current_text("nothing") == ""
