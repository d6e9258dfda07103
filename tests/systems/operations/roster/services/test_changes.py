"""Dated changes, special periods, imports."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from taxops.engines.base import BadInput, Conflict, NotFound
from taxops.systems.operations.roster import queries, services
from taxops.systems.operations.roster.models import DutyOverride, DutyPeriod
from taxops.systems.operations.roster.services.changes import ImportedSpan
from tests.systems.operations.roster.conftest import NOW, at

if TYPE_CHECKING:
    from tests.systems.operations.roster.conftest import Room


def _who(room: Room, day: int, hour: int) -> list[int]:
    return [d.person_id for d in queries.on_duty(room.org.pk, at(day, hour))]


def test_a_change_holds_until_it_is_cancelled(room: Room) -> None:
    made = services.add_override(
        room.manager, now=NOW, post_id=room.post.pk, change="replace", person_id=room.one.pk,
        other_id=room.three.pk, starts_at=at(3, 0), ends_at=at(4, 0), reason="请假",
    )  # fmt: skip
    assert _who(room, 3, 10) == [room.three.pk]
    services.cancel_override(room.manager, made.pk, now=NOW)
    assert _who(room, 3, 10) == [room.one.pk]
    with pytest.raises(Conflict):
        services.cancel_override(room.manager, made.pk, now=NOW)
    with pytest.raises(NotFound):
        services.cancel_override(room.neighbour, made.pk, now=NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        {"change": "zz"},
        {"ends_at": at(1, 0)},
        {"ends_at": at(30, 0).replace(year=2027)},
        {"change": "replace"},
        {"person_id": 987_654},
        {"starts_at": at(2, 0).replace(year=1900)},
    ],
)
def test_bad_changes_store_nothing(room: Room, wrong: dict[str, Any]) -> None:
    good = {"change": "add", "person_id": room.one.pk, "starts_at": at(2, 0), "ends_at": at(3, 0)}
    with pytest.raises(BadInput):
        services.add_override(room.manager, now=NOW, post_id=room.post.pk, **{**good, **wrong})
    assert not DutyOverride.objects.exists()


def test_an_import_is_all_or_nothing_and_repeats_harmlessly(room: Room) -> None:
    rows = [ImportedSpan(n, "line1", "n2", at(n, 0), at(n, 7)) for n in (2, 3)]
    assert services.import_spans(room.manager, now=NOW, spans=rows) == 2
    assert services.import_spans(room.manager, now=NOW, spans=rows) == 0
    assert _who(room, 2, 3) == [room.three.pk]
    bad = [
        ImportedSpan(2, "line1", "n2", at(5, 0), at(5, 7)),
        ImportedSpan(3, "line9", "nobody", at(5, 7), at(5, 0)),
        ImportedSpan(4, "line1", "n2", at(5, 0), at(5, 7)),
    ]
    with pytest.raises(BadInput) as refused:
        services.import_spans(room.manager, now=NOW, spans=bad)
    assert [(p.row, p.column) for p in refused.value.problems] == [
        (3, "岗位代码"),
        (3, "用户名"),
        (3, "结束"),
        (4, "开始"),
    ]
    assert DutyOverride.objects.count() == 2
    with pytest.raises(BadInput):
        services.import_spans(room.neighbour, now=NOW, spans=rows)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"kind": "zz"},
        {"hours": "zz"},
        {"last_on": date(2026, 6, 1)},
        {"last_on": date(2027, 6, 1)},
        {"people": 0},
    ],
)
def test_bad_periods_store_nothing(room: Room, wrong: dict[str, Any]) -> None:
    good: dict[str, Any] = {
        "name": "保障",
        "kind": "levy",
        "first_on": date(2026, 6, 9),
        "last_on": date(2026, 6, 15),
        "hours": "always",
    }
    with pytest.raises(BadInput):
        services.add_period(room.manager, now=NOW, org_id=room.org.pk, **{**good, **wrong})
    assert not DutyPeriod.objects.exists()
    made = services.add_period(room.manager, now=NOW, org_id=room.org.pk, **good)
    services.cancel_period(room.manager, made.pk, now=NOW)
    with pytest.raises(Conflict):
        services.cancel_period(room.manager, made.pk, now=NOW)
