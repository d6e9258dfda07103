"""Lists: what breaches next first, only what is in scope, a constant number of queries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from taxops.platform.casework import queries, services
from tests.platform.casework.conftest import Desk


def test_my_work_is_ordered_by_what_breaches_next(desk: Desk) -> None:
    slow = desk.opened(form={"channel": "remote"})
    quick = desk.opened()
    other = desk.opened(form={"channel": "onsite"})
    services.assign(desk.scope(desk.ben), now=desk.now, case_id=other.pk, to=desk.ben.pk)
    assert list(queries.my_work(desk.scope(desk.ann), desk.now)) == [quick, slow]
    assert list(queries.my_work(desk.scope(desk.ben), desk.now)) == [quick, other, slow]
    assert list(queries.my_work(desk.scope(desk.officer), desk.now)) == []
    assert list(queries.my_work(desk.scope(desk.stranger), desk.now)) == []


def test_queues_are_counted_in_two_queries(desk: Desk) -> None:
    for _ in range(3):
        desk.opened()
    scope = desk.scope(desk.ann)
    with CaptureQueriesContext(connection) as seen:
        counts = {c.queue.code: c for c in queries.queue_counts(scope, desk.now + timedelta(hours=1))}
    assert len(seen) == 2
    assert (counts["line1"].n_open, counts["line1"].n_unassigned, counts["line1"].n_over) == (3, 3, 3)
    assert counts["line2"].n_open == 0


@pytest.mark.same_everywhere
def test_one_open_case_per_fingerprint_is_found(desk: Desk) -> None:
    case = desk.opened(fingerprint="system:s1")
    assert queries.open_with("system:s1", ["request"]) == case
    assert queries.open_with("system:s1", ["incident"]) is None
    desk.take(case, "cancel", why="x")
    assert queries.open_with("system:s1", ["request"]) is None
