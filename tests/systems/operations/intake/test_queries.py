"""What intake shows stays within the reader's range."""

from __future__ import annotations

from datetime import datetime

import pytest

from taxops.engines.base import NotFound, Scope
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.intake import queries, services
from taxops.systems.operations.intake.models import IntakeSource
from taxops.systems.operations.intake.rules import Pushed

pytestmark = pytest.mark.django_db


def test_sources_and_their_events_are_seen_by_their_own(top: OrgUnit, now: datetime) -> None:
    source = IntakeSource.objects.create(code="e", name="外部", kind="events", org=top)
    services.take(source, [Pushed("", {"a": "b"}, True, now, title="磁盘将满")], now=now)
    mine, other = (
        Scope(None, "甲", {"monitoring.view": (top.path,)}),
        Scope(None, "乙", {"monitoring.view": ("9/",)}),
    )
    (event,) = queries.unmatched(mine, now)
    assert queries.get_unmatched(mine, now, event.pk) == event
    assert [a.pk for a in queries.recent_of(source, mine, now)] == [event.pk]
    assert queries.get_source(mine, source.pk) == source
    assert not queries.list_sources(other).exists()
    assert not queries.unmatched(other, now).exists()
    for call in (
        lambda: queries.get_source(other, source.pk),
        lambda: queries.get_unmatched(other, now, event.pk),
    ):
        with pytest.raises(NotFound):
            call()
    assert queries.counts(mine) == {"n": 1, "n_on": 1}
