"""One case as its page needs it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from taxops.engines.base import NotFound
from taxops.platform.casework import queries
from tests.platform.casework.conftest import Desk

pytestmark = pytest.mark.same_everywhere


def test_the_page_is_two_queries_for_history_and_important_periods(desk: Desk) -> None:
    case = desk.take(desk.opened(), "accept")
    scope = desk.scope(desk.ann)
    case = queries.get(scope, case.pk)
    with CaptureQueriesContext(connection) as seen:
        view = queries.view(scope, case, desk.now)
    assert len(seen) == 2
    assert [c.code for c in view.clocks] == ["respond", "substantive", "resolve"]
    assert "resolve" in [s.code for s in view.steps]
    assert ("提出人", "张三") in view.facts


def test_a_number_is_found_within_the_scope_alone(desk: Desk) -> None:
    case = desk.opened()
    assert queries.by_number(desk.scope(desk.ann), case.number.lower()) == case
    with pytest.raises(NotFound):
        queries.by_number(desk.scope(desk.stranger), case.number)
    assert queries.find(desk.scope(desk.stranger), case.pk) is None
