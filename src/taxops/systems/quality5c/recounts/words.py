"""Words of recounts (核算用词)."""

from __future__ import annotations

from taxops.engines.base import Choices


class RecountKind(Choices):
    """What the warehouse is asked again for (核算种类)."""

    EXPLAIN = "explain", "解释"
    TRY = "try", "试跑"


class Level(Choices):
    """Which units of a try a page shows (层级)."""

    PROVINCE = "province", "省"
    CITY = "city", "市州"
    COUNTY = "county", "县区"
    BRANCH = "branch", "分局"
