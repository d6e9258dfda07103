"""Pages of evaluation (方案、综合评级、分类分级、分单位、试算)."""

from collections.abc import Sequence
from typing import Any

from . import reviews, revisions, schemes, trials, units, weights

PAGES: Sequence[type[Any]] = [
    *schemes.PAGES,
    *units.PAGES,
    *trials.PAGES,
    *weights.PAGES,
    *reviews.PAGES,
    *revisions.PAGES,
]

__all__ = ["PAGES"]
