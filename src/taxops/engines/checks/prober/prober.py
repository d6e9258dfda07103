"""The prober (探测器): carries out its assigned checks when they are due and hands every result on.

One thread, one loop. It keeps a small copy of each check's soft state, so that a change is confirmed at the
retry interval without asking the centre.
"""

from __future__ import annotations

import logging
import resource
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from taxops.engines.base import TaxopsError
from taxops.engines.checks.kinds import Finding, Tools, Where, registry
from taxops.engines.checks.model import CheckSpec, Result, Verdict
from taxops.engines.checks.schedule import SLOT_MS, next_due_ms
from taxops.engines.checks.states import Changes, Phase, Policy, Tracker
from taxops.engines.checks.wire import SLOT_S, Attempt, Loop, Resolver

from .judge import Prepared, prepare, result_of
from .latency import take_lateness

if TYPE_CHECKING:
    from .side import SideThread

log = logging.getLogger(__name__)


@dataclass(slots=True)
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
    """One assigned check with its execution under way, of which there is never more than one (受派检查)."""

    __slots__ = (
        "attempt",
        "began",
        "broken",
        "cancelled",
        "due_ms",
        "interval_ms",
        "late_ms",
        "memory",
        "on_grid",
        "prepared",
        "soft",
        "spec",
        "tracker",
    )

    def __init__(self, spec: CheckSpec, tracker: Tracker, memory: dict[str, Any]) -> None:
        self.spec = spec
        self.prepared: Prepared | None = None
        self.broken = ""
        self.tracker = tracker
        self.memory = memory
        self.cancelled = False
        self.interval_ms = max(SLOT_MS, round(spec.interval_s * 1000))
        self.due_ms = 0
        self.on_grid = False
        self.soft = tracker.state.is_soft
        self.attempt: Attempt | None = None
        self.began = 0.0
        self.late_ms = 0.0


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
        self.lateness: deque[float] = deque(maxlen=100_000)
        self._emit = emit
        self._tools = tools or Tools()
        self._resolver = resolver or Resolver(clock)
        self._side: SideThread | None = None
        self._side_running = 0
        self._entries: dict[int, _Entry] = {}
        self._stopping = False
        self._made = 0

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
        late = take_lateness(self.lateness)
        return {
            "checks": float(len(self._entries)),
            "running": float(self.loop.running + self._side_running),
            "made": float(self._made),
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
            if spec.kind in registry and registry.get(spec.kind).passive:
                continue  # the centre judges it by what arrives
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
        due_ms = entry.due_ms + entry.interval_ms
        if entry.soft or not entry.on_grid or not now_ms < due_ms <= now_ms + entry.interval_ms:
            due_ms = next_due_ms(
                entry.spec, entry.tracker.state, now_ms
            )  # else the next one of its own instants
            entry.on_grid = not entry.soft
        entry.due_ms = due_ms
        self.loop.call_at(self.clock() + (due_ms - now_ms) / 1000, self._begin, entry)

    def _begin(self, entry: _Entry, _: Any) -> None:
        if entry.cancelled:
            return
        loop = self.loop
        now = self.clock()
        wall_ms = self.wall_ms()
        late_ms = (now - loop.slot_began) * 1000
        self.lateness.append(late_ms)
        prepared = entry.prepared
        if prepared is None:
            self._end(entry, Result(Verdict.UNKNOWN, entry.broken, wall_ms))
            return
        run = prepared.kind.loop_run
        if run is not None:
            attempt = Attempt(loop, self._resolver, memory=entry.memory, tracing=False, wall_ms=wall_ms)
            entry.attempt, entry.began, entry.late_ms = attempt, now, late_ms
            loop.spawn(run(attempt, prepared.plan), now + prepared.spec.timeout_s, self._ended, entry)
        elif prepared.kind.where is Where.SIDE:
            self._begin_side(entry, prepared, wall_ms, late_ms)

    def _ended(self, entry: _Entry, finding: Finding | None, failure: BaseException | None) -> None:
        prepared, attempt = entry.prepared, entry.attempt
        assert prepared is not None
        assert attempt is not None
        entry.attempt = None
        took = (self.clock() - entry.began) * 1000
        result = result_of(prepared, attempt, finding, failure, duration_ms=took, late_ms=entry.late_ms)
        if result.verdict is Verdict.UNKNOWN and result.message.startswith("探测程序内部错误"):
            log.error("check %s of kind %s", entry.spec.id, prepared.kind.name, exc_info=failure)
        self._end(entry, result)

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
        changes = entry.tracker.feed(result.at_ms, result.verdict, result.late_ms)
        if changes:  # every move of the phase is a change, so nothing else can make it soft or hard
            after = changes[-1].after
            entry.soft = after is Phase.SOFT_BAD or after is Phase.SOFT_GOOD
        prepared = entry.prepared
        keeps_metrics = prepared is not None and prepared.kind.keeps_metrics
        self._emit(Report(entry.spec, result, changes, bool(changes) or entry.soft, keeps_metrics))
        self._schedule(entry, result.at_ms + int(result.duration_ms))
