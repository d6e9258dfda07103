"""The topology as SVG (拓扑图): boxes in layers, lines by relation; attributes only."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from taxops.systems.operations.monitoring.rules import TONES
from taxops.web.kit import Tone
from taxops.web.kit.tones import SHAPES

from .queries import Node, Topology

_BOX_W, _BOX_H, _STEP_X, _STEP_Y = 178.0, 50.0, 194.0, 92.0
_LETTERS = 11
RELATIONS = {"part_of": "组成", "runs_on": "运行于", "depends_on": "依赖"}


def drawn(found: Topology, url: Callable[[Node], str]) -> SafeString:
    """Return the picture; a click on a box opens what it stands for."""
    if not found.nodes:
        return SafeString("")
    longest = max(spot.length for spot in found.spots)
    width = longest * _STEP_X
    at = {
        spot.asset: (
            (spot.place + 0.5) * _STEP_X + (longest - spot.length) * _STEP_X / 2,
            spot.row * _STEP_Y + _BOX_H / 2 + 4,
        )
        for spot in found.spots
    }
    lines = []
    for link in found.links:
        (x1, y1), (x2, y2) = at[link.above], at[link.below]
        y1, y2 = (y1 + _BOX_H / 2, y2 - _BOX_H / 2) if y2 > y1 else (y1, y2)
        middle = (y1 + y2) / 2
        lines.append(
            (
                f"M{x1:.0f},{y1:.0f} C{x1:.0f},{middle:.0f} {x2:.0f},{middle:.0f} {x2:.0f},{y2:.0f}",
                link.kind,
                RELATIONS.get(link.kind, link.kind),
            )
        )
    boxes = []
    for node in found.nodes:
        x, y = at[node.asset.pk]
        tone = TONES.get(node.shown, "plain") if node.shown else "none"
        words = node.shown.label if node.shown else "没有检查项"
        name = str(node.asset.name)
        boxes.append(
            (
                url(node),
                tone,
                f"{name}：{words}",
                f"{x - _BOX_W / 2:.0f}",
                f"{y - _BOX_H / 2:.0f}",
                _BOX_W,
                _BOX_H,
                f"{name}（{node.asset.type.name}）：{words}，{node.checks} 个检查项，{node.bad} 个中断",
                f"{x - _BOX_W / 2 + 18:.0f}",
                f"{y + 5:.0f}",
                SHAPES[Tone(tone)] if node.shown else "–",
                f"{x - _BOX_W / 2 + 34:.0f}",
                f"{y - 3:.0f}",
                name if len(name) <= _LETTERS else name[: _LETTERS - 1] + "…",
                f"{x - _BOX_W / 2 + 34:.0f}",
                f"{y + 15:.0f}",
                f"{node.asset.type.name} · {words}",
            )
        )
    rows = 1 + max(spot.row for spot in found.spots)
    return format_html(
        '<svg class="topo" viewBox="0 0 {} {}" width="{}" role="group" aria-label="拓扑图，{} 个资产">{}{}</svg>',
        f"{width:.0f}",
        f"{(rows - 1) * _STEP_Y + _BOX_H + 8:.0f}",
        f"{width:.0f}",
        len(found.nodes),
        format_html_join("", '<path d="{}" class="topo-{}"><title>{}</title></path>', lines),
        format_html_join(
            "",
            '<a href="{}" class="topo-node topo-t-{}" aria-label="{}"><rect x="{}" y="{}" width="{}" height="{}" '
            'rx="4"/><title>{}</title><text class="topo-glyph" x="{}" y="{}" text-anchor="middle">{}</text>'
            '<text class="topo-name" x="{}" y="{}">{}</text><text class="topo-word" x="{}" y="{}">{}</text></a>',
            boxes,
        ),
    )
