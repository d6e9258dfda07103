"""What comes in (告警信号), and what is kept of it while it lasts (告警)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signal:
    """Something broke or recovered (告警信号); pushed, probed or entered, they are all the same.

    Args:
        labels: who and what: `system`, `check`, `severity`, `org`, …; they decide identity and routing.
        at_ms: time of fact, milliseconds since 1970.
        firing: True while broken.
        summary: one Chinese sentence; not part of the identity.
    """

    labels: Mapping[str, str]
    at_ms: int
    firing: bool = True
    summary: str = ""


@dataclass(slots=True)
class Alert:
    """A problem while it lasts (告警), identified by the fingerprint of its labels.

    Args:
        fingerprint: identity.
        labels: as they came.
        since_ms: when it began.
        ended_ms: when it ended; None while it lasts.
        last_ms: time of the newest signal taken; older ones are refused.
        summary: the newest sentence.
    """

    fingerprint: str
    labels: dict[str, str]
    since_ms: int
    ended_ms: int | None
    last_ms: int
    summary: str
