"""Assigning: to whom it may go, with a reason when it changes hands."""

from __future__ import annotations

import pytest

from taxops.engines.base import BadInput, Conflict, NotPermitted
from taxops.platform.casework import services
from taxops.platform.casework.models import Case
from taxops.platform.identity.models import Person
from taxops.platform.notify.models import Notice
from tests.platform.casework.conftest import Desk


def give(desk: Desk, case: Case, who: Person, to: Person | None, **more: object) -> Case:
    return services.assign(
        desk.scope(who),
        now=desk.now,
        case_id=case.pk,
        to=to.pk if to else None,
        **more,  # type: ignore[arg-type]
    )


def test_picking_up_needs_no_reason_and_handing_on_does(desk: Desk) -> None:
    case = give(desk, desk.opened(), desk.ann, desk.ann)
    assert case.assignee_id == desk.ann.pk
    with pytest.raises(BadInput):
        give(desk, case, desk.ann, desk.ben)
    case = give(desk, case, desk.ann, desk.ben, queue="line2", reason="要看数据库")
    assert (case.assignee_id, case.queue) == (desk.ben.pk, "line2")
    assert Notice.objects.filter(person=desk.ben, title__contains="分派给您").count() == 1


def test_who_may_not(desk: Desk) -> None:
    case = desk.opened()
    with pytest.raises(NotPermitted):
        give(desk, case, desk.boss, desk.ann, reason="x")
    with pytest.raises(NotPermitted):
        give(desk, case, desk.ann, desk.stranger, reason="x")
    with pytest.raises(NotPermitted):
        give(desk, case, desk.ann, desk.ann, queue="line2", reason="x")
    with pytest.raises(BadInput):
        give(desk, case, desk.ann, desk.ann, queue="nowhere", reason="x")


def test_two_who_pick_up_at_once(desk: Desk) -> None:
    case = desk.opened()
    give(desk, case, desk.ann, desk.ann, version=1)
    with pytest.raises(Conflict):
        give(desk, case, desk.ben, desk.ben, version=1)


def test_a_closed_case_stays_where_it_is(desk: Desk) -> None:
    case = desk.take(desk.opened(), "cancel", why="x")
    with pytest.raises(Conflict):
        give(desk, case, desk.ann, desk.ann)
