"""Every city stands once; one without a place stands below the map."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from taxops.engines.base import cartogram, division, placed

pytestmark = pytest.mark.same_everywhere


@dataclass(frozen=True)
class City:
    code: str
    name: str


@pytest.mark.parametrize(("province", "count"), [("45", 14), ("22", 9), ("99", 0)])
def test_a_province_has_its_places_once(province: str, count: int) -> None:
    places = cartogram(province)
    assert len(places) == len({(p.column, p.row) for p in places}) == len({p.code for p in places}) == count


def test_a_division_is_read_from_an_authoritys_code() -> None:
    assert division("12201020000") == "220102"
    assert division("220100") == "220100"


def test_who_has_no_place_stands_below() -> None:
    known, strange, twin = (
        City("12201000000", "长春市税务局"),
        City("999", "某市税务局"),
        City("12201990000", "又一局"),
    )
    found = {c.code: p for c, p in placed([strange, known, twin], cartogram("22"))}
    assert found[known.code].name == "长春"
    assert found[strange.code].name == "某"
    assert found[strange.code].row > found[known.code].row
    assert len({(p.column, p.row) for p in found.values()}) == 3
