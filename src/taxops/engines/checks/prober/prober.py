"""The prober (探测器): carries out its assigned checks when they are due and hands every result on.

One thread, one loop. It keeps a small copy of each check's soft state, so that a change is confirmed at the
retry interval without asking the centre.
"""

from __future__ import annotations

import logging
import resource
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from taxops.engines.base import TaxopsError
from taxops.engines.checks.kinds import Finding, Tools, Where
from taxops.engines.checks.model import CheckSpec, Result, Verdict
from taxops.engines.checks.schedule import next_due_ms
from taxops.engines.checks.states import Changes, Policy, Tracker
from taxops.engines.checks.wire import SLOT_S, Attempt, Loop, Resolver

from .judge import Prepared, prepare, result_of
from .latency import Lateness

if TYPE_CHECKING:
    from .side import SideThread

log = logging.getLogger(__name__)
_BROKEN_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class Report:
    """One result with what it means for the one who passes it on (上报项).

    Args:
        spec: the check, with its version.
        result: what was found.
        changes: what it changed in the check's state.
        urgent: whether the centre should hear of it at once: something changed, or is being confirmed.
        keeps_metrics: whether its metrics belong to it always.
    """

    spec: CheckSpec
    result: Result
    changes: Changes
    urgent: bool
    keeps_metrics: bool


class _Entry:
    """One assigned check (受派检查)."""

    __slots__ = ("broken", "cancelled", "due_ms", "memory", "prepared", "running", "spec", "tracker")

    def __init__(self, spec: CheckSpec, tracker: Tracker, memory: dict[str, Any]) -> None:
        self.spec = spec
        self.prepared: Prepared | None = None
        self.broken = ""
        self.tracker = tracker
        self.memory = memory
        self.running = False
        self.cancelled = False
        self.due_ms = 0


class Prober:
    """Carries out checks on time (探测器).

    Args:
        clock: monotonic seconds.
        wall_ms: milliseconds since 1970.
        emit: called in the prober's thread with every report; must be quick and not raise.
        tools: database driver and the like, for kinds that need them.
        resolver: of names; the machine's own when None.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        wall_ms: Callable[[], int],
        emit: Callable[[Report], None],
        tools: Tools | None = None,
        resolver: Resolver | None = None,
    ) -> None:
        self.clock = clock
        self.wall_ms = wall_ms
        slot_ms = round(SLOT_S * 1000)
        self.loop = Loop(clock, clock() - (wall_ms() % slot_ms) / 1000)
        self.lateness = Lateness()
        self._emit = emit
        self._tools = tools or Tools()
        self._resolver = resolver or Resolver(clock)
        self._side: SideThread | None = None
        self._side_running = 0
        self._entries: dict[int, _Entry] = {}
        self._stopping = False
        self._made = 0
        self._skipped = 0

    # --- what other threads may call

    def assign(self, specs: Iterable[CheckSpec]) -> None:
        """Take a new set of checks in place of the old; unchanged ones go on undisturbed."""
        wanted = {spec.id: spec for spec in specs}
        self.loop.post(lambda: self._assign(wanted))

    def stop(self) -> None:
        """End `run` after the turn that is under way."""

        def end() -> None:
            self._stopping = True

        self.loop.post(end)

    # --- the loop

    def run(self) -> None:
        """Work until stopped."""
        while not self._stopping:
            self.loop.turn()

    def close(self) -> None:
        """Release everything; attempts under way are dropped without a result."""
        self.loop.close()
        if self._side is not None:
            self._side.close()

    def figures(self) -> dict[str, float]:
        """Return what the prober says of itself (探测器自身指标); callable from any thread."""
        usage = resource.getrusage(resource.RUSAGE_SELF)
        late = self.lateness.take()
        return {
            "checks": float(len(self._entries)),
            "running": float(self.loop.running + self._side_running),
            "made": float(self._made),
            "skipped": float(self._skipped),
            "late_p50_ms": late[0],
            "late_p99_ms": late[1],
            "late_max_ms": late[2],
            "cpu_s": round(usage.ru_utime + usage.ru_stime, 3),
            "rss_mb": round(usage.ru_maxrss / 1024, 1),
        }

    def _assign(self, wanted: dict[int, CheckSpec]) -> None:
        now_ms = self.wall_ms()
        for check_id in [known for known in self._entries if known not in wanted]:
            self._entries.pop(check_id).cancelled = True
        for spec in wanted.values():
            old = self._entries.get(spec.id)
            if old is not None and old.spec == spec:
                continue
            policy = Policy(max(1, spec.confirm), max(1, spec.recover))
            if old is not None and old.spec.kind == spec.kind and old.spec.target == spec.target:
                entry = _Entry(spec, Tracker(policy, old.tracker.state), old.memory)
            else:
                entry = _Entry(spec, Tracker(policy), {})
            if old is not None:
                old.cancelled = True
            try:
                entry.prepared = prepare(spec)
            except TaxopsError as error:
                entry.broken = str(error)
            self._entries[spec.id] = entry
            self._schedule(entry, now_ms)

    def _schedule(self, entry: _Entry, now_ms: int) -> None:
        due_ms = next_due_ms(entry.spec, entry.tracker.state, now_ms)
        entry.due_ms = due_ms
        self.loop.call_at(self.clock() + (due_ms - now_ms) / 1000, self._begin, entry)

    def _begin(self, entry: _Entry, _: Any) -> None:
        if entry.cancelled:
            return
        now = self.clock()
        wall_ms = self.wall_ms()
        late_ms = max(0.0, (now - self.loop.slot_time(self.loop.slot)) * 1000)
        self.lateness.add(late_ms)
        prepared = entry.prepared
        if prepared is None:
            self._end(entry, Result(Verdict.UNKNOWN, entry.broken, wall_ms))
        elif prepared.kind.passive:
            return
        elif prepared.kind.where is Where.SIDE:
            self._begin_side(entry, prepared, wall_ms, late_ms)
        else:
            self._begin_loop(entry, prepared, now, wall_ms, late_ms)

    def _begin_loop(
        self, entry: _Entry, prepared: Prepared, now: float, wall_ms: int, late_ms: float
    ) -> None:
        attempt = Attempt(self.loop, self._resolver, memory=entry.memory, tracing=False, wall_ms=wall_ms)

        def done(finding: Finding | None, failure: BaseException | None) -> None:
            took = (self.clock() - now) * 1000
            result = result_of(prepared, attempt, finding, failure, duration_ms=took, late_ms=late_ms)
            if result.verdict is Verdict.UNKNOWN and result.message.startswith("探测程序内部错误"):
                log.error("check %s of kind %s", entry.spec.id, prepared.kind.name, exc_info=failure)
            self._end(entry, result)

        run = prepared.kind.loop_run
        assert run is not None
        self.loop.spawn(run(attempt, prepared.plan), now + prepared.spec.timeout_s, done)

    def _begin_side(self, entry: _Entry, prepared: Prepared, wall_ms: int, late_ms: float) -> None:
        from .side import SideThread, look  # asyncio costs 5 MB; only checks of these kinds need it

        if self._side is None:
            self._side = SideThread()
        self._side_running += 1

        def done(result: Result) -> None:
            self.loop.post(lambda: arrived(result))

        def arrived(result: Result) -> None:
            self._side_running -= 1
            self._end(entry, result)

        self._side.submit(
            look(
                prepared,
                clock=self.clock,
                wall_ms=wall_ms,
                memory=entry.memory,
                tools=self._tools,
                late_ms=late_ms,
            ),
            done,
        )

    def _end(self, entry: _Entry, result: Result) -> None:
        """Take a result in: step the state, pass it on, plan the next execution."""
        if entry.cancelled:
            return  # the definition has changed meanwhile: this result is of the old one
        self._made += 1
        tracker = entry.tracker
        changes = tracker.feed(result.at_ms, result.verdict, result.late_ms)
        kind = entry.prepared.kind if entry.prepared is not None else None
        urgent = bool(changes) or tracker.state.is_soft
        self._emit(Report(entry.spec, result, changes, urgent, kind is not None and kind.keeps_metrics))
        self._schedule(entry, self.wall_ms())
