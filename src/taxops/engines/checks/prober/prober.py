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
from taxops.engines.checks.schedule import next_due_ms
from taxops.engines.checks.states import Changes, Phase, Policy, Tracker
from taxops.engines.checks.wire import SLOT_S, Attempt, Loop, Resolver

from .entry import Entry
from .judge import Prepared, prepare, result_of
from .lane import Lane, Still, fits
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


class Prober:
    """Carries out checks on time (探测器).

    Args:
        clock: monotonic seconds.
        wall_ms: milliseconds since 1970.
        emit: called in the prober's thread with every report; must be quick and not raise.
        still: called in its place for a result that says "all is well, still"; when it answers False, or is
            None, the whole report goes to `emit`.
        tools: database driver and the like, for kinds that need them.
        resolver: of names; the machine's own when None.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        wall_ms: Callable[[], int],
        emit: Callable[[Report], None],
        still: Still | None = None,
        tools: Tools | None = None,
        resolver: Resolver | None = None,
    ) -> None:
        self.clock = clock
        self.wall_ms = wall_ms
        slot_ms = round(SLOT_S * 1000)
        self.loop = Loop(clock, clock() - (wall_ms() % slot_ms) / 1000)
        self.lateness: deque[float] = deque(maxlen=100_000)
        self.still = still
        self._emit = emit
        self._tools = tools or Tools()
        self.resolver = resolver or Resolver(clock)
        self._side: SideThread | None = None
        self._side_running = 0
        self._entries: dict[int, Entry] = {}
        self._stopping = False
        self.made = 0
        self.slot_began = -1.0
        self.slot_ms = 0

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
            "made": float(self.made),
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
                entry = Entry(spec, Tracker(policy, old.tracker.state), old.memory, self.begin)
            else:
                entry = Entry(spec, Tracker(policy), {}, self.begin)
            if old is not None:
                old.cancelled = True
            try:
                entry.prepared = prepare(spec)
            except TaxopsError as error:
                entry.broken = str(error)
            else:
                if fits(entry.prepared):
                    entry.call = Lane.begin, Lane(entry, entry.prepared, self)
            self._entries[spec.id] = entry
            self.schedule(entry, now_ms, self.clock())

    def schedule(self, entry: Entry, now_ms: int, now: float) -> None:
        """Plan the next execution; `now_ms` and `now` are one instant by the two clocks."""
        due_ms = entry.due_ms + entry.interval_ms
        if entry.soft or not entry.on_grid or not now_ms < due_ms <= now_ms + entry.interval_ms:
            due_ms = next_due_ms(
                entry.spec, entry.tracker.state, now_ms
            )  # else the next one of its own instants
            entry.on_grid = not entry.soft
        entry.due_ms = due_ms
        self.loop.call_at(now + (due_ms - now_ms) / 1000, *entry.call)

    def begin(self, entry: Entry, _: Any = None) -> None:
        """Begin an execution in the ordinary way (called by the loop)."""
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
            attempt = self.attempt_for(entry, wall_ms, now, late_ms)
            loop.spawn(run(attempt, prepared.plan), now + prepared.spec.timeout_s, self.ended, entry)
        elif prepared.kind.where is Where.SIDE:
            self._begin_side(entry, prepared, wall_ms, late_ms)

    def attempt_for(self, entry: Entry, wall_ms: int, began: float, late_ms: float) -> Attempt:
        """Return the attempt that stands for an execution begun then (called by the lane)."""
        attempt = Attempt(
            self.loop, self.resolver, memory=entry.memory, tracing=False, wall_ms=wall_ms, began=began
        )
        entry.attempt, entry.began, entry.late_ms = attempt, began, late_ms
        return attempt

    def ended(
        self, entry: Entry, finding: Finding | None, failure: BaseException | None, *, told: bool = False
    ) -> None:
        """Take in what the entry's attempt came to; `told`: its state has been stepped already."""
        prepared, attempt = entry.prepared, entry.attempt
        assert prepared is not None
        assert attempt is not None
        entry.attempt = None
        took = (self.clock() - entry.began) * 1000
        result = result_of(prepared, attempt, finding, failure, duration_ms=took, late_ms=entry.late_ms)
        if result.verdict is Verdict.UNKNOWN and result.message.startswith("探测程序内部错误"):
            log.error("check %s of kind %s", entry.spec.id, prepared.kind.name, exc_info=failure)
        self._end(entry, result, told=told)

    def enter_slot(self) -> None:
        """Read the wall clock for all checks of the loop's present slot (called by the lane)."""
        self.slot_began = self.loop.slot_began
        self.slot_ms = self.wall_ms() - int((self.clock() - self.slot_began) * 1000)

    def _begin_side(self, entry: Entry, prepared: Prepared, wall_ms: int, late_ms: float) -> None:
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

    def _end(self, entry: Entry, result: Result, *, told: bool = False) -> None:
        """Take a result in: step the state, pass it on, plan the next execution."""
        if entry.cancelled:
            return  # the definition has changed meanwhile: this result is of the old one
        self.made += 1
        changes = () if told else entry.tracker.feed(result.at_ms, result.verdict, result.late_ms)
        if changes:  # every move of the phase is a change, so nothing else can make it soft or hard
            after = changes[-1].after
            entry.soft = after is Phase.SOFT_BAD or after is Phase.SOFT_GOOD
        prepared = entry.prepared
        keeps_metrics = prepared is not None and prepared.kind.keeps_metrics
        self._emit(Report(entry.spec, result, changes, bool(changes) or entry.soft, keeps_metrics))
        self.schedule(entry, result.at_ms + int(result.duration_ms), self.clock())
