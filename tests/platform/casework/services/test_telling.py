"""Who is told of what: never the one who did it."""

from __future__ import annotations

from taxops.platform.casework import services
from taxops.platform.notify.models import Notice
from tests.platform.casework.conftest import Desk


def test_watchers_hear_of_steps_but_not_of_their_own(desk: Desk) -> None:
    case = desk.opened(desk.officer)
    services.watch(desk.scope(desk.ann), now=desk.now, case_id=case.pk)
    Notice.objects.all().delete()
    desk.take(case, "accept", desk.ann)
    assert {n.person_id for n in Notice.objects.all()} == {desk.officer.pk}
