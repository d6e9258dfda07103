"""Small drawings (图形) as SVG: timelines, phases of a request. Attributes only, since the page allows no styles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from html import escape

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from taxops.engines.base import CHINA, Interval, duration_words, from_millis, to_millis

from .queries import Timeline
from .rules import TONES

WIDTH = 1000
PHASES: Mapping[str, str] = {
    "dns": "域名解析",
    "connect": "建立连接",
    "tls": "TLS 握手",
    "send": "发送请求",
    "wait": "等待首字节",
    "read": "传输正文",
}


def timeline(line: Timeline, *, height: int = 18, words: str = "") -> SafeString:
    """Return a timeline as a bar, windows of maintenance as a stripe beneath; `words` say whose it is."""
    start, span = to_millis(line.start), max(1, to_millis(line.end) - to_millis(line.start))

    def x(at_ms: int) -> float:
        return round(max(0, min(span, at_ms - start)) * WIDTH / span, 2)

    bars = []
    for one in line.stretches:
        left, right = x(one.start_ms), x(one.end_ms)
        least = 2.0 if one.shown == "critical" else 0.0  # an outage of seconds must be seen in a quarter
        lasted = duration_words((one.end_ms - one.start_ms) / 1000)
        said = f"{one.shown.label} {_clock(one.start_ms)} – {_clock(one.end_ms)}（{lasted}）"
        bars.append((left, max(right - left, least), height, TONES[one.shown], said))
    bars.sort(key=lambda bar: bar[3] == "bad")  # drawn last, on top
    stripes = [
        (
            x(to_millis(w.start)),
            max(1.5, x(to_millis(w.end)) - x(to_millis(w.start))),
            height + 1,
            _window_words(w),
        )
        for w in line.windows
    ]
    down = f"，中断 {duration_words(line.down_s)}" if line.down_s else "，没有中断"
    return format_html(
        '<svg class="mon-line" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}{}</svg>',
        WIDTH,
        height + 5,
        f"{words or f'近 {line.label}状态'}{down}",
        _rects(bars),
        format_html_join(
            "",
            '<rect x="{}" width="{}" y="{}" height="3" class="mon-fill-suspended"><title>{}</title></rect>',
            stripes,
        ),
    )


def _rects(bars: Iterable[tuple[float, float, int, str, str]]) -> SafeString:
    """Return the bars as one piece of markup.

    Numbers, tones and words here are all our own; only the words are escaped, once. A quarter of a busy system
    has a thousand bars, and a `format_html` for each of them took a third of the page's time.
    """
    return SafeString(
        "".join(
            f'<rect x="{left}" y="0" width="{width}" height="{height}" class="mon-fill-{tone}">'
            f"<title>{escape(said)}</title></rect>"
            for left, width, height, tone, said in bars
        )
    )


def ticks(line: Timeline, *, count: int = 6) -> list[str]:
    """Return what stands under a timeline, evenly from left to right."""
    span = line.end - line.start
    form = "%H:%M" if span <= timedelta(days=1) else "%m-%d"
    return [(line.start + span * i / count).astimezone(CHINA).strftime(form) for i in range(count)] + ["现在"]


def waterfall(found: Mapping[str, float]) -> list[dict[str, object]]:
    """Return the phases of one execution as a waterfall (阶段瀑布): each begins where the one before ended."""
    known = [(name, ms) for name, ms in found.items() if ms >= 0]
    total = sum(ms for _, ms in known)
    if not known or total <= 0:
        return []
    rows, at = [], 0.0
    for place, (name, ms) in enumerate(known):
        left, width = at * WIDTH / total, max(3.0, ms * WIDTH / total)
        bar = format_html(
            '<svg class="mon-fall" viewBox="0 0 {} 12" preserveAspectRatio="none" aria-hidden="true">'
            '<rect x="{}" width="{}" height="12" class="mon-c{}"/></svg>',
            WIDTH,
            round(min(left, WIDTH - width), 2),
            round(width, 2),
            place % 6 + 1,
        )
        rows.append({"word": PHASES.get(name, name), "ms": ms, "from_ms": at, "bar": bar})
        at += ms
    return rows


def _clock(at_ms: int) -> str:
    return from_millis(at_ms).astimezone(CHINA).strftime("%m-%d %H:%M:%S")


def _window_words(window: Interval) -> str:
    def at(instant: datetime) -> str:
        return instant.astimezone(CHINA).strftime("%m-%d %H:%M")

    return f"维护窗口 {at(window.start)} – {at(window.end)}"


def drawn(lines: Sequence[Timeline]) -> list[dict[str, object]]:
    """Return timelines as templates show them."""
    return [
        {"label": line.label, "svg": timeline(line), "ticks": ticks(line), "down_s": line.down_s}
        for line in lines
    ]
