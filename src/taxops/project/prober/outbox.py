"""From reports to batches (上报批次): which details go along, and when a batch is worth sending.

A row is `[check, version, at_ms, verdict, duration_us, late_ms, message, metrics, trace]`. A result that only
says "still so" carries nulls: message and metrics go along when something changed or is being confirmed, with
every bad result (message), and otherwise once a minute; kinds with trends always carry their metrics. Traces
go along with bad results that change or confirm something, and once a minute while it stays bad.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from typing import Any

from taxops import __version__
from taxops.engines.checks import Report, Verdict

DETAILS_EVERY_MS = 60_000
MOST_ROWS = 4_000
MOST_BYTES = 1_500_000
MOST_MESSAGE = 500
MOST_TRACE = 12_000
_MOST_METRICS = 60
_Still = tuple[int, int, int, float, float]
_OK = Verdict.OK
_CODES = {Verdict.OK: 0, Verdict.WARNING: 1, Verdict.CRITICAL: 2, Verdict.UNKNOWN: 3}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def metrics_of(report: Report) -> dict[str, float]:
    """Return a result's metrics with its phases as `…_ms`, finite and not too many."""
    result = report.result
    found = {name: round(float(value), 4) for name, value in result.metrics.items()}
    found |= {f"{phase}_ms": round(ms, 2) for phase, ms in result.phases.items()}
    finite = {name: value for name, value in found.items() if abs(value) < 1e300}
    return dict(list(finite.items())[:_MOST_METRICS])


def trace_of(report: Report) -> str:
    """Return a result's trace as JSON, shortened to what the centre takes."""
    trace: dict[str, Any] = dict(report.result.evidence)
    trace["phases"] = {name: round(ms, 2) for name, ms in report.result.phases.items()}
    text = _json(trace)
    if len(text.encode()) <= MOST_TRACE:
        return text
    short = {
        k: (v[:1000] if isinstance(v, str) else v) for k, v in trace.items() if k not in {"trace", "steps"}
    }
    short["shortened"] = True
    text = _json(short)
    if len(text.encode()) <= MOST_TRACE:
        return text
    return _json({"phases": trace["phases"], "shortened": True})


class Outbox:
    """Rows waiting to become a batch (发件箱): filled by the prober's thread, emptied by the uplink's."""

    def __init__(self) -> None:
        self._rows: deque[str | _Still] = deque()
        self._told: dict[int, int] = {}
        self._traced: dict[int, int] = {}
        self.urgent = threading.Event()

    def still(self, check_id: int, version: int, at_ms: int, took_ms: float, late_ms: float) -> bool:
        """Take in a good result that says nothing new; False, and nothing taken, when its details are due.

        Args:
            check_id: the check.
            version: of its definition.
            at_ms: time of fact.
            took_ms: how long it took, milliseconds.
            late_ms: how late the prober was, milliseconds.
        """
        if at_ms - self._told.get(check_id, 0) >= DETAILS_EVERY_MS:
            return False
        self._rows.append((check_id, version, at_ms, took_ms, late_ms))
        return True

    def add(self, report: Report) -> None:
        """Take a report in; the hot path, about a microsecond for one that says "still so"."""
        result = report.result
        check_id, at_ms = report.spec.id, result.at_ms
        bad = result.verdict is not _OK
        due = at_ms - self._told.get(check_id, 0) >= DETAILS_EVERY_MS
        if not (bad or due or report.urgent or report.keeps_metrics):
            self.still(check_id, report.spec.version, at_ms, result.duration_ms, result.late_ms)
            return
        start = (
            f"[{check_id},{report.spec.version},{at_ms},{_CODES[result.verdict]},"
            f"{int(result.duration_ms * 1000)},{int(result.late_ms)},"
        )
        full = due or report.urgent
        if full:
            self._told[check_id] = at_ms
        message = _json(result.message[:MOST_MESSAGE]) if bad or full else "null"
        metrics = _json(metrics_of(report)) if full or report.keeps_metrics else "null"
        trace = "null"
        if bad and (report.urgent or at_ms - self._traced.get(check_id, 0) >= DETAILS_EVERY_MS):
            self._traced[check_id] = at_ms
            trace = trace_of(report)
        self._rows.append(f"{start}{message},{metrics},{trace}]")
        if report.urgent:
            self.urgent.set()

    def __len__(self) -> int:
        return len(self._rows)

    def take(self) -> list[str]:
        """Return rows for one batch, oldest first, at most as many as a batch may have."""
        rows: list[str] = []
        size = 0
        while self._rows and len(rows) < MOST_ROWS and size < MOST_BYTES:
            row = self._rows.popleft()
            if not isinstance(row, str):  # put into words here, many at once, not on the prober's hot path
                check_id, version, at_ms, took_ms, late_ms = row
                row = f"[{check_id},{version},{at_ms},0,{int(took_ms * 1000)},{int(late_ms)},null,null,null]"
            rows.append(row)
            size += len(row)
        return rows


def body_of(boot: str, seq: int, sent_at_ms: int, rows: list[str], figures: dict[str, float] | None) -> bytes:
    """Return the body of a batch; what the prober says of itself includes the version of its software."""
    about = f',"self":{_json({**figures, "software": __version__})}' if figures else ""
    return f'{{"boot":"{boot}","seq":{seq},"sent_at_ms":{sent_at_ms}{about},"results":[{",".join(rows)}]}}'.encode()
