"""States of availability as badges (状态徽标)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from taxops.systems.operations.availability import drawing
from taxops.systems.operations.availability.queries import Standing
from taxops.systems.operations.availability.rules import Rule, conclusion, percent, verdicts
from taxops.systems.operations.availability.words import Verdict
from taxops.web.kit import State, Tone

VERDICTS: Mapping[Verdict, Tone] = {
    Verdict.HOLDS: Tone.GOOD,
    Verdict.POSSIBLE: Tone.ACTIVE,
    Verdict.BROKEN: Tone.BAD,
}
STATES: Mapping[str, Tone | str] = {
    "requested": Tone.ACTIVE,
    "approved": Tone.GOOD,
    "rejected": Tone.BAD,
    "revoked": Tone.PLAIN,
}


def verdict(rule: Rule) -> State:
    """Return how a rule stands."""
    return State(rule.verdict.label, VERDICTS[rule.verdict])


def whole(standing: Standing) -> State:
    """Return how the year stands as a whole."""
    figures = standing.reckoning.figures
    if not figures.holds:
        return State("不满足", Tone.BAD)
    if not figures.coverage_ok:
        return State("数据不足", Tone.WARNING)
    return State("满足" if figures.streak_reached else "目前满足", Tone.GOOD)


@dataclass(frozen=True, slots=True)
class Shown:
    """A system's line on the page (系统行)."""

    standing: Standing
    state: State
    rules: list[tuple[Rule, State]]
    bar: SafeString

    @property
    def figures(self) -> Any:
        """The engine's figures."""
        return self.standing.reckoning.figures

    @property
    def availability(self) -> str:
        """The share of time, as the contract's hours need it."""
        return percent(self.figures.availability)

    @property
    def coverage(self) -> str:
        """The share of time that was monitored."""
        return "—" if self.figures.coverage is None else percent(self.figures.coverage)

    @property
    def conclusion(self) -> str:
        """The verdict in words."""
        return conclusion(self.figures)


def shown(standing: Standing) -> Shown:
    """Return a system as the page shows it."""
    rules = verdicts(standing.reckoning.figures)
    total = rules[0]
    return Shown(
        standing,
        whole(standing),
        [(rule, verdict(rule)) for rule in rules],
        drawing.budget(total.value_s, total.limit_s),
    )
