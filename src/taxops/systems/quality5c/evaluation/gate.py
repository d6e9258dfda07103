"""The data-quality gate of a scheme (数据质量门槛): whether its figures are good enough to be published. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from taxops.engines.indicators import State as FigureState

CONTROL = "control_total"
"""The check whose failure alone forbids publication: rows are missing or too many."""


@dataclass(frozen=True, slots=True)
class Quality:
    """How far a scheme's figures may be relied on (数据质量), and whether that is enough to publish.

    Args:
        counts: figures by state; those that do not apply are left out.
        most: percent of doubtful and missing figures that is let pass; None: no limit was frozen into the scheme.
        controls: what failed control totals say, each with its indicator.
    """

    counts: Mapping[str, int]
    most: int | None
    controls: Sequence[str]

    @property
    def total(self) -> int:
        """Return how many figures count."""
        return sum(self.counts.values())

    @property
    def doubtful(self) -> int:
        """Return how many are doubtful or missing."""
        return sum(self.counts.get(state, 0) for state in (FigureState.DOUBTFUL, FigureState.MISSING))

    @property
    def share(self) -> float:
        """Return the doubtful and missing ones in percent."""
        return self.doubtful / self.total * 100 if self.total else 0.0

    def words(self) -> str:
        """Return the share as a sentence.

        >>> Quality({"trusted": 9, "missing": 1}, 20, ()).words()
        '10 个数中存疑和缺失 1 个，占 10.0%（上限 20%）。'
        """
        limit = "" if self.most is None else f"（上限 {self.most}%）"
        return f"{self.total} 个数中存疑和缺失 {self.doubtful} 个，占 {self.share:.1f}%{limit}。"

    def refused(self) -> str:
        """Return why the scheme may not be published (不得发布的原因); empty when it may.

        >>> Quality({"trusted": 7, "missing": 3}, 20, ()).refused()
        '10 个数中存疑和缺失 3 个，占 30.0%（上限 20%）。'
        """
        if self.controls:
            return f"控制总数核对不通过：{'；'.join(self.controls)}。"
        return self.words() if self.most is not None and self.share > self.most else ""


def quality_of(
    states: Mapping[str, int], most: int | None, problems: Sequence[tuple[str, str, str]]
) -> Quality:
    """Return the quality of a scheme's figures.

    Args:
        states: figures by state, as `engines.indicators.State` names them.
        most: percent that may be doubtful or missing.
        problems: (indicator, check, what it found).
    """
    counts = {state: n for state, n in states.items() if state != FigureState.NOT_APPLICABLE}
    controls = [f"{code} {text}" for code, check, text in problems if check == CONTROL]
    return Quality(counts, most, controls)
