"""Words of modelling (建模用词)."""

from __future__ import annotations

from taxops.engines.base import Choices


class UnitLevel(Choices):
    """Which units a template compares (评价层级)."""

    CITY = "city", "市局"
    COUNTY = "county", "县区局"


class WeightMethod(Choices):
    """A way to compute weights from the units' points (客观赋权法); both reward what varies much."""

    ENTROPY = "entropy", "熵权法"
    CRITIC = "critic", "CRITIC 法"
