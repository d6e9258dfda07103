"""The reckoning (测算): outages, what is taken out of each and on whose word, and what remains, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from taxops.engines.base import Interval, intersect, subtract, total_seconds
from taxops.engines.checks import Availability, Window, measure_availability
from taxops.systems.operations.availability.words import ExclusionState, Verdict

from .years import Term


@dataclass(frozen=True, slots=True)
class Known:
    """An outage as monitoring knows it (中断事实); one that lasts has no end."""

    pk: int
    start: datetime
    end: datetime | None
    cause: str = ""

    def interval(self, now: datetime) -> Interval:
        """Return it as an interval, up to now when it lasts."""
        return Interval(self.start, max(self.start, self.end or now))


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch that may be taken out (剔除依据): agreed maintenance or an exclusion.

    Args:
        key: `W` and what it is, or `E` and the exclusion's number; unique within a reckoning.
        interval: time of fact.
        title: what it is.
        reason: why.
        evidence: what proves it.
        asked_by: who asked.
        asked_at: time of entry.
        decided_by: who approved; another person.
        decided_at: when; None while nobody has.
        link: where it is shown.
        state: of an exclusion; agreed maintenance is approved.
        planned: maintenance agreed as such, which a contract may refuse to take out.
    """

    key: str
    interval: Interval
    title: str
    reason: str = ""
    evidence: str = ""
    asked_by: str = ""
    asked_at: datetime | None = None
    decided_by: str = ""
    decided_at: datetime | None = None
    link: str = ""
    state: str = ExclusionState.APPROVED.value
    planned: bool = False

    @property
    def is_late(self) -> bool:
        """Test whether consent came after it had begun (事后批准), which reports must say."""
        return self.decided_at is not None and self.decided_at > self.interval.start


@dataclass(frozen=True, slots=True)
class Lost:
    """One outage in the reckoning (中断行): what it was, what was taken out, what remains."""

    outage: Known
    interval: Interval
    taken_s: float
    pieces: tuple[Interval, ...]
    over: bool
    """Whether a remaining piece is longer than the contract allows for one outage."""

    @property
    def left_s(self) -> float:
        """Seconds that count."""
        return total_seconds(self.pieces)


@dataclass(frozen=True, slots=True)
class Measured:
    """A cut with what it really takes out (剔除行); nothing when no outage lies in it."""

    cut: Cut
    taken: tuple[Interval, ...]

    @property
    def seconds(self) -> float:
        """Seconds taken out."""
        return total_seconds(self.taken)


@dataclass(frozen=True, slots=True)
class Rule:
    """One of the contract's rules with its figure (规则)."""

    code: str
    label: str
    limit_s: float
    value_s: float
    verdict: Verdict
    words: str


@dataclass(frozen=True, slots=True)
class Reckoning:
    """A period of a system, reckoned (可用性测算).

    Args:
        term: terms and contract.
        figures: the engine's result.
        outages: each outage that reaches into the period.
        cuts: what was taken out, by whom and why; also approved ones that took nothing.
        pending: exclusions asked for and not decided, with what they would take out.
        dark: stretches that could not be judged, which count as up.
    """

    term: Term
    figures: Availability
    outages: tuple[Lost, ...]
    cuts: tuple[Measured, ...]
    pending: tuple[Measured, ...]
    dark: tuple[Interval, ...]

    @property
    def excluded_s(self) -> float:
        """Seconds taken out in all."""
        return sum(cut.seconds for cut in self.cuts)


def reckon(
    term: Term,
    period: Interval,
    as_of: datetime,
    outages: Sequence[Known],
    cuts: Sequence[Cut],
    monitored: Iterable[Interval] | None = None,
) -> Reckoning:
    """Return the reckoning of a system over a period, as known at `as_of`.

    Args:
        term: the contract's terms.
        period: a service year, or any shorter time.
        as_of: the present instant; what lasts ends here.
        outages: of the system.
        cuts: agreed maintenance and exclusions in every state; only approved ones take anything out.
        monitored: when the system could be judged; None leaves the coverage out.
    """
    counted = [cut for cut in cuts if cut.decided_at is not None and cut.state == ExclusionState.APPROVED]
    if not term.terms.exclude_planned:
        counted = [cut for cut in counted if not cut.planned]
    windows = {_window(cut): cut for cut in counted}
    known = [outage.interval(as_of) for outage in outages]
    watched = None if monitored is None else list(monitored)
    # What the contract refuses is left out above; the engine's own switch would drop exclusions as well.
    terms = replace(term.terms, exclude_planned=True)
    figures = measure_availability(known, period, as_of, windows=windows, monitored=watched, terms=terms)
    elapsed = Interval(figures.year.start, figures.as_of)
    taken = {windows[found.window].key: found.taken for found in figures.excluded}
    holes = [cut.interval for cut in counted]
    lost = tuple(_lost(outage, elapsed, holes, as_of, term) for outage in outages)
    rest = list(figures.pieces)
    open_requests = [cut for cut in cuts if cut.state == ExclusionState.REQUESTED]
    return Reckoning(
        term,
        figures,
        tuple(one for one in lost if one.interval),
        tuple(Measured(cut, taken.get(cut.key, ())) for cut in counted),
        tuple(Measured(cut, tuple(intersect(rest, [cut.interval]))) for cut in open_requests),
        () if watched is None else tuple(subtract([elapsed], watched)),
    )


def measure_year(
    term: Term, year: Interval, as_of: datetime, outages: Sequence[Known], cuts: Sequence[Cut]
) -> Availability:
    """Return only the figures of a year, without coverage; for lists and trials."""
    return reckon(term, year, as_of, outages, cuts).figures


def _window(cut: Cut) -> Window:
    return Window(cut.interval.start, cut.interval.end, cut.decided_at, cut.key)


def _lost(outage: Known, elapsed: Interval, holes: list[Interval], as_of: datetime, term: Term) -> Lost:
    whole = intersect([outage.interval(as_of)], [elapsed])
    if not whole:
        return Lost(outage, Interval(elapsed.start, elapsed.start), 0.0, (), False)
    pieces = tuple(subtract(whole, holes))
    each_s = term.terms.each.total_seconds()
    return Lost(
        outage,
        whole[0],
        whole[0].seconds - total_seconds(pieces),
        pieces,
        any(piece.seconds > each_s for piece in pieces),
    )
