"""Where the stream stands, and which logins have ended."""

from __future__ import annotations

from datetime import datetime

import pytest

from taxops.platform.identity.models import PersonSession
from taxops.platform.live import queries, services
from tests.platform.province import Province


@pytest.mark.django_db(transaction=True)
def test_the_position_moves_with_what_is_told() -> None:
    before = int(queries.position())
    services.publish("t", {})
    assert int(queries.position()) > before


@pytest.mark.django_db
def test_logins_that_ended_or_never_were_or_whose_person_left_are_named(
    province: Province, now: datetime
) -> None:
    def login(key: str, person: object, ended: datetime | None = None) -> None:
        PersonSession.objects.create(key=key, person=person, started_at=now, seen_at=now, ended_at=ended)

    login("open", province.clerk)
    login("over", province.clerk, now)
    login("left", province.neighbour)
    province.neighbour.is_active = False
    province.neighbour.save()
    assert queries.ended_sessions(["open", "over", "left", "never"]) == {"over", "left", "never"}
