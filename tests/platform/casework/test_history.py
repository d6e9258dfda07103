"""A case's history is written once: the database refuses what would change it, whoever asks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from taxops.platform.casework import history
from taxops.platform.casework.models import CaseEvent
from tests.platform.casework.conftest import Desk


def _sql(statement: str) -> Callable[[], object]:
    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    return run


FORBIDDEN = {
    "an update by the models": lambda: CaseEvent.objects.filter(seq=1).update(actor_name="别人"),
    "an update of one column": _sql("UPDATE casework_caseevent SET at = entered_at"),
    "a deletion by the models": lambda: CaseEvent.objects.filter(seq=2)._raw_delete("default"),
    "a deletion": _sql("DELETE FROM casework_caseevent"),
}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_the_database_refuses(desk: Desk, name: str) -> None:
    case = desk.take(desk.opened(), "accept")
    before = list(CaseEvent.objects.order_by("id").values())
    with pytest.raises(DatabaseError, match="case history"), transaction.atomic():
        FORBIDDEN[name]()
    assert list(CaseEvent.objects.order_by("id").values()) == before
    assert history.verify(case) is None
    desk.take(case, "respond", why="已着手")  # adding goes on


def test_the_database_refuses_what_only_it_can_do(desk: Desk) -> None:
    desk.opened()
    columns = "case_id, seq, kind, at, entered_at, actor_id, actor_name, data, key, prev_hash, hash"
    statement = (
        "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE casework_caseevent"
        if connection.vendor == "postgresql"
        else f"INSERT OR REPLACE INTO casework_caseevent (id, {columns}) SELECT id, {columns} FROM casework_caseevent"
    )
    with pytest.raises(DatabaseError, match="case history"), transaction.atomic():
        _sql(statement)()
    assert CaseEvent.objects.count() == 1


def test_a_number_taken_twice_is_an_integrity_error(desk: Desk) -> None:
    row = CaseEvent.objects.get(case=desk.opened())
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)
