"""Who sees what."""

from __future__ import annotations

import pytest

from taxops.platform.casework import queries
from taxops.platform.casework.registry import current
from tests.platform.casework.conftest import Desk


@pytest.mark.same_everywhere
def test_the_requester_sees_his_own_and_nothing_else(desk: Desk) -> None:
    mine, _other = desk.opened(desk.officer), desk.opened()
    assert list(queries.list_cases(desk.scope(desk.officer))) == [mine]
    assert len(queries.list_cases(desk.scope(desk.ann))) == 2
    assert list(queries.list_cases(desk.scope(desk.stranger))) == []
    assert queries.roles_of(desk.scope(desk.ann), current("request"), desk.org.path) >= {"cases.handle"}
    assert queries.roles_of(desk.scope(desk.ann), current("request"), desk.other.path) == frozenset()
