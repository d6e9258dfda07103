"""The strip chart of a service year (年度条图) as SVG: a line a month, outages, exclusions, unmonitored time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from taxops.engines.base import CHINA, Interval, intersect, merge
from taxops.engines.checks import add_months

from .rules import Reckoning, exact

WIDTH, HEIGHT, LEAST = 1000, 14, 2.5
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Strip:
    """One month of the year (月条): its words, its bar, how long it was down."""

    label: str
    svg: SafeString
    down_s: float


def strips(reckoning: Reckoning) -> list[Strip]:
    """Return the months of the service year, each with what happened in it."""
    figures = reckoning.figures
    taken = merge(piece for cut in reckoning.cuts for piece in cut.taken)
    found: list[Strip] = []
    for month in _months(figures.year):
        lived = intersect([month], [Interval(figures.year.start, figures.as_of)])
        down = intersect(figures.pieces, [month])
        bars = [
            *_bars(month, lived, "good", "已监测"),
            *_bars(month, intersect(reckoning.dark, [month]), "unknown", "未监测"),
            *_bars(month, intersect(taken, [month]), "suspended", "剔除"),
            *_bars(month, down, "bad", "中断"),
        ]
        down_s = sum(piece.seconds for piece in down)
        label = month.start.astimezone(CHINA).strftime("%Y-%m-%d")
        found.append(Strip(label, _svg(label, bars, down_s), down_s))
    return found


def _months(year: Interval) -> Iterator[Interval]:
    for n in range(12):
        start = add_months(year.start, n)
        if start >= year.end:
            return
        yield Interval(start, min(add_months(year.start, n + 1), year.end))


Bar = tuple[float, float, str, str]


def _bars(month: Interval, pieces: Iterable[Interval], tone: str, word: str) -> list[Bar]:
    """Return rectangles; 31 days are the full width, so that a day is as wide in every month."""
    scale = WIDTH / (31 * _DAY.total_seconds())
    least = LEAST if tone in {"bad", "suspended"} else 0.0  # a minute must be seen in a month
    return [
        (
            round((piece.start - month.start).total_seconds() * scale, 2),
            round(max(piece.seconds * scale, least), 2),
            tone,
            f"{word} {_clock(piece.start)} – {_clock(piece.end)}（{exact(piece.seconds)}）",
        )
        for piece in pieces
    ]


def _svg(label: str, bars: Iterable[Bar], down_s: float) -> SafeString:
    down = f"中断 {exact(down_s)}" if down_s else "没有计入的中断"
    return format_html(
        '<svg class="av-strip" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>',
        WIDTH,
        HEIGHT,
        f"{label} 起一个月，{down}",
        format_html_join(
            "",
            '<rect x="{}" width="{}" height="{}" class="mon-fill-{}"><title>{}</title></rect>',
            ((x, width, HEIGHT, tone, words) for x, width, tone, words in bars),
        ),
    )


def budget(used_s: float, limit_s: float) -> SafeString:
    """Return the bar of downtime used up (中断额度), red beyond the limit."""
    share = used_s / limit_s if limit_s else 1.0
    tone = "bad" if share > 1 else "warning" if share > 0.75 else "good"
    return format_html(
        '<svg class="av-budget" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect width="100" height="8" class="mon-fill-plain"/><rect width="{}" height="8" class="mon-fill-{}"/></svg>',
        f"已用 {exact(used_s)}，上限 {exact(limit_s)}",
        round(min(1.0, share) * 100, 2),
        tone,
    )


def _clock(at: datetime) -> str:
    return at.astimezone(CHINA).strftime("%m-%d %H:%M:%S")
