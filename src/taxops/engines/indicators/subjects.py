"""Subjects (评价对象) of numbers and the columns that carry them in each table."""

from __future__ import annotations

from taxops.engines.warehouse import Table

from .definition import Subject

COLUMNS: dict[Subject, tuple[tuple[str, ...], ...]] = {
    Subject.ORG: (("org_id",),),
    Subject.TAXPAYER: (("tp_id",), ("seller_id",), ("buyer_id",)),
    Subject.PAIR: (("seller_id", "buyer_id"),),
    Subject.PERSON: (("person_id",),),
    Subject.ADDRESS: (("addr_id",),),
}
"""Subject → the columns that may carry it, in order of preference."""


def columns_of(subject: Subject, table: Table) -> tuple[str, ...]:
    """Return the columns that carry the subject in a table; empty when the table knows none."""
    return next((c for c in COLUMNS[subject] if all(name in table.columns for name in c)), ())
