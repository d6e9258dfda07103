"""How large storage becomes (容量预测): from rows and bytes now, rows a day and how long they are kept."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stored:
    """One table as it stands (存储占用).

    Args:
        table: its name in the database.
        title: what it holds.
        rows: how many there are.
        size: bytes with indexes.
        rows_a_day: how many come a day at the present rate.
        days: how long they are kept; None: for good.
        usual: bytes a row when there are too few to tell.
    """

    table: str
    title: str
    rows: int
    size: int
    rows_a_day: float
    days: int | None
    usual: int

    @property
    def bytes_a_row(self) -> float:
        """Bytes a row, measured when there are enough rows to measure by."""
        return self.size / self.rows if self.rows >= 5_000 else float(self.usual)

    @property
    def bytes_a_day(self) -> float:
        """Bytes that come a day."""
        return self.rows_a_day * self.bytes_a_row

    def at_the_end(self, horizon_days: int = 3653) -> float:
        """Return the bytes when as much goes as comes (到期规模); what is kept for good after `horizon_days`.

        >>> Stored("t", "", 10_000, 400_000, 1_000, 7, 40).at_the_end()
        280000.0
        """
        return self.bytes_a_day * (horizon_days if self.days is None else self.days)


def total(rows: list[Stored]) -> tuple[int, float, float]:
    """Return bytes now, bytes a day, and bytes at the end of the retention, of all tables."""
    return (
        sum(row.size for row in rows),
        sum(row.bytes_a_day for row in rows),
        sum(row.at_the_end() for row in rows),
    )
