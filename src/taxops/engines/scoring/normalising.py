"""Normalisers (归一): raw values to 0–100, missing stays missing (NaN)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from taxops.engines.base import later

from .model import Item, Norm

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
else:
    np = later("numpy")

Floats: TypeAlias = "npt.NDArray[np.float64]"


def normalise(item: Item, values: Floats) -> Floats:
    """Return the values of one indicator as points from 0 to 100.

    Goalposts `(worst, best)` serve both directions: with worst above best, less is better.
    """
    x = np.asarray(values, dtype=np.float64)
    if item.norm is Norm.GOALPOSTS:
        worst, best = item.params
        return 100.0 * np.clip((x - worst) / (best - worst), 0.0, 1.0)
    if item.norm is Norm.TARGET:
        return 100.0 * np.clip(x / item.params[0], 0.0, 1.0)
    if item.norm is Norm.RANGE:
        a, b, delta = item.params
        away = np.maximum(np.maximum(a - x, x - b), 0.0)
        return 100.0 * np.clip(1.0 - away / delta, 0.0, 1.0)
    lows = np.array([band.low for band in item.bands])
    points = np.array([0.0, *(band.points for band in item.bands)])
    found = points[np.searchsorted(lows, x, side="right")]
    return np.where(np.isnan(x), np.nan, found)
