"""What a map shows (指标地图查询): figures of the cities within the asker's scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from taxops.engines.base import Place, Scope, cartogram, division, placed
from taxops.engines.indicators import Definition
from taxops.platform.identity.models import OrgUnit
from taxops.systems.quality5c.definitions import queries as indicators
from taxops.systems.quality5c.definitions.models import IndicatorResult
from taxops.systems.quality5c.definitions.rules import Figure

from .rules import Legend, levelled


@dataclass(frozen=True, slots=True)
class Tile:
    """One city on the map (图块): where it stands, its figure and level; no figure outside the scope."""

    org: OrgUnit
    place: Place
    figure: IndicatorResult | None
    tone: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A map of one indicator and period (指标地图)."""

    tiles: Sequence[Tile]
    legend: Sequence[Legend]


def drawn(scope: Scope, code: str, version: int, definition: Definition, period: str) -> Drawn:
    """Return the cities with their figures within the scope; empty for a reader who sees fewer than two cities."""
    cities = list(indicators.units_of("city"))
    rows = _newest(scope, code, version, period, [o.pk for o in cities])
    mine = {o.pk for o in indicators.units_of("city", scope)}
    if len(mine) < 2:
        return Drawn((), ())
    none = Figure(None, None, None, "missing")
    seen = {pk: Figure(r.num, r.den, r.value, r.state) if (r := rows.get(pk)) else none for pk in mine}
    targets = {k: float(v) for k, v in definition.targets.items()}
    tones, legend = levelled(seen, definition.direction.value, targets, definition.unit.value)
    places = placed(cities, cartogram(division(cities[0].code)[:2]))
    tiles = [
        Tile(o, place, rows.get(o.pk) if o.pk in mine else None, tones.get(o.pk, "none"))
        for o, place in places
    ]
    return Drawn(tiles, legend)


def _newest(
    scope: Scope, code: str, version: int, period: str, orgs: Sequence[int]
) -> Mapping[int, IndicatorResult]:
    """Return city → stored figure; an imported one wins over the warehouse's."""
    rows = indicators.results(scope).filter(code=code, version=version, period=period, org__in=list(orgs))
    return {r.org_id: r for r in rows.order_by("-source")}
