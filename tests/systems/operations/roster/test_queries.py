"""Reads of the roster: who is on duty, coverage, hand-overs, attendance, all from the stored patterns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from taxops.engines.base import NotFound
from taxops.systems.operations import duty
from taxops.systems.operations.roster import queries, services

from .conftest import NOW, at

if TYPE_CHECKING:
    from .conftest import Room


def test_who_is_on_duty_answers_for_the_units_below(room: Room) -> None:
    county = type(room.org).objects.get(code="145011")
    for org in (room.org, county):
        assert duty.on_duty(org.pk, at(1, 10)) == [duty.OnDuty(room.one.pk, "line1", at(1, 12))]
    assert duty.on_duty(county.pk, at(2, 15), "line1")[0].person_id == room.two.pk
    assert duty.on_duty(room.org.pk, at(1, 13)) == []
    assert duty.on_duty(room.org.pk, at(1, 10), "line2") == []
    assert duty.on_duty(type(room.org).objects.get(code="145020").pk, at(1, 10)) == []
    assert duty.on_duty(987_654, at(1, 10)) == []


def test_the_number_of_queries_is_fixed(
    room: Room, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    with django_assert_max_num_queries(4):  # type: ignore[attr-defined]  # a context manager
        duty.on_duty(room.org.pk, at(1, 10))


def test_a_month_is_covered_until_somebody_falls_ill(room: Room) -> None:
    start, end = queries.midnight(date(2026, 6, 1)), queries.midnight(date(2026, 7, 1))
    ((_, found),) = queries.coverage_of([room.post], start, end)
    assert (found.required_s, found.share, found.gaps) == (30 * 12 * 3600, 1.0, [])
    services.add_override(
        room.manager, now=NOW, post_id=room.post.pk, change="remove", person_id=room.two.pk,
        starts_at=at(2, 20), ends_at=at(4, 8),
    )  # fmt: skip
    ((_, found),) = queries.coverage_of([room.post], start, end)
    assert [(queries.instant(g.start), queries.instant(g.end)) for g in found.gaps] == [
        (at(2, 20), at(2, 22)),
        (at(4, 7, 30), at(4, 8)),
    ]
    services.add_period(
        room.manager, now=NOW, org_id=room.org.pk, name="保障", kind="important",
        first_on=date(2026, 6, 10), last_on=date(2026, 6, 10), hours="always",
    )  # fmt: skip
    ((_, found),) = queries.coverage_of([room.post], start, end)
    assert [g.seconds for g in found.gaps if g.period == "保障"] == [27000, 9000, 7200]


def test_an_archived_post_is_asked_no_more(room: Room) -> None:
    services.archive_post(room.manager, room.post.pk, now=NOW)
    assert list(queries.list_posts(room.manager)) == []
    assert duty.on_duty(room.org.pk, at(1, 10)) == []


def test_hand_overs_are_found_where_one_follows_another(room: Room) -> None:
    rows = queries.handovers_between([room.post], at(1, 0), at(4, 0), at(2, 9))
    assert [(r.at, r.leaving, r.coming, str(r.state)) for r in rows] == [
        (at(3, 7, 30), "乙", "甲", "due"),
        (at(2, 7, 30), "甲", "乙", "missed"),
    ]


def test_strangers_see_nothing(room: Room) -> None:
    assert not queries.list_posts(room.neighbour).exists()
    with pytest.raises(NotFound):
        queries.get_post(room.neighbour, room.post.pk)
    assert queries.on_duty_now(room.neighbour, at(1, 10)) == []
    assert [(p.code, who.pk) for p, who, _ in queries.on_duty_now(room.manager, at(1, 10))] == [
        ("line1", room.one.pk)
    ]


def test_attendance_reads_sign_ins(room: Room) -> None:
    services.sign(room.of(room.one), now=at(1, 7, 50), post_id=room.post.pk, kind="in", key="k" * 16)
    rows = queries.attendance_of([room.post], at(1, 0), at(2, 0), at(1, 23))
    assert [(name, str(a.presence), a.late_s) for _, name, a in rows] == [
        ("甲", "late", 1200),
        ("甲", "on_time", 0),
    ]


def test_people_behind_a_post_are_counted(room: Room) -> None:
    assert queries.headcounts([room.post], NOW + timedelta(days=1)) == {
        room.post.pk: {room.one.pk, room.two.pk}
    }
