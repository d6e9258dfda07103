"""Charts (图表): an ECharts option with its unit, its source, and the rows behind each point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from . import show


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line, or one set of bars (系列).

    Args:
        name: in the legend.
        values: one for each category; None is a gap.
        tone: colour by meaning; empty: the next of the palette.
        links: for each value, the list that holds the rows behind it.
    """

    name: str
    values: Sequence[float | int | None]
    tone: str = ""
    links: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart as the page declares it (图表).

    Args:
        title: what it shows.
        unit: of the values.
        source: where the numbers come from (口径与来源).
        categories: of the horizontal axis, as text.
        series: what is drawn.
        kind: `line`, `bar`, `stack` (bars on one another), `area`, `pie` or `timeline`.
        height: `small`, `normal` or `tall`.
        option: merged over the option made from the above, for whatever it cannot say.
    """

    title: str
    unit: str
    source: str
    categories: Sequence[str]
    series: Sequence[Series]
    kind: Literal["line", "bar", "stack", "area", "pie"] = "line"
    height: Literal["small", "normal", "tall"] = "normal"
    option: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return what the page's script draws from."""
        return {
            "title": self.title,
            "unit": self.unit,
            "kind": self.kind,
            "categories": list(self.categories),
            "series": [
                {"name": s.name, "values": list(s.values), "tone": s.tone, "links": list(s.links)}
                for s in self.series
            ],
            "option": dict(self.option),
        }

    def rows(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return `(category, [(value, link)])` for the table that stands in for the picture."""
        return [
            (
                category,
                [
                    (
                        show.number(s.values[place]) if place < len(s.values) else show.NOTHING,
                        s.links[place] if place < len(s.links) else "",
                    )
                    for s in self.series
                ],
            )
            for place, category in enumerate(self.categories)
        ]
