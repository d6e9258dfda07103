"""The schematic maps (示意图) of provinces: data, read once."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from .rules import Place

_FILE = Path(__file__).parent / "data" / "cartograms.toml"


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
