"""State tones (状态色形): one colour and one shape for each meaning, everywhere; never colour alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from taxops.engines.base import Choices


class Tone(Choices):
    """What a state means to the reader (状态含义); each has one colour and one shape."""

    GOOD = "good", "正常"
    WARNING = "warning", "注意"
    BAD = "bad", "异常"
    UNKNOWN = "unknown", "未知"
    FLAPPING = "flapping", "抖动"
    SUSPENDED = "suspended", "暂停"
    ACTIVE = "active", "进行中"
    PLAIN = "plain", "一般"


class ClockTone(Choices):
    """How a clock stands (时限状态)."""

    FINE = "fine", "充裕"
    NEAR = "near", "临近"
    OVER = "over", "超时"
    STOPPED = "stopped", "已停"


SHAPES: Mapping[str, str] = {
    Tone.GOOD: "●",
    Tone.WARNING: "▲",
    Tone.BAD: "■",
    Tone.UNKNOWN: "?",
    Tone.FLAPPING: "⇅",
    Tone.SUSPENDED: "⏸",
    Tone.ACTIVE: "◐",
    Tone.PLAIN: "○",
}

CLOCK_TONES: Mapping[str, str] = {
    ClockTone.FINE: Tone.GOOD,
    ClockTone.NEAR: Tone.WARNING,
    ClockTone.OVER: Tone.BAD,
    ClockTone.STOPPED: Tone.SUSPENDED,
}

_USUAL: Mapping[str, Tone] = {
    **dict.fromkeys(("good", "ok", "up", "healthy", "done", "success", "successful", "sent", "passed"), Tone.GOOD),
    **dict.fromkeys(("enabled", "normal", "online", "approved", "confirmed", "delivered", "fine"), Tone.GOOD),
    **dict.fromkeys(("warning", "warn", "late", "near", "degraded", "soft", "suspect", "retrying"), Tone.WARNING),
    **dict.fromkeys(("bad", "critical", "down", "failed", "error", "over", "hard", "rejected", "locked"), Tone.BAD),
    **dict.fromkeys(("lost", "dead", "expired", "offline", "revoked"), Tone.BAD),
    **dict.fromkeys(("unknown", "pending", "stale", "none"), Tone.UNKNOWN),
    **dict.fromkeys(("suspended", "paused", "disabled", "maintenance", "muted", "stopped", "inactive"), Tone.SUSPENDED),
    **dict.fromkeys(("active", "running", "ready", "open", "queued", "waiting", "new", "scheduled"), Tone.ACTIVE),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class State:
    """A state as shown (状态): a word and a tone."""

    label: str
    tone: Tone = Tone.PLAIN

    @property
    def shape(self) -> str:
        """The character that tells the tone without colour."""
        return SHAPES[self.tone]


def tone_of(code: object, tones: Mapping[str, Tone | str] | None = None) -> Tone:
    """Return the tone of a state code: what the page declares, else the usual one, else plain."""
    text = str(code)
    if tones and text in tones:
        return Tone(tones[text])
    return _USUAL.get(text, Tone.PLAIN)


def state_of(value: object, *, label: str = "", tones: Mapping[str, Tone | str] | None = None) -> State:
    """Return how a state is shown, from a `State`, a `Choices` member or a bare code."""
    if isinstance(value, State):
        return value
    if not label and isinstance(value, Choices):
        label = value.label
    return State(label or str(value), tone_of(value, tones))
