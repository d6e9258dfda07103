"""Small components (组件) as HTML: state, clock, time, money, icon, tag, sparkline; used by lists and tags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from . import show
from .tones import CLOCK_TONES, SHAPES, ClockTone, State, Tone, state_of

NOTHING = mark_safe('<span class="tx-nothing">—</span>')


@lru_cache(maxsize=2_000)  # a page carries fifty of the same few, and each asks for the sprite's address
def icon(name: str, label: str = "") -> SafeString:
    """Return a Tabler icon from the local sprite; with a label it speaks, without it is decoration."""
    if not name:
        return SafeString("")
    href = static("vendor/icons.svg") + "#" + name
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, href)
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', href)


def state(value: object, *, label: str = "", tones: Mapping[str, Tone | str] | None = None) -> SafeString:
    """Return the state badge (状态徽标): shape and word in the tone's colour."""
    if value is None or value == "":
        return NOTHING
    shown = state_of(value, label=label, tones=tones)
    return _badge(shown)


def _badge(shown: State) -> SafeString:
    return format_html(
        '<span class="tx-state tx-{}"><span class="tx-shape" aria-hidden="true">{}</span>{}</span>',
        shown.tone.value,
        shown.shape,
        shown.label,
    )


def clock(
    due_at: datetime | None, now: datetime, *, near: timedelta = timedelta(minutes=30), stopped: bool = False
) -> SafeString:
    """Return the clock badge (时限): how long is left or by how much it is over."""
    if due_at is None:
        return NOTHING
    left = (due_at - now).total_seconds()
    if stopped:
        tone, text = ClockTone.STOPPED, "已停表"
    elif left < 0:
        tone, text = ClockTone.OVER, f"超时 {show.duration(-left)}"
    else:
        tone = ClockTone.NEAR if left <= near.total_seconds() else ClockTone.FINE
        text = f"剩 {show.duration(left)}"
    meaning = CLOCK_TONES[tone]
    return format_html(
        '<span class="tx-state tx-clock tx-{}" title="截止 {}">'
        '<span class="tx-shape" aria-hidden="true">{}</span>{}</span>',
        meaning,
        show.when_full(due_at),
        SHAPES[meaning],
        text,
    )


def when(value: datetime | None, now: datetime | None = None) -> SafeString:
    """Return a time as `11-21 15:30` with the full value in its title."""
    if value is None:
        return NOTHING
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(),
        show.when_full(value),
        show.when(value, now),
    )


def duration(value: float | timedelta | None) -> SafeString:
    """Return a duration in words with the exact seconds in its title."""
    if value is None:
        return NOTHING
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    return format_html(
        '<span class="tx-num" title="{} 秒">{}</span>', show.number(seconds), show.duration(seconds)
    )


def money(fen: int | None) -> SafeString:
    """Return an amount in 分 as 元, right-aligned digits."""
    if fen is None:
        return NOTHING
    return format_html('<span class="tx-num" title="单位：元">{}</span>', show.money(fen))


def tags(values: Iterable[object]) -> SafeString:
    """Return words as small tags (标签)."""
    return format_html_join(" ", '<span class="tx-tag">{}</span>', ((v,) for v in values)) or NOTHING


def org(value: object) -> SafeString:
    """Return an organisation (机构): its name, with the code in the title."""
    if value is None or value == "":
        return NOTHING
    code = getattr(value, "code", "")
    return format_html('<span class="tx-org" title="{}">{}</span>', code, getattr(value, "name", value))


def sparkline(values: Sequence[float | None], *, width: int = 96, height: int = 20) -> SafeString:
    """Return a tiny line (迷你趋势线) from zero to the largest value; gaps stay gaps."""
    known = [v for v in values if v is not None]
    if not known:
        return NOTHING
    top = max(*known, 0.0) if len(known) > 1 else max(known[0], 0.0)
    step = width / max(1, len(values) - 1)
    runs: list[list[str]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            runs.append([])
            continue
        y = height - 2 - (value / top if top else 0) * (height - 4)
        runs[-1].append(f"{place * step:.1f},{y:.1f}")
    lines = format_html_join("", '<polyline points="{}"/>', ((" ".join(r),) for r in runs if r))
    return format_html(
        '<svg class="tx-spark" viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}">{}</svg>',
        width, height, width, height,
        f"最小 {show.number(min(known))}，最大 {show.number(max(known))}，最近 {show.number(known[-1])}",
        lines,
    )  # fmt: skip
