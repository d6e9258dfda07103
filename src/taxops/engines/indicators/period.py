"""Statistical periods (统计期): months, quarters and years by their Chinese calendar days."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from taxops.engines.base import BadInput, Choices

_TEXT = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{2})|Q(?P<quarter>[1-4]))?")


class Grain(Choices):
    """How long a period is (周期)."""

    MONTH = "month", "月"
    QUARTER = "quarter", "季"
    YEAR = "year", "年"


MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}


class Mode(Choices):
    """Which months count (口径)."""

    CURRENT = "current", "当期"
    YTD = "ytd", "本年累计"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A run of whole months (统计期).

    Args:
        first: the first day of the first month.
        months: how many months.
    """

    first: date
    months: int = 1

    @classmethod
    def parse(cls, text: str) -> Period:
        """Return the period of `2025-06`, `2025Q2` or `2025`.

        >>> Period.parse("2025Q2").last
        datetime.date(2025, 6, 30)

        Raises:
            BadInput: the text is none of these.
        """
        found = _TEXT.fullmatch(text.strip())
        if found is None or not 1 <= int(found["month"] or 1) <= 12 or not 1900 <= int(found["year"]) <= 2999:
            raise BadInput(
                f"「{text}」不是统计期。", "月写 2025-06，季写 2025Q2，年写 2025。", field="period"
            )
        year = int(found["year"])
        if found["month"]:
            return cls(date(year, int(found["month"]), 1))
        if found["quarter"]:
            return cls(date(year, int(found["quarter"]) * 3 - 2, 1), 3)
        return cls(date(year, 1, 1), 12)

    @property
    def next(self) -> date:
        """Return the first day after the period."""
        return add_months(self.first, self.months)

    @property
    def last(self) -> date:
        """Return the last day of the period."""
        return self.next - timedelta(days=1)

    @property
    def grain(self) -> Grain | None:
        """Return month, quarter or year; None for any other run of months."""
        return next((g for g, n in MONTHS.items() if n == self.months), None)

    def __str__(self) -> str:
        if self.months == 1:
            return f"{self.first:%Y-%m}"
        if self.months == 3 and self.first.month % 3 == 1:
            return f"{self.first.year}Q{(self.first.month + 2) // 3}"
        if self.months == 12 and self.first.month == 1:
            return str(self.first.year)
        return f"{self.first:%Y-%m}..{self.last:%Y-%m}"

    def each_month(self) -> list[Period]:
        """Return its months."""
        return [Period(add_months(self.first, n)) for n in range(self.months)]

    def back(self, n: int) -> Period:
        """Return the period of the same length `n` lengths earlier (negative: later)."""
        return Period(add_months(self.first, -n * self.months), self.months)

    def earlier(self, months: int) -> Period:
        """Return the period of the same length `months` months earlier."""
        return Period(add_months(self.first, -months), self.months)

    def window(self, months: int) -> Period:
        """Return the run of `months` months that ends with this period."""
        return Period(add_months(self.next, -months), months)

    def to_date(self) -> Period:
        """Return the run from January of its (last) year to its end: 本年累计."""
        return Period(date(self.last.year, 1, 1), self.last.month)


def add_months(day: date, months: int) -> date:
    """Return the first-of-month `day` moved by `months`."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)
