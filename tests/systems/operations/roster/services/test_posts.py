"""Posts and patterns: bad values store nothing, the past stays."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from taxops.engines.base import BadInput, Conflict, NotFound
from taxops.systems.operations.roster import services
from taxops.systems.operations.roster.models import DutyPattern, DutyPost
from tests.systems.operations.roster.conftest import NOW

if TYPE_CHECKING:
    from tests.systems.operations.roster.conftest import Room


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "1 线"},
        {"name": " "},
        {"hours": "zz"},
        {"people": 0},
        {"latitude": 43.0},
        {"latitude": 91.0, "longitude": 0.0},
    ],
)
def test_bad_posts_store_nothing(room: Room, wrong: dict[str, Any]) -> None:
    good = {"code": "line2", "name": "二线", "org_id": room.org.pk, "hours": "always"}
    with pytest.raises(BadInput):
        services.save_post(room.manager, now=NOW, **{**good, **wrong})
    assert DutyPost.objects.count() == 1


def test_a_code_is_taken_once_and_strangers_make_no_posts(room: Room) -> None:
    with pytest.raises(Conflict):
        services.save_post(room.manager, now=NOW, code="LINE1", name="又", org_id=room.org.pk, hours="always")
    with pytest.raises(NotFound):
        services.save_post(room.neighbour, now=NOW, code="x1", name="x", org_id=room.org.pk, hours="always")
    for who in (room.neighbour, room.of(room.one)):
        with pytest.raises(NotFound):
            services.archive_post(who, room.post.pk, now=NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        {"groups": []},
        {"groups": [[]]},
        {"groups": [[987_654]]},
        {"windows": "早班"},
        {"turn_days": 0},
        {"days": "zz"},
        {"last_on": date(2026, 1, 1)},
    ],
)
def test_bad_patterns_store_nothing(room: Room, wrong: dict[str, Any]) -> None:
    good = {"name": "夜班", "groups": [[room.one.pk]], "first_on": date(2026, 7, 1), "windows": "22:00-07:30"}
    with pytest.raises(BadInput):
        services.save_pattern(room.manager, now=NOW, post_id=room.post.pk, **{**good, **wrong})
    assert DutyPattern.objects.count() == 1


def test_a_pattern_that_runs_is_ended_and_not_rewritten(room: Room) -> None:
    pattern = DutyPattern.objects.get()
    with pytest.raises(Conflict):
        services.save_pattern(
            room.manager, now=NOW, post_id=room.post.pk, pk=pattern.pk, name="改", groups=[[room.two.pk]],
            first_on=date(2026, 6, 1), windows="07:30-12:00",
        )  # fmt: skip
    with pytest.raises(BadInput):
        services.end_pattern(room.manager, pattern.pk, now=NOW, last_on=date(2026, 5, 1))
    services.end_pattern(room.manager, pattern.pk, now=NOW, last_on=date(2026, 6, 5))
    assert DutyPattern.objects.get().last_on == date(2026, 6, 5)
    with pytest.raises(NotFound):
        services.end_pattern(room.neighbour, pattern.pk, now=NOW, last_on=date(2026, 6, 5))
