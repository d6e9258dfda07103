"""What the comparison with 总局 shows (总局联动查询)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit
from taxops.platform.identity.queries import within
from taxops.systems.quality5c.definitions import queries as indicators
from taxops.systems.quality5c.definitions.models import Indicator
from taxops.systems.quality5c.definitions.rules import Figure, Gap, gap_of
from taxops.systems.quality5c.evaluation.models import Scheme
from taxops.systems.quality5c.evaluation.rules import QUANTILE_MIN
from taxops.systems.quality5c.evaluation.trying import tried
from taxops.systems.quality5c.external.queries import sat_values

from .rules import forecast, province_after


@dataclass(frozen=True, slots=True)
class Compared:
    """One indicator of the province beside 总局 (对照)."""

    indicator: Indicator
    figure: Figure | None
    average: float | None
    best: float | None
    target: float | None
    gap: Gap
    year_end: float | None


def top_unit() -> OrgUnit | None:
    """Return the province."""
    return OrgUnit.objects.filter(level="province", valid_to=None).order_by("path").first()


def own_unit(scope: Scope, permission: str) -> OrgUnit | None:
    """Return the highest unit that the permission covers: the province for its officers, a county for its own."""
    levels = ["province", "city", "county"]
    rows = OrgUnit.objects.filter(within(scope, permission, "path"), level__in=levels, valid_to=None)
    return rows.order_by("path").first()


def compared(period: str, top: OrgUnit | None = None) -> list[Compared]:
    """Return every live indicator of a unit, the province unless named, beside what 总局 sent; five queries."""
    top = top or top_unit()
    if top is None:
        return []
    live = {i.code: i for i in Indicator.objects.exclude(live_version=None).exclude(aspect="X")}
    versions = {code: i.live_version or 1 for code, i in live.items()}
    known = indicators.figures(period, [top.pk], versions)
    sent = sat_values(period, top)
    history: dict[str, list[tuple[int, float]]] = {}
    rows = indicators.results(Scope.system("总局联动")).filter(
        org=top, period__startswith=period[:4], period__lte=period, code__in=list(live)
    )
    for code, version, when, value in rows.values_list("code", "version", "period", "value"):
        if value is not None and versions[code] == version and when[5:].isdecimal():
            history.setdefault(code, []).append((int(when[5:]), value))
    found = []
    for code, indicator in live.items():
        figure, said = known.get((top.pk, code)), sent.get(code, {})
        value = figure.value if figure else None
        gap = gap_of(value, indicator.direction, average=said.get("average"), best=said.get("best"),
                     target=said.get("target"))  # fmt: skip
        found.append(Compared(indicator, figure, said.get("average"), said.get("best"), said.get("target"), gap,
                              _year_end(indicator, history.get(code, []))))  # fmt: skip
    return found


def _year_end(indicator: Indicator, values: list[tuple[int, float]]) -> float | None:
    """Return the forecast, within what such an indicator can be: its past says whether it may fall below 0."""
    least = 0.0 if all(value >= 0 for _, value in values) else None
    most = 1.0 if indicator.unit == "percent" and all(value <= 1 for _, value in values) else None
    return forecast(sorted(values), least=least, most=most)


def p75(scheme: Scheme, code: str) -> float | None:
    """Return what the better quarter of the units reaches, by the indicator's direction."""
    import numpy as np

    found = indicators.figures(
        scheme.period, scheme.frozen["units"], {code: scheme.frozen["versions"].get(code, 1)}
    )
    values = [f.value for f in found.values() if f.value is not None]
    if len(values) < QUANTILE_MIN:
        return None
    direction = Indicator.objects.filter(code=code).values_list("direction", flat=True).first()
    return float(np.quantile(values, 0.25 if direction == "down" else 0.75))


def what_if(
    scheme: Scheme, unit: OrgUnit, code: str, value: float, top: OrgUnit | None = None
) -> dict[str, Any]:
    """Return what the unit above (the province unless named) gains and how units move when one reaches a value.

    The same as a trial with that value; nothing is stored.
    """
    version = scheme.frozen["versions"][code]
    top = top or top_unit()
    found = indicators.figures(scheme.period, [unit.pk, *([top.pk] if top else [])], {code: version})
    own, whole = found.get((unit.pk, code)), found.get((top.pk, code)) if top else None
    scale = 1.0
    if own and own.num and own.den and own.value is not None:
        scale = own.value / (own.num / own.den)
    after = province_after(whole.num, whole.den, own.num, own.den, value, scale) if own and whole else None
    result = tried(scheme, values={(unit.pk, code): value})
    mine = next((r for r in result["rows"] if r["unit"] == unit.pk), None)
    return {"before": own.value if own else None, "province_before": whole.value if whole else None,
            "province_after": after, "summary": result["summary"], "unit": mine, "rows": result["rows"]}  # fmt: skip
