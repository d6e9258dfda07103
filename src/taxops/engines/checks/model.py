"""The nouns of checking: verdicts, results, what a prober is told to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from taxops.engines.base import Choices

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Verdict(Choices):
    """What one execution found (检查结论)."""

    OK = "ok", "正常"
    WARNING = "warning", "警告"
    CRITICAL = "critical", "异常"
    UNKNOWN = "unknown", "未知"


class Result(NamedTuple):
    """What one execution of a check found (检查结果).

    A named tuple, for one is made with every execution: a frozen dataclass takes four times as long.

    Args:
        verdict: the conclusion; a target that is down is `critical`, a check that could not be
            carried out (wrong parameters, missing credentials) is `unknown`.
        message: one Chinese sentence for the reader.
        at_ms: when the execution started (time of fact, 事实时间), milliseconds since 1970.
        duration_ms: how long it took.
        metrics: numbers worth keeping (`status`, `cert_days`, `lag`, …).
        phases: milliseconds spent in each phase, in order (`dns`, `connect`, `tls`, `send`, `wait`, `read`).
        evidence: the trace (过程记录): request, answer excerpt, facts behind the conditions. Never secrets.
        late_ms: how late the prober itself was; above one second the result is suspect (存疑).
    """

    verdict: Verdict
    message: str
    at_ms: int = 0
    duration_ms: float = 0.0
    metrics: Mapping[str, float] = _NOTHING
    phases: Mapping[str, float] = _NOTHING
    evidence: Mapping[str, Any] = _NOTHING
    late_ms: float = 0.0

    def as_dict(self) -> dict[str, object]:
        """Return the answer of `taxops check run … --json`."""
        return {
            "verdict": self.verdict.value,
            "message": self.message,
            "metrics": dict(self.metrics),
            "phases": {name: round(ms, 3) for name, ms in self.phases.items()},
            "duration_ms": round(self.duration_ms, 3),
            "evidence": dict(self.evidence),
        }


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """One check as a prober needs it (检查定义).

    Args:
        id: the centre's number of the check.
        kind: a name in the registry of kinds (检查类型).
        target: what is looked at (检查对象): an address, a path, a connection text without secrets.
        params: the kind's own parameters.
        conditions: what must hold for `ok`, as text; all must hold. Empty: the kind's default.
        warnings: what must hold not to be a `warning`.
        interval_s: seconds between executions while nothing changes.
        retry_interval_s: seconds between executions while a change is being confirmed (soft state).
        timeout_s: after this the target counts as not answering.
        confirm: bad results in a row that make it hard (确认次数).
        recover: good results in a row that end it (恢复次数).
        version: of the definition; goes back with each result.
    """

    id: int
    kind: str
    target: str
    params: Mapping[str, Any] = field(default_factory=dict)
    conditions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    interval_s: float = 60.0
    retry_interval_s: float = 10.0
    timeout_s: float = 5.0
    confirm: int = 3
    recover: int = 2
    version: int = 1
