"""Pages of recounts (指标结果、解释、试跑)."""

from collections.abc import Sequence
from typing import Any

from . import figures, tries

PAGES: Sequence[type[Any]] = [*figures.PAGES, *tries.PAGES]

__all__ = ["PAGES"]
