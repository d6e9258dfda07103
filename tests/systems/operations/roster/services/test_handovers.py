"""Hand-overs: by who leaves, to who comes, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted
from taxops.systems.operations.roster import queries, services
from taxops.systems.operations.roster.models import Handover
from tests.systems.operations.roster.conftest import NOW, at

if TYPE_CHECKING:
    from tests.systems.operations.roster.conftest import Room

CHANGE = at(2, 7, 30)


def test_written_and_accepted(room: Room) -> None:
    with pytest.raises(Conflict):
        services.write_handover(room.of(room.one), now=NOW, post_id=room.post.pk, at=CHANGE, open_items="无")
    evening = at(1, 21)
    for person in (room.two, room.three):
        with pytest.raises(NotPermitted):
            services.write_handover(
                room.of(person), now=evening, post_id=room.post.pk, at=CHANGE, open_items="无"
            )
    for wrong in ({"open_items": " "}, {"at": at(2, 8)}):
        with pytest.raises(BadInput):
            services.write_handover(
                room.of(room.one),
                now=evening,
                post_id=room.post.pk,
                **{"at": CHANGE, "open_items": "无", **wrong},  # type: ignore[arg-type]
            )
    note = services.write_handover(
        room.of(room.one), now=evening, post_id=room.post.pk, at=CHANGE, open_items="事项 12 待客户回复"
    )
    with pytest.raises(Conflict):
        services.write_handover(
            room.of(room.one), now=evening, post_id=room.post.pk, at=CHANGE, open_items="又"
        )
    with pytest.raises(NotPermitted):
        services.accept_handover(room.of(room.one), note.pk, now=evening)
    with pytest.raises(NotFound):
        services.accept_handover(room.neighbour, note.pk, now=evening)
    services.accept_handover(room.of(room.two), note.pk, now=CHANGE, remark="已知晓")
    with pytest.raises(Conflict):
        services.accept_handover(room.of(room.two), note.pk, now=CHANGE)
    (row,) = queries.handovers_between([room.post], at(2, 0), at(2, 23), CHANGE)
    assert (str(row.state), row.note) == ("accepted", Handover.objects.get())
