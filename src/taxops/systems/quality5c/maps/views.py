"""The page of the map of one indicator (指标地图)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import BadInput, Scope
from taxops.engines.indicators import State as FigureState
from taxops.systems.quality5c.definitions import queries as figures
from taxops.systems.quality5c.definitions.rules import FIGURE_TONES
from taxops.systems.quality5c.definitions.showing import value_words
from taxops.systems.quality5c.evaluation.drawing import Hex, grade_map
from taxops.web.kit import Page, state_of

from . import queries

TONES = {"good": "good", "plain": "plain", "warning": "warning", "bad": "bad", "none": "unknown"}


class Map(Page):
    """One indicator over the cities, coloured by where each stands (指标地图); a city leads to its figure."""

    name = "q5c-map"
    path = "quality5c/map/"
    title = "指标地图"
    permission = figures.VIEW
    parent = "q5c-figures"
    template = "quality5c/map.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return the map, its legend, and the same as a table.

        Raises:
            BadInput: no such indicator, or no such period.
        """
        live, periods = figures.live_definitions(), figures.periods()
        code = self.request.GET.get("code", "") or next(iter(live), "")
        period = self.request.GET.get("period", "") or (periods[0] if periods else "")
        if live and code not in live:
            raise BadInput(f"没有启用的指标「{code[:40]}」。", "请从列表中选择。")
        if period and period not in periods:
            raise BadInput(f"「{period[:10]}」没有指标结果。", "请从列表中选择统计期。")
        choices = [(c, f"{c} {d.name}") for c, (_, d) in live.items()]
        known = {"code": code, "period": period, "codes": choices, "periods": periods}
        if not live or not period:
            return {**known, "tiles": []}
        version, definition = live[code]
        found = queries.drawn(scope, code, version, definition, period)
        unit = definition.unit.value
        title = f"{code} {definition.name} {period}"
        hexes = [
            Hex(t.place, t.tone, value_words(t.figure.value, unit) if t.figure else "—",
                self.url("q5c-figure", pk=t.figure.pk) if t.figure else "")
            for t in found.tiles
        ]  # fmt: skip
        rows = [
            (t.org, t.figure, value_words(t.figure.value, unit),
             state_of(t.figure.state, label=FigureState.label_of(t.figure.state), tones=FIGURE_TONES),
             next((one.words for one in found.legend if one.tone == t.tone), ""), TONES[t.tone])
            for t in sorted(found.tiles, key=lambda t: t.org.path) if t.figure is not None
        ]  # fmt: skip
        return {**known, "tiles": found.tiles, "map": grade_map(hexes, f"各市州示意图：{title}"), "rows": rows,
                "legend": [(one.words, TONES[one.tone]) for one in found.legend], "name": title}  # fmt: skip


PAGES: Sequence[type[Any]] = [Map]
