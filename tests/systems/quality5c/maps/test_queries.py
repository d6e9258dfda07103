"""The map keeps to the scope and shows the figure that counts."""

from __future__ import annotations

from datetime import datetime

import pytest

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit
from taxops.systems.quality5c.definitions import services
from taxops.systems.quality5c.definitions.queries import live_definitions
from taxops.systems.quality5c.definitions.rules import Figure
from taxops.systems.quality5c.maps import queries
from tests import factories
from tests.systems.quality5c.conftest import PERIOD, scope_at

pytestmark = pytest.mark.django_db


def test_cities_are_drawn_for_those_who_see_at_least_two(db: None, now: datetime) -> None:
    top = factories.org("12200000000", level="province", name="甲省")
    cities = [factories.org(f"1220{n}000000", top, level="city", name=f"甲{n}市") for n in (1, 2, 3)]
    author: Scope = scope_at(top)
    services.load_shipped(author, now=now)
    version, definition = live_definitions(["C101"])["C101"]

    def seen(org: OrgUnit) -> queries.Drawn:
        return queries.drawn(scope_at(org, "quality5c.view"), "C101", version, definition, PERIOD)

    values = {("C101", o.pk): Figure(90 + n, 100, 0.9 + n / 20) for n, o in enumerate(cities[:2])}
    services.record_results(values, period=PERIOD, versions={"C101": 1})
    services.record_results({("C101", cities[0].pk): Figure(100, 100, 1.0)}, period=PERIOD, versions={"C101": 1},
                            source="external")  # fmt: skip
    found = {t.org.pk: t for t in seen(top).tiles}
    assert [found[o.pk].figure is not None for o in cities] == [True, True, False]
    first = found[cities[0].pk]
    assert (first.figure.value if first.figure else 0, first.tone) == (1.0, "good"), "the imported one counts"
    assert found[cities[2].pk].tone == "none"
    assert seen(cities[0]).tiles == (), "one city is no map, and its neighbours are not shown"
