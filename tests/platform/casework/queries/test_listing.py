"""Lists: what breaches next first, only what is in scope, a constant number of queries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Value
from django.db.models.functions import Lower
from django.test.utils import CaptureQueriesContext

from taxops.platform.casework import queries, services
from taxops.platform.casework.models import Case
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


def test_what_is_sought_is_the_number_the_title_and_the_requester(desk: Desk) -> None:
    """The database keeps the text itself: it is that of the columns, whoever wrote them and however."""
    case = desk.opened(form={"title": "VPN 连不上", "requester": "李四"})
    Case.objects.filter(pk=case.pk).update(title="vpn 又断了")
    case.title = "专线 VPN 断"
    case.save()
    for word, found in (("vpn", True), ("VPN", True), ("李四", True), (case.number.lower(), True), ("连不上", False),
                        ("断\n李", True), ("100%", False), ("_", False)):  # fmt: skip
        hits = Case.objects.filter(sought__contains=Lower(Value(word)))
        assert hits.exists() is found, word
    row = Case.objects.values_list("number", "title", "requester", "sought").get(pk=case.pk)
    assert row[3] == "\n".join(row[:3]).lower()
