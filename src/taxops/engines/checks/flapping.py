"""Flapping (抖动): a target that goes and comes so often that each single outage tells nobody anything new.

Of the last N results that count, those are marked that changed sides (good to bad, or back). The share of changes is
weighted, the newest 1.2 and the oldest 0.8, as Nagios and Icinga do it, and is a percentage of N. It begins at the
high threshold and ends below the low one, so that it does not flap itself.

A side is what the soft and hard machine (`states`) was fed: `critical` is bad, `ok` and `warning` are good. A suspect
result, a refused one and an `unknown` one say nothing of the target; they neither count nor push others out.

The window is one number, a bit a result, the newest lowest: a check that was steady for N results has the window 0,
and further steady results leave it so. Outages are not touched: flapping decides what is told, never what is counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from .states import Phase

_GOOD = frozenset({Phase.OK, Phase.SOFT_GOOD})
_BAD = frozenset({Phase.SOFT_BAD, Phase.HARD_BAD})


@dataclass(frozen=True, slots=True)
class FlapPolicy:
    """When a check counts as flapping (抖动判定).

    Args:
        results: how many results are looked at.
        high: percent of weighted changes at which it begins (达到即为抖动).
        low: percent below which it ends (低于即结束); less than `high`.
    """

    LEAST: ClassVar[int] = 6
    MOST: ClassVar[int] = 60  # fits into a 64-bit column

    results: int = 20
    high: int = 30
    low: int = 20

    def __post_init__(self) -> None:
        if not self.LEAST <= self.results <= self.MOST:
            raise ValueError(f"results must be {self.LEAST} to {self.MOST}")
        if not 0 < self.low < self.high <= 100:
            raise ValueError("low must be above 0 and below high, high at most 100")


class Flapping(NamedTuple):
    """How a check has changed of late (抖动状态).

    Args:
        window: a bit for each of the last results that count, the newest lowest; 1: it changed sides.
        since_ms: time of fact of the result since which it flaps; None: it does not.
    """

    window: int = 0
    since_ms: int | None = None


STEADY = Flapping()
"""A check that has not changed within its window."""


def changed_side(before: Phase, after: Phase) -> bool:
    """Test whether a result changed the side of the one before it, by the phases around it.

    A phase tells the side of the last result that counted; one that was never carried out has none.

    >>> changed_side(Phase.OK, Phase.SOFT_BAD), changed_side(Phase.HARD_BAD, Phase.HARD_BAD)
    (True, False)
    """
    return (before in _GOOD and after in _BAD) or (before in _BAD and after in _GOOD)


def flap(known: Flapping, *, changed: bool, at_ms: int, policy: FlapPolicy) -> Flapping:
    """Return the window after one more result that counts, and whether it flaps (抖动推进).

    Args:
        known: before the result.
        changed: whether it changed sides.
        at_ms: its time of fact.
        policy: length and thresholds.
    """
    window = (known.window << 1 | changed) & ((1 << policy.results) - 1)
    weight = _weight(window, policy.results) * 10
    whole = policy.results * (policy.results - 1)
    if known.since_ms is None:
        return Flapping(window, at_ms if weight >= policy.high * whole else None)
    return Flapping(window, None if weight < policy.low * whole else known.since_ms)


def flap_share(window: int, results: int) -> float:
    """Return the weighted share of changes in percent (变化率), from 0 to 100.

    >>> flap_share(0b1, 20), flap_share((1 << 20) - 1, 20)
    (6.0, 100.0)
    """
    return 10 * _weight(window & ((1 << results) - 1), results) / (results * (results - 1))


def _weight(window: int, results: int) -> int:
    """Return the weights of the changes times `10 (N - 1)`, in whole numbers so that thresholds are exact."""
    newest, found = 12 * (results - 1), 0
    while window:
        lowest = window & -window
        found += newest - 4 * (lowest.bit_length() - 1)
        window ^= lowest
    return found
