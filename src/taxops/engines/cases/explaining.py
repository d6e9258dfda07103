"""Explaining a clock (时限说明): the arithmetic, line by line, as a person would do it by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from taxops.engines.base import CHINA, duration_words

from .clocks import Calendars, Face, face
from .folding import in_order
from .model import CaseType, Event

CALENDARS = {
    "always": "全天",
    "onsite7x12": "驻场 7*12",
    "office5x8": "办公 5*8",
    "legal_working_days": "法定工作日",
}
"""Names of the shipped calendars (工作日历名称) for the reader."""


def moment(at: int) -> str:
    """Return an instant in China time."""
    return datetime.fromtimestamp(at, UTC).astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def explain(
    kind: CaseType, events: Sequence[Event], calendars: Calendars, now: int
) -> list[tuple[Face, list[str]]]:
    """Return each clock with the lines of its arithmetic: at every event, what was on the clock."""
    found = []
    for spec in kind.clocks:
        last = face(kind, spec, events, calendars, now)
        if last is None:
            continue
        lines = [_rule_line(last)]
        before = 0
        for event in in_order(events):
            if event.kind not in ("open", "move") or event.at > now or event.at < last.started_at:
                continue
            then = face(kind, spec, [e for e in events if e.at <= event.at], calendars, event.at)
            if then is None or then.problem:
                continue
            label = "发起" if event.kind == "open" else str(event.data.get("label") or event.data["step"])
            gained = then.elapsed_seconds - before
            before = then.elapsed_seconds
            lines.append(
                f"{moment(event.at)}　{label}　+{duration_words(gained)}，"
                f"累计 {duration_words(before)}，{then.state.label}"
                + (
                    f"，时限 {duration_words(then.target_seconds)}"
                    if then.target_seconds != last.target_seconds
                    else ""
                )
            )
        lines.append(_end_line(last, now, last.elapsed_seconds - before))
        found.append((last, lines))
    return found


def _rule_line(clock: Face) -> str:
    bound = "小于" if clock.strict else "不超过"
    source = f"，依据 {clock.source}" if clock.source else ""
    calendar = CALENDARS.get(clock.calendar, clock.calendar)
    return f"{clock.label}：{bound} {duration_words(clock.target_seconds)}，日历 {calendar}{source}"


def _end_line(clock: Face, now: int, gained: int) -> str:
    if clock.problem:
        return f"无法计算：{clock.problem}"
    words = "已超时" if clock.breached else "未超时"
    due = f"，到期 {moment(clock.deadline)}" if clock.deadline is not None else ""
    return (
        f"{moment(now)}　现在　+{duration_words(gained)}，累计 {duration_words(clock.elapsed_seconds)}，"
        f"{clock.state.label}，{words}{due}"
    )
