"""States of monitoring as badges (状态徽标)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from taxops.engines.base import CHINA, from_millis
from taxops.engines.checks import flap_share
from taxops.systems.operations.alerting.views.badges import ALERT_TONES, LIVE, SEVERITY_TONES
from taxops.systems.operations.monitoring.rules import TONES, codes
from taxops.systems.operations.monitoring.words import Shown
from taxops.web.kit import State, Tone

__all__ = [
    "ALERT_TONES",
    "DARK",
    "LIVE",
    "PHASES",
    "SEVERITY_TONES",
    "VERDICTS",
    "flapping",
    "last_result",
    "outage_state",
    "phase",
    "shown",
    "took_ms",
]

PHASES = {
    "requested": ("待批准", Tone.ACTIVE),
    "rejected": ("不同意", Tone.BAD),
    "cancelled": ("已取消", Tone.PLAIN),
    "due": ("待开始", Tone.ACTIVE),
    "running": ("进行中", Tone.SUSPENDED),
    "over": ("已结束", Tone.PLAIN),
}
"""How a window stands: word and tone."""

DARK = frozenset({Shown.NO_DATA.value, Shown.UNKNOWN.value, Shown.PENDING.value})
"""Shown states of which nobody can say whether all is well; they are never counted among what works."""

VERDICTS = {
    0: State("正常", Tone.GOOD),
    1: State("警告", Tone.WARNING),
    2: State("异常", Tone.BAD),
    3: State("未知", Tone.UNKNOWN),
}


def shown(code: str) -> State:
    """Return the badge of a shown state."""
    return State(Shown.label_of(code), Tone(TONES.get(Shown(code), "plain")))


def phase(code: str) -> State:
    """Return the badge of a window."""
    word, tone = PHASES.get(code, (code, Tone.PLAIN))
    return State(word, tone)


def occurrence(one: Any, now: datetime) -> State:
    """Return the badge of an agreed time (维护时段)."""
    if one.state != "approved":
        return phase(one.state)
    if one.interval.start > now:
        return phase("due")
    return phase("over" if one.interval.end <= now else "running")


def outage_state(outage: Any) -> State:
    """Return the badge of an outage."""
    if outage.withdrawn_at is not None:
        return State("已撤回", Tone.PLAIN)
    if outage.is_suppressed:
        return State("被抑制", Tone.SUSPENDED)
    return State("中断中", Tone.BAD) if outage.ended_at is None else State("已恢复", Tone.GOOD)


def flapping(check: Any) -> str:
    """Say how much a check changes of late, by which thresholds it flaps, and since when (抖动)."""
    if not check.flap:
        return ""
    share = flap_share(check.state.flap_window, check.flap_results)
    since_ms = check.state.flapping_since_ms
    bounds = f"达到 {check.flap_high}% 开始，低于 {check.flap_low}% 结束"
    words = f"变化率 {share:.1f}%（最近 {check.flap_results} 次；{bounds}）"
    if since_ms is None:
        return words if check.state.flap_window else ""
    since = from_millis(since_ms).astimezone(CHINA).strftime("%m-%d %H:%M:%S")
    now = "中断" if check.state.phase in {codes.HARD_BAD, codes.SOFT_GOOD} else "未中断"
    return f"{since} 起抖动，此刻{now}；{words}"


def last_result(check: Any) -> datetime | None:
    """Return when a check's last result was made."""
    at_ms = check.state.last_at_ms
    return from_millis(at_ms) if at_ms else None


def took_ms(check: Any) -> float | None:
    """Return how long the last execution took."""
    return check.state.duration_us / 1000 if check.state.last_at_ms else None
