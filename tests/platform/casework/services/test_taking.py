"""Steps: exactly one wins, a key counts once, roles are read again, strangers see nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from taxops.engines.base import Conflict, NotFound, NotPermitted
from taxops.platform.casework import history, services
from taxops.platform.casework.models import CaseEvent
from taxops.platform.identity.models import RoleAssignment
from tests.platform.casework.conftest import Desk


def test_a_step_is_taken_and_told(desk: Desk) -> None:
    case = desk.opened(desk.officer)
    case = desk.take(case, "accept")
    assert (case.state, case.version) == ("working", 2)
    assert case.due_label == "实质响应时限"
    assert history.verify(case) is None


def test_a_stranger_finds_nothing(desk: Desk) -> None:
    case = desk.opened()
    with pytest.raises(NotFound):
        desk.take(case, "accept", desk.stranger)


def test_the_requester_sees_but_does_not_handle(desk: Desk) -> None:
    case = desk.opened(desk.officer)
    with pytest.raises(NotPermitted):
        desk.take(case, "accept", desk.officer)
    assert desk.take(case, "cancel", desk.officer, why="自己解决了").state == "cancelled"


def test_an_old_version_is_a_conflict_and_a_key_counts_once(desk: Desk) -> None:
    case = desk.opened()
    desk.take(case, "accept", version=1, key="press-1")
    assert desk.take(case, "accept", version=1, key="press-1").version == 2
    with pytest.raises(Conflict):
        desk.take(case, "relevel", version=1, level="high", why="急")
    with pytest.raises(Conflict):
        desk.take(case, "relevel", version=1, key="press-2", level="high", why="急")
    assert CaseEvent.objects.filter(case=case).count() == 2


def test_a_role_that_has_just_ended_does_not_approve(desk: Desk) -> None:
    case = desk.take(desk.opened(form={"kind": "extract"}), "accept")
    case = desk.take(case, "define", extract_scope="六月开票户数", masked=True)
    stale = desk.scope(desk.boss)
    RoleAssignment.objects.filter(person=desk.boss).update(valid_to=desk.now)
    with pytest.raises(NotPermitted, match="到期"):
        services.take(stale, now=desk.now + timedelta(seconds=1), case_id=case.pk, step="permit", data={})


def test_an_extract_needs_its_permission_and_another_pair_of_hands(desk: Desk) -> None:
    case = desk.take(desk.opened(form={"kind": "extract"}), "accept")
    case = desk.take(case, "define", extract_scope="六月开票户数", masked=True)
    with pytest.raises(Conflict):
        desk.take(case, "deliver", answer="见附件")
    desk.take(case, "permit", desk.boss)
    assert desk.take(case, "deliver", answer="见附件").state == "resolved"


def test_the_second_line_gets_the_case(desk: Desk) -> None:
    case = desk.take(desk.opened(), "accept")
    case = desk.take(case, "hand_over", why="需要看数据库")
    case.refresh_from_db()
    assert (case.queue, case.assignee_id, case.version) == ("line2", None, 4)
    assert {c.code for c in case.clocks.all()} >= {"resolve", "line2"}
