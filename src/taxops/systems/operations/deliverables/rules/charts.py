"""The report's charts as a page declares them (图表声明): drawn by the page's script, on the page and on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

MOST = 6
"""Lines that a chart of paper can tell apart."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A declared chart and its size on paper (图表)."""

    title: str
    source: str
    unit: str
    kind: str
    categories: Sequence[str]
    series: Sequence[Mapping[str, Any]]
    option: Mapping[str, Any]
    height: int = 240

    def as_json(self) -> dict[str, Any]:
        """Return what the page's script draws from."""
        return {
            "title": self.title,
            "unit": self.unit,
            "kind": self.kind,
            "categories": list(self.categories),
            "series": [dict(one) for one in self.series],
            "option": dict(self.option),
        }


_HOURS = [f"{n}时" for n in range(24)]


def charts_of(inputs: Mapping[str, Any]) -> list[Chart]:
    """Return the charts of a day: availability by hour, the outages' timeline, the trend of durations."""
    charts = [_availability(inputs)]
    if inputs["outages"]:
        charts.append(_timeline(inputs))
    if inputs["latency"]:
        charts.append(_latency(inputs))
    return charts


def _line(name: str, values: Sequence[float | None]) -> dict[str, Any]:
    return {"name": name, "values": list(values), "tone": "", "links": []}


def _availability(inputs: Mapping[str, Any]) -> Chart:
    names = {row["key"]: row["name"] for row in inputs["systems"]}
    hurt = sorted((code for code, hours in inputs["hours"].items() if min(hours) < 1), key=_worst(inputs))
    shown = [(names[code], inputs["hours"][code]) for code in hurt[:MOST]]
    if not shown:
        shown = [("全部系统", [1.0] * 24)]
    series = [_line(name, [round(value * 100, 4) for value in hours]) for name, hours in shown]
    rest = len(names) - len(hurt)
    others = f"；其余 {rest} 个系统各时段均为 100%" if hurt and rest else ""
    least = min(min(hours) for _, hours in shown)
    bottom = 0 if least < 0.9 or least == 1 else 90  # a quiet day must not look dramatic
    axis = {"min": bottom, "max": 100, "interval": (100 - bottom) / 5}
    return _lines("各时段可用率", f"剔除后的中断{others}", "%", series, axis)


def _lines(
    title: str, source: str, unit: str, series: Sequence[Mapping[str, Any]], axis: Mapping[str, Any]
) -> Chart:
    """Return a chart of lines by hour, with as much room above as its legend needs."""
    wide = sum(30 + sum(12 if ord(c) > 255 else 7 for c in one["name"]) for one in series)
    rows = -(-wide // 560) if len(series) > 1 else 0
    option = {"yAxis": dict(axis), "grid": {"top": 16 + 18 * rows}}
    return Chart(title, source, unit, "line", _HOURS, series, option, height=224 + 18 * rows)


def _worst(inputs: Mapping[str, Any]) -> Any:
    return lambda code: (sum(inputs["hours"][code]), code)


def _timeline(inputs: Mapping[str, Any]) -> Chart:
    """Return the outages as bars on a day's axis: a gap, an outage, a gap, an outage…, stacked."""
    start = datetime.fromisoformat(inputs["period"]["start"])

    def hour(text: str) -> float:
        return (datetime.fromisoformat(text) - start).total_seconds() / 3600

    by_system: dict[str, list[tuple[float, float]]] = {}
    for row in inputs["outages"]:
        by_system.setdefault(row["system"], []).append((hour(row["start"]), hour(row["end"])))
    names = list(by_system)[: 2 * MOST]
    most = max(len(by_system[name]) for name in names)
    series: list[dict[str, Any]] = []
    for n in range(most):
        gaps: list[float | None] = []
        bars: list[float | None] = []
        for name in names:
            spans = by_system[name]
            if n >= len(spans):
                gaps.append(None)
                bars.append(None)
                continue
            before = spans[n - 1][1] if n else 0.0
            gaps.append(round(spans[n][0] - before, 5))
            bars.append(round(spans[n][1] - spans[n][0], 5))
        quiet = {"type": "bar", "stack": "day", "silent": True, "barWidth": 12}
        series.append({**quiet, "data": gaps, "itemStyle": {"color": "transparent"}})
        series.append({**quiet, "data": bars, "itemStyle": {"color": "#cf5149"}, "barMinHeight": 2})
    option = {
        "legend": {"show": False},
        "xAxis": {
            "type": "value",
            "min": 0,
            "max": 24,
            "interval": 2,
            "data": None,
            "splitLine": {"show": True},
        },
        "yAxis": {
            "type": "category",
            "data": names,
            "inverse": True,
            "min": None,
            "axisLabel": {"formatter": None},
        },
        "series": series,
    }
    return Chart(
        "中断时间线",
        "系统中断，未扣除剔除；横轴为当日时刻",
        "时",
        "bar",
        names,
        [],
        option,
        height=60 + 26 * len(names),
    )


def _latency(inputs: Mapping[str, Any]) -> Chart:
    names = {row["key"]: row["name"] for row in inputs["systems"]}

    def mean(code: str) -> float:
        known = [value for value in inputs["latency"][code] if value is not None]
        return float(sum(known) / len(known))

    slowest = sorted(inputs["latency"], key=lambda code: (-mean(code), code))[:MOST]
    series = [_line(names.get(code, code), inputs["latency"][code]) for code in slowest]
    more = len(inputs["latency"]) - len(slowest)
    source = "各检查项耗时的小时均值" + (f"；另有 {more} 个耗时较短的系统未绘出" if more else "")
    return _lines("检查耗时趋势", source, "毫秒", series, {"min": 0})
