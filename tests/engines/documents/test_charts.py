"""Charts without a browser: the page's own script, the same picture each time, Chinese in the pixels."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from taxops.engines.base import BadInput, Unavailable
from taxops.engines.documents import Drawing, png_of

STATIC = Path(__file__).parents[3] / "src" / "taxops" / "web" / "static"
OPTION = STATIC / "taxops" / "chart-option.js"


def chart(**more: Any) -> dict[str, Any]:
    given = {
        "title": "可用率",
        "unit": "%",
        "kind": "line",
        "categories": ["0时", "1时", "2时"],
        "option": {},
    }
    series = [{"name": "统一受理", "values": [100, 95.25, None], "tone": "bad", "links": []}]
    return {**given, "series": series, **more}


@pytest.fixture(scope="module")
def drawing() -> Drawing:
    return Drawing(STATIC / "vendor" / "echarts.min.js", OPTION)


def test_a_chart_is_drawn_with_its_labels(drawing: Drawing) -> None:
    svg = drawing.svg(chart())
    assert svg.startswith("<svg")
    assert {"0时", "1时", "2时"} <= set(re.findall(r">([^<>]+)</text>", svg))
    assert "#cf5149" in svg  # the tone's colour
    assert drawing.svg(chart()) == svg


@pytest.mark.parametrize("kind", ["line", "bar", "stack", "area", "pie"])
def test_every_kind_is_drawn(drawing: Drawing, kind: str) -> None:
    assert "<path" in drawing.svg(chart(kind=kind))


def test_the_page_may_say_more_than_the_declaration(drawing: Drawing) -> None:
    svg = drawing.svg(chart(option={"yAxis": {"min": 0, "max": 100}}))
    assert "100" in re.findall(r">([^<>]+)</text>", svg)


def test_the_pixels_hold_chinese_from_the_wheels_font(drawing: Drawing) -> None:
    png = png_of(drawing.svg(chart()), width=640)
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(png[16:20]) == 640
    without = png_of(re.sub(r"<text.*?</text>", "", drawing.svg(chart())), width=640)
    assert len(png) > len(without) + 500  # the letters are there


def test_what_cannot_be_drawn_is_told(drawing: Drawing, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="图表「可用率」无法绘制"):
        drawing.svg(chart(series=None))
    with pytest.raises(BadInput, match="图形无法转换"):
        png_of("不是图形")
    with pytest.raises(Unavailable, match="run setup"):
        Drawing(tmp_path / "none.js", OPTION)
