"""Signing in: once per key, with its place, never for the future."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from taxops.engines.base import BadInput, NotFound, NotPermitted, Scope
from taxops.systems.operations.roster import services
from taxops.systems.operations.roster.models import SignIn
from tests.systems.operations.roster.conftest import NOW

if TYPE_CHECKING:
    from tests.systems.operations.roster.conftest import Room

KEY = "0123456789abcdef"


def _sign(room: Room, who: Any = None, **more: Any) -> SignIn:
    wanted = {"now": NOW, "post_id": room.post.pk, "kind": "in", "key": KEY, **more}
    return services.sign(who or room.of(room.one), **wanted)


def test_the_same_key_counts_once(room: Room) -> None:
    first = _sign(room, at=NOW - timedelta(minutes=20), latitude=43.89, longitude=125.32)
    again = _sign(room, now=NOW + timedelta(hours=1), at=NOW - timedelta(minutes=20))
    assert (first.pk, first.distance_m, first.entered_at - first.at) == (
        again.pk,
        1112,
        timedelta(minutes=20),
    )
    assert SignIn.objects.count() == 1
    with pytest.raises(NotPermitted):
        _sign(room, room.of(room.two))


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "short"},
        {"kind": "zz"},
        {"at": NOW + timedelta(minutes=6)},
        {"at": NOW - timedelta(days=4)},
        {"latitude": 43.0},
        {"latitude": 99.0, "longitude": 0.0},
    ],
)
def test_bad_ones_store_nothing(room: Room, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        _sign(room, **wrong)
    assert not SignIn.objects.exists()


def test_strangers_and_the_platform_do_not_sign(room: Room) -> None:
    with pytest.raises(NotFound):
        _sign(room, room.neighbour)
    with pytest.raises(NotPermitted):
        _sign(room, Scope.system("作业"))
