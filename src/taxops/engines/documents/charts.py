"""Charts of reports (图表): the option that the page draws, drawn without a browser, as SVG and as PNG.

The page's own script makes the option (`chart-option.js`) and ECharts draws it, both run by QuickJS; resvg
turns the SVG into pixels for Word. No system font takes part: the wheel's fonts are named and given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from taxops.engines.base import BadInput, Unavailable

from .fonts import SANS, files

_SETUP = """
var console = {log() {}, warn() {}, error() {}};
var setTimeout = () => 0, clearTimeout = () => {};  // nothing moves on paper
function digits(value) {
  var parts = (Math.round(value * 1000) / 1000).toString().split(".");
  parts[0] = parts[0].replace(/\\B(?=(\\d{3})+(?!\\d))/g, ",");
  return parts.join(".");
}
function draw(text, width, height) {
  var given = JSON.parse(text);
  given.theme.number = digits;
  var chart = echarts.init(null, null, {renderer: "svg", ssr: true, width: width, height: height});
  chart.setOption(chartOption(given.chart, given.theme));
  var svg = chart.renderToSVGString();
  chart.dispose();
  return JSON.parse(JSON.stringify([svg]))[0];  // flattened: QuickJS keeps long sums of strings as ropes
}
"""

THEME: Mapping[str, Any] = {
    "palette": ["#2c5a86", "#d08a2e", "#4b9a8e", "#8a6bb5", "#b5574f", "#7a8797"],
    "fills": {
        "good": "#4aa176",
        "warning": "#dda23c",
        "bad": "#cf5149",
        "unknown": "#9aa6b2",
        "suspended": "#8f7cc4",
        "active": "#4b8ac9",
        "plain": "#7a8797",
    },
    "ink": "#1a2733",
    "soft": "#4a5a6a",
    "muted": "#434f5b",
    "line": "#ccd4dc",
    "raised": "#ffffff",
    "surface": "#ffffff",
    "font": SANS,
    "animate": False,
}
"""Colours of paper: the page's light theme with a darker ink."""


class Drawing:
    """A place to draw charts in (绘图): load once (0.1 s), draw many (about 20 ms each), in one thread.

    Args:
        echarts: the ECharts library as one file.
        option: the page's script that makes an option from a declared chart.

    Raises:
        Unavailable: a script cannot be read or does not run.
    """

    def __init__(self, echarts: Path, option: Path) -> None:
        import quickjs  # 8 MB; only reports need it

        self._context = quickjs.Context()
        self._context.set_memory_limit(512 * 1024 * 1024)
        self._failure = quickjs.JSException
        try:
            library = echarts.read_text(encoding="utf-8")
            making = option.read_text(encoding="utf-8").replace("export function", "function")
            for script in (library, making, _SETUP):
                self._context.eval(script)
        except (OSError, quickjs.JSException) as error:
            raise Unavailable(
                f"图表程序「{echarts.name}」无法使用。", "请执行 ./run setup 取得前端文件后重试。"
            ) from error

    def svg(self, chart: Mapping[str, Any], *, width: int = 640, height: int = 260) -> str:
        """Return a declared chart (as the page gets it) as SVG, `width` × `height` pixels.

        Raises:
            BadInput: the chart cannot be drawn.
        """
        given = json.dumps({"chart": chart, "theme": THEME}, ensure_ascii=False)
        try:
            return _settled(str(self._context.get("draw")(given, width, height)))
        except self._failure as error:
            raise BadInput(
                f"图表「{chart.get('title', '')}」无法绘制：{str(error).splitlines()[0]}"
            ) from error


_HOVER = re.compile(r'<style\s*>.*?</style>| class="zr\d+-cls-\d+"', re.DOTALL)
_COUNTED = re.compile(r"\bzr\d+-")


def _settled(svg: str) -> str:
    """Return the picture without hover styles and running numbers: nothing that paper shows, but other bytes."""
    return _COUNTED.sub("zr-", _HOVER.sub("", svg))


def png_of(svg: str, *, width: int = 1600) -> bytes:
    """Return an SVG as a PNG so many pixels wide, with the wheel's fonts and none of the system.

    Raises:
        BadInput: it is no SVG.
    """
    import resvg_py  # 3 MB; only reports need it

    try:
        return bytes(
            resvg_py.svg_to_bytes(
                svg_string=svg,
                width=width,
                background="#ffffff",
                skip_system_fonts=True,
                font_files=files()[
                    :1
                ],  # a picture speaks in one face; the other would cost as much again to read
                font_family=SANS,
                sans_serif_family=SANS,
            )
        )
    except ValueError as error:
        raise BadInput(f"图形无法转换：{error}") from error
