"""Swaps: three people, and the roster follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope
from taxops.platform.notify.models import Notice
from taxops.systems.operations.roster import queries, services
from taxops.systems.operations.roster.models import DutyOverride, DutySwap
from tests.systems.operations.roster.conftest import NOW, at

if TYPE_CHECKING:
    from tests.systems.operations.roster.conftest import Room


def _asked(room: Room, **more: object) -> DutySwap:
    wanted = {
        "other_id": room.two.pk,
        "starts_at": at(3, 7),
        "ends_at": at(3, 23),
        "reason": "家中有事",
        **more,
    }
    return services.request_swap(room.of(room.one), now=NOW, post_id=room.post.pk, **wanted)  # type: ignore[arg-type]


def _who(room: Room, day: int) -> list[int]:
    return [d.person_id for d in queries.on_duty(room.org.pk, at(day, 10))]


def test_a_swap_with_its_return(room: Room) -> None:
    swap = _asked(room, back_starts_at=at(4, 7), back_ends_at=at(4, 23))
    with pytest.raises(Conflict):
        services.decide_swap(room.manager, swap.pk, now=NOW, agree=True)
    services.answer_swap(room.of(room.two), swap.pk, now=NOW, agree=True)
    assert _who(room, 3) == [room.one.pk]
    services.decide_swap(room.manager, swap.pk, now=NOW, agree=True)
    assert (_who(room, 3), _who(room, 4), _who(room, 5)) == ([room.two.pk], [room.one.pk], [room.one.pk])
    assert DutyOverride.objects.filter(swap=swap).count() == 2
    assert Notice.objects.filter(title__startswith="换班已批准").count() == 2
    with pytest.raises(Conflict):
        services.decide_swap(room.manager, swap.pk, now=NOW, agree=True)


def test_who_may_do_what(room: Room) -> None:
    swap = _asked(room)
    with pytest.raises(NotPermitted):
        services.answer_swap(room.of(room.three), swap.pk, now=NOW, agree=True)
    with pytest.raises(NotPermitted):
        services.withdraw_swap(room.of(room.two), swap.pk, now=NOW)
    with pytest.raises(NotFound):
        services.decide_swap(room.of(room.one), swap.pk, now=NOW, agree=True)
    with pytest.raises(NotFound):
        services.answer_swap(room.neighbour, swap.pk, now=NOW, agree=True)
    with pytest.raises(NotPermitted):
        services.request_swap(
            Scope.system("作业"), now=NOW, post_id=room.post.pk, other_id=room.two.pk,
            starts_at=at(3, 7), ends_at=at(3, 23), reason="x",
        )  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": " "},
        {"starts_at": at(2, 7), "ends_at": at(2, 23)},
        {"ends_at": at(4, 23)},
        {"back_starts_at": at(4, 7)},
        {"back_starts_at": at(5, 7), "back_ends_at": at(5, 23)},
        {"starts_at": at(1, 1), "ends_at": at(1, 9)},
    ],
)
def test_what_cannot_be_swapped(room: Room, wrong: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        _asked(room, **wrong)
    assert not DutySwap.objects.exists()


def test_a_swap_that_does_not_fit_any_more_is_not_approved(room: Room) -> None:
    swap = _asked(room)
    services.answer_swap(room.of(room.two), swap.pk, now=NOW, agree=True)
    services.add_override(
        room.manager, now=NOW, post_id=room.post.pk, change="add", person_id=room.two.pk,
        starts_at=at(3, 8), ends_at=at(3, 9),
    )  # fmt: skip
    with pytest.raises(BadInput):
        services.decide_swap(room.manager, swap.pk, now=NOW, agree=True)
    with pytest.raises(BadInput):
        services.decide_swap(room.manager, swap.pk, now=NOW, agree=False)
    assert (
        services.decide_swap(room.manager, swap.pk, now=NOW, agree=False, note="人手不够").state == "refused"
    )


def test_declined_and_withdrawn_change_nothing(room: Room) -> None:
    first, second = _asked(room), _asked(room)
    services.answer_swap(room.of(room.two), first.pk, now=NOW, agree=False)
    services.withdraw_swap(room.of(room.one), second.pk, now=NOW)
    with pytest.raises(Conflict):
        services.withdraw_swap(room.of(room.one), second.pk, now=NOW)
    assert _who(room, 3) == [room.one.pk]
