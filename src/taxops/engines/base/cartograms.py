"""Schematic maps (示意图) of provinces: one hexagon a city; data, read once, and where each authority stands."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol, TypeVar

_FILE = Path(__file__).parent / "data" / "cartograms.toml"
ROW_LENGTH = 4
"""Cities a row of a province without a map of its own."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a city stands on the schematic map (图位): column and row; odd rows stand half a tile right."""

    code: str
    name: str
    column: int
    row: int


class Authority(Protocol):
    """What is placed: a tax authority with its code and name."""

    @property
    def code(self) -> str:
        """Its code."""

    @property
    def name(self) -> str:
        """Its name."""


T = TypeVar("T", bound=Authority)


@cache
def cartogram(province: str) -> tuple[Place, ...]:
    """Return a province's places by the first two digits of its division code; none when it has no map yet."""
    with _FILE.open("rb") as file:
        found = tomllib.load(file)["province"]
    return tuple(
        Place(city["code"], city["name"], *city["at"])
        for one in found
        if one["code"] == province
        for city in one["cities"]
    )


def division(org_code: str) -> str:
    """Return the division code inside a tax authority's code (行政区划代码): `1` + six digits + four."""
    return org_code[1:7] if len(org_code) == 11 and org_code.startswith("1") else org_code[:6]


def placed(cities: Sequence[T], places: Sequence[Place]) -> list[tuple[T, Place]]:
    """Return where each city stands: as the province's map says, and those it does not know in rows below."""
    known = {place.code: place for place in places}
    found: list[tuple[T, Place]] = []
    others: list[T] = []
    for city in cities:
        place = known.get(division(city.code)[:4])
        if place is None or any(taken is place for _, taken in found):
            others.append(city)
        else:
            found.append((city, place))
    first = 1 + max((place.row for _, place in found), default=-1)
    for number, city in enumerate(sorted(others, key=lambda one: one.code)):
        name = city.name.removesuffix("税务局").removesuffix("局").removesuffix("市")[:4]
        row = first + number // ROW_LENGTH
        found.append((city, Place(city.code, name, number % ROW_LENGTH, row)))
    return found
