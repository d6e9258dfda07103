"""The schematic map of 市/州 coloured by grade (评级示意图) as SVG: attributes only, no styles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from taxops.engines.base import Place

_R = 46.0
_W = sqrt(3) * _R
_GAP = 2.0
_CORNERS = ((0, -1), (1, -0.5), (1, 0.5), (0, 1), (-1, 0.5), (-1, -0.5))


@dataclass(frozen=True, slots=True)
class Hex:
    """One city on the map (图块): where it stands, its tone, what it says, where it leads."""

    place: Place
    tone: str
    word: str
    url: str


def grade_map(tiles: Sequence[Hex], label: str = "各市州等级示意图") -> SafeString:
    """Return the map; a city that may not be seen is drawn without a grade and leads nowhere."""
    if not tiles:
        return SafeString("")
    shift = {t: t.place.column + t.place.row % 2 / 2 for t in tiles}
    left, right = min(shift.values()), max(shift.values())
    top, bottom = min(t.place.row for t in tiles), max(t.place.row for t in tiles)
    drawn = []
    for t in tiles:
        x, y = (shift[t] - left) * _W + _W / 2, (t.place.row - top) * 1.5 * _R + _R
        corners = " ".join(
            f"{x + dx * (_W / 2 - _GAP):.1f},{y + dy * (_R - _GAP):.1f}" for dx, dy in _CORNERS
        )
        body = format_html(
            '<polygon points="{}"/><title>{}：{}</title><text x="{}" y="{}" text-anchor="middle">{}</text>'
            '<text class="q5c-grade" x="{}" y="{}" text-anchor="middle">{}</text>',
            corners, t.place.name, t.word, f"{x:.1f}", f"{y - 4:.1f}", t.place.name,
            f"{x:.1f}", f"{y + 18:.1f}", t.word,
        )  # fmt: skip
        if t.url:
            said = f"{t.place.name}：{t.word}"
            drawn.append(
                format_html(
                    '<a href="{}" aria-label="{}" class="q5c-hex q5c-{}">{}</a>', t.url, said, t.tone, body
                )
            )
        else:
            drawn.append(format_html('<g class="q5c-hex q5c-{}">{}</g>', t.tone, body))
    return format_html(
        '<svg class="q5c-map" viewBox="0 0 {} {}" role="group" aria-label="{}">{}</svg>',
        ceil((right - left + 1) * _W), ceil((bottom - top) * 1.5 * _R + 2 * _R), label,
        format_html_join("", "{}", ((d,) for d in drawn)),
    )  # fmt: skip
