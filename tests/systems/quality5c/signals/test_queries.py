"""Rules and the periods that are looked at."""

from __future__ import annotations

from datetime import datetime

import pytest

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit
from taxops.systems.quality5c.signals import queries, services

from .test_services import keep, live, rule

__all__ = ["live"]
pytestmark = pytest.mark.django_db


def test_rules_say_how_much_waits_and_periods_are_the_newest(
    live: None, author: Scope, counties: list[OrgUnit], now: datetime
) -> None:
    made = rule(author, now)
    for period in ("2025-04", "2025-05", "2025-06"):
        keep(counties, 0.9, period=period)
    assert queries.newest_periods(["C101"]) == ["2025-05", "2025-06"]
    assert queries.newest_periods([]) == []
    assert services.raise_newest(author, now=now)["raised"] == 2
    found = queries.find_rule(made.pk)
    assert found is not None
    assert found.n_open == 2
    assert queries.find_rule(0) is None
