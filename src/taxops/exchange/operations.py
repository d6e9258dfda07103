"""What operations tells other systems, and what they may ask it (运维服务对外的事件与问题).

Events are plain values handed to whoever asked to hear them, after the commit that made them true;
a question is answered by the function that operations put here. Neither side imports the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from taxops.engines.base import Interval, Unavailable


@dataclass(frozen=True, slots=True)
class OutageOpened:
    """A system went down, as confirmed (系统中断)."""

    outage_id: int
    system_code: str
    severity: str
    started_at: datetime
    detected_at: datetime
    cause: str


@dataclass(frozen=True, slots=True)
class OutageEnded:
    """A system came back, or its outage was withdrawn (系统恢复)."""

    outage_id: int
    system_code: str
    started_at: datetime
    ended_at: datetime | None
    withdrawn: bool = False


Event = OutageOpened | OutageEnded
Listener = Callable[[Event], None]
DownIntervals = Callable[[str, datetime, datetime], Sequence[Interval]]

_listeners: list[Listener] = []
_answers: dict[str, DownIntervals] = {}


def listen(listener: Listener) -> None:
    """Hear every event from now on; a listener that is known already is not added again."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell(event: Event) -> None:
    """Hand an event to those who listen, in the order in which they came."""
    for listener in _listeners:
        listener(event)


def answer_down_intervals(function: DownIntervals) -> None:
    """Let operations answer `down_intervals`."""
    _answers["down_intervals"] = function


def down_intervals(system_code: str, start: datetime, end: datetime) -> Sequence[Interval]:
    """Return when a system was down within `[start, end)` (系统中断时段); an outage that lasts ends at `end`.

    Raises:
        Unavailable: operations is not installed.
    """
    if "down_intervals" not in _answers:
        raise Unavailable("运维服务未启用，无法查询系统中断。", "请在安装参数中启用运维服务。")
    return _answers["down_intervals"](system_code, start, end)
