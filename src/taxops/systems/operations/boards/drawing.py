"""The board's drawings (大屏图形) as SVG: the schematic map, bars of a trend. Attributes only, no styles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, sqrt

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from taxops.engines.base import CHINA, duration_words
from taxops.systems.operations.monitoring.rules import TONES
from taxops.systems.operations.monitoring.words import Shown
from taxops.web.kit import Tone
from taxops.web.kit.tones import SHAPES

from .rules import Bucket, Tile

_R = 60.0
_W = sqrt(3) * _R
_GAP = 3.0
_BAR_W, _BAR_H = 600.0, 120.0


def _words(tile: Tile) -> str:
    if tile.shown is None:
        return "未接入"
    if tile.bad:
        return f"中断 {tile.bad}"
    return str(tile.shown.label)


def province_map(tiles: Sequence[Tile], url: Callable[[str], str]) -> SafeString:
    """Return the map: one hexagon a city, coloured and shaped by its worst state, leading to its systems."""
    if not tiles:
        return SafeString("")
    left = min(tile.place.column + tile.place.row % 2 / 2 for tile in tiles)
    right = max(tile.place.column + tile.place.row % 2 / 2 for tile in tiles)
    top, bottom = min(tile.place.row for tile in tiles), max(tile.place.row for tile in tiles)
    drawn = []
    for tile in tiles:
        x = (tile.place.column + tile.place.row % 2 / 2 - left) * _W + _W / 2
        y = (tile.place.row - top) * 1.5 * _R + _R
        tone = TONES.get(tile.shown, "plain") if tile.shown else "none"
        corners = " ".join(
            f"{x + dx * (_W / 2 - _GAP):.1f},{y + dy * (_R - _GAP):.1f}"
            for dx, dy in ((0, -1), (1, -0.5), (1, 0.5), (0, 1), (-1, 0.5), (-1, -0.5))
        )
        drawn.append(
            (
                url(tile.org_code),
                f"{tile.place.name}：{_words(tile)}，{tile.systems} 个系统",
                tone,
                corners,
                f"{tile.place.name}：{_words(tile)}（{tile.systems} 个系统）",
                f"{x:.1f}",
                f"{y - 22:.1f}",
                SHAPES[Tone(tone)] if tile.shown else "–",
                f"{x:.1f}",
                f"{y + 8:.1f}",
                tile.place.name,
                f"{x:.1f}",
                f"{y + 30:.1f}",
                _words(tile),
            )
        )
    return format_html(
        '<svg class="brd-map" viewBox="0 0 {} {}" role="group" aria-label="地市状态示意图">{}</svg>',
        ceil((right - left + 1) * _W),
        ceil((bottom - top) * 1.5 * _R + 2 * _R),
        format_html_join(
            "",
            '<a href="{}" aria-label="{}" class="brd-city brd-{}"><polygon points="{}"/><title>{}</title>'
            '<text class="brd-glyph" x="{}" y="{}" text-anchor="middle">{}</text>'
            '<text class="brd-name" x="{}" y="{}" text-anchor="middle">{}</text>'
            '<text class="brd-word" x="{}" y="{}" text-anchor="middle">{}</text></a>',
            drawn,
        ),
    )


def hour_bars(buckets: Sequence[Bucket]) -> SafeString:
    """Return how many outages began in each hour, systems' below checks' (逐小时新发中断)."""
    most = max([4, *(b.checks + b.systems for b in buckets)])
    width = _BAR_W / max(1, len(buckets))
    bars = []
    for place, bucket in enumerate(buckets):
        at = bucket.start.astimezone(CHINA)
        words = f"{at:%m-%d %H} 时：检查项 {bucket.checks} 次，系统 {bucket.systems} 次"
        low = bucket.systems * _BAR_H / most
        high = bucket.checks * _BAR_H / most
        bars.append(_bar(place, width, _BAR_H - low, low, "bad", words))
        bars.append(_bar(place, width, _BAR_H - low - high, high, "warning", words))
    return _frame(bars, f"近 24 小时新发中断，最多一小时 {most} 次")


def day_bars(buckets: Sequence[Bucket]) -> SafeString:
    """Return how long systems were down on each day (逐日系统中断时长)."""
    most = max([600.0, *(b.down_s for b in buckets)])
    width = _BAR_W / max(1, len(buckets))
    bars = []
    for place, bucket in enumerate(buckets):
        high = bucket.down_s * _BAR_H / most
        down = duration_words(bucket.down_s) if bucket.down_s else "没有"
        words = f"{bucket.start.astimezone(CHINA):%m-%d}：系统中断 {down}，{bucket.systems} 次"
        bars.append(_bar(place, width, _BAR_H - high, high, "bad", words))
    return _frame(bars, f"近 {len(buckets)} 天系统中断时长")


def _bar(place: int, width: float, y: float, height: float, tone: str, words: str) -> tuple[str, ...]:
    return (
        f"{place * width + width * 0.12:.1f}",
        f"{y:.1f}",
        f"{width * 0.76:.1f}",
        f"{max(height, 3.0) if height > 0 else 0.0:.1f}",
        tone,
        words,
    )


def _frame(bars: Sequence[tuple[str, ...]], label: str) -> SafeString:
    return format_html(
        '<svg class="brd-bars" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}'
        '<rect class="brd-base" x="0" y="{}" width="{}" height="1.5"/></svg>',
        _BAR_W,
        _BAR_H + 2,
        label,
        format_html_join(
            "",
            '<rect x="{}" y="{}" width="{}" height="{}" class="mon-fill-{}"><title>{}</title></rect>',
            [bar for bar in bars if bar[3] != "0.0"],
        ),
        _BAR_H,
        _BAR_W,
    )


def tone_of(shown: Shown | None) -> str:
    """Return the tone of a state for a class name."""
    return TONES.get(shown, "plain") if shown else "plain"
