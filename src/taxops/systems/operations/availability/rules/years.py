"""Which service year (服务年度) is meant, and under which terms: counted from the day the contract was signed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from taxops.engines.base import CHINA, BadInput, Interval
from taxops.engines.checks import Terms, service_year


@dataclass(frozen=True, slots=True)
class Term:
    """The terms under which a system is measured (测算约定).

    Args:
        signed_on: the day from which years count.
        terms: the limits.
        name: of the contract; empty when none is on record and the calendar year and default limits stand in.
        number: of the contract.
        source: clause.
        agreement_id: the row, None without one.
    """

    signed_on: date
    terms: Terms = field(default_factory=Terms)
    name: str = ""
    number: str = ""
    source: str = ""
    agreement_id: int | None = None

    @property
    def is_agreed(self) -> bool:
        """Test whether a contract stands behind it."""
        return self.agreement_id is not None


@dataclass(frozen=True, slots=True)
class Offer:
    """An agreement as choosing needs it (可选约定)."""

    term: Term
    org_path: str
    systems: frozenset[int]


def term_of(system_id: int, org_path: str, offers: Iterable[Offer], on: date) -> Term:
    """Return the terms that hold for a system on a day (适用约定).

    An agreement that names the system wins over one for its organisation, a nearer organisation over one
    above, a later contract over an earlier; one that is not signed yet counts only if there is no other.
    Without any, the calendar year of that day and the tender's limits stand in.
    """
    fitting = [
        offer
        for offer in offers
        if (system_id in offer.systems) or (not offer.systems and org_path.startswith(offer.org_path))
    ]
    best = max(
        fitting,
        key=lambda o: (o.term.signed_on <= on, bool(o.systems), len(o.org_path), o.term.signed_on),
        default=None,
    )
    return best.term if best is not None else Term(date(on.year, 1, 1))


def year_of(term: Term, at: datetime) -> Interval:
    """Return the service year in which an instant lies; the first when it lies before all."""
    day = at.astimezone(CHINA).date()
    number = max(1, day.year - term.signed_on.year + 1)
    year = service_year(term.signed_on, number)
    return service_year(term.signed_on, number - 1) if at < year.start and number > 1 else year


def year_named(term: Term, year: int) -> Interval:
    """Return the service year that begins in a calendar year (服务年度).

    Raises:
        BadInput: the contract had not been signed then, or the year lies far off.
    """
    first = term.signed_on.year
    if not first <= year <= first + 50:
        raise BadInput(
            f"没有始于 {year} 年的服务年度：合同自 {term.signed_on.isoformat()} 起算。",
            f"请给出 {first} 或以后的年份。",
            field="year",
        )
    return service_year(term.signed_on, year - first + 1)


def days_of(interval: Interval) -> tuple[date, date]:
    """Return the first and the last local day of a year, as people name it."""
    last = interval.end - timedelta(microseconds=1)
    return interval.start.astimezone(CHINA).date(), last.astimezone(CHINA).date()
