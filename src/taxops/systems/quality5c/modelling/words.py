"""Words of modelling (建模用词)."""

from __future__ import annotations

from taxops.engines.base import Choices


class UnitLevel(Choices):
    """Which units a template compares (评价层级)."""

    CITY = "city", "市局"
    COUNTY = "county", "县区局"
