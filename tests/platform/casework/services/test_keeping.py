"""What is derived when a case is kept."""

from __future__ import annotations

from datetime import timedelta

from taxops.platform.casework import queries
from tests.platform.casework.conftest import Desk


def test_colours_come_from_cached_instants(desk: Desk) -> None:
    case = desk.opened()
    assert queries.tone_at(case, desk.now) == "fine"
    assert queries.tone_at(case, desk.now + timedelta(minutes=8)) == "near"
    assert queries.tone_at(case, desk.now + timedelta(minutes=10)) == "over"
