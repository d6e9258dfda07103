"""Charts of a day: only what was hurt by name, gaps and outages that add up to the instants, drawable."""

from __future__ import annotations

from pathlib import Path

import pytest

from taxops.engines.documents import Drawing
from taxops.systems.operations.deliverables.rules import charts_of
from tests.systems.operations.deliverables.rules.inputs import at, quiet, troubled

STATIC = Path(__file__).parents[5] / "src" / "taxops" / "web" / "static"


def test_a_quiet_day_has_one_flat_line() -> None:
    (chart,) = charts_of(quiet())
    assert [line["name"] for line in chart.series] == ["全部系统"]
    assert set(chart.series[0]["values"]) == {100.0}


def test_only_what_was_hurt_has_a_line_of_its_own() -> None:
    chart = charts_of(troubled())[0]
    assert [line["name"] for line in chart.series] == ["统一受理"]
    assert chart.series[0]["values"][10] == pytest.approx(83.3333)
    assert "其余 1 个系统" in chart.source


def test_the_timeline_adds_up_to_the_instants() -> None:
    day = troubled()
    day["outages"].append({**day["outages"][0], "start": at(12), "end": at(13)})
    timeline = charts_of(day)[1]
    bars = [one["data"][0] for one in timeline.option["series"]]
    assert bars == [10.0, 0.16667, 1.83333, 1.0]
    assert timeline.option["yAxis"]["data"] == ["统一受理"]


def test_they_can_be_drawn() -> None:
    drawing = Drawing(STATIC / "vendor" / "echarts.min.js", STATIC / "taxops" / "chart-option.js")
    pictures = [drawing.svg(chart.as_json(), height=chart.height) for chart in charts_of(troubled())]
    assert len(pictures) == 3
    assert "统一受理" in pictures[1]
    assert "#cf5149" in pictures[1]
