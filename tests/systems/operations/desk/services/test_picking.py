"""Several cases are taken at once; what somebody else has, or may not be worked on, stays."""

from __future__ import annotations

import pytest

from taxops.platform.casework.models import Case
from taxops.platform.casework.services import assign
from taxops.systems.operations.desk import services
from tests.platform.casework.conftest import Desk

pytestmark = pytest.mark.same_everywhere


def test_what_waits_is_taken_and_the_rest_is_named(desk: Desk) -> None:
    mine, gone, bens = (desk.opened() for _ in range(3))
    assign(desk.scope(desk.ben), now=desk.now, case_id=bens.pk, to=desk.ben.pk)
    desk.take(gone, "cancel", why="重复")
    ids = [mine.pk, gone.pk, bens.pk, 999]
    assert services.pick_up(desk.scope(desk.ann), now=desk.now, case_ids=ids) == (
        1,
        [gone.number, bens.number],
    )
    assert Case.objects.get(pk=mine.pk).assignee_id == desk.ann.pk
    assert Case.objects.get(pk=bens.pk).assignee_id == desk.ben.pk


def test_a_stranger_takes_nothing_and_learns_no_number(desk: Desk) -> None:
    case = desk.opened()
    assert services.pick_up(desk.scope(desk.stranger), now=desk.now, case_ids=[case.pk]) == (0, [])
    assert Case.objects.get(pk=case.pk).assignee_id is None
