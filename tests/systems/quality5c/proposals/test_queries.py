"""Who sees which proposals, and what a new one begins with."""

from __future__ import annotations

from datetime import datetime

import pytest

from taxops.platform.identity.models import OrgUnit
from taxops.systems.quality5c.definitions.views import OUTLINE
from taxops.systems.quality5c.proposals import queries, services
from taxops.systems.quality5c.proposals.rules import Step
from tests.systems.quality5c.conftest import scope_at

pytestmark = pytest.mark.django_db


def test_a_unit_sees_its_own_the_city_its_counties_and_nobody_anothers_draft(
    shipped: None, counties: list[OrgUnit], top: OrgUnit, now: datetime
) -> None:
    county, neighbour = scope_at(counties[0], actor=5), scope_at(counties[1], actor=6)
    city, province = scope_at(OrgUnit.objects.get(code="101000"), actor=7), scope_at(top, actor=2)
    text, code = queries.outline("C101", OUTLINE)
    assert code == "G001"
    made = services.save_proposal(
        county, now=now, org_id=counties[0].pk, text=text, reason="要", copied_from="C101"
    )
    seen = {s.actor_id: [p.pk for p in queries.proposals(s)] for s in (county, neighbour, city, province)}
    assert seen == {5: [made.pk], 6: [], 7: [], 2: []}, "a draft is its author's"
    services.take_step(county, made.pk, Step.SUBMIT, now=now)
    seen = {s.actor_id: [p.pk for p in queries.proposals(s)] for s in (county, neighbour, city, province)}
    assert seen == {5: [made.pk], 6: [], 7: [made.pk], 2: [made.pk]}
    assert [p.pk for p in queries.waiting(province)] == [made.pk]
    assert queries.find_proposal(neighbour, made.pk) is None
    assert {c.key for c in queries.changes_of(made)} == {"code", "tests"}
    assert queries.outline("", OUTLINE)[1] == "G002", "a code that waits is taken"


def test_one_proposes_for_the_units_one_writes_for(counties: list[OrgUnit], top: OrgUnit) -> None:
    assert [u.pk for u in queries.units(scope_at(counties[0]))] == [counties[0].pk]
    assert queries.units(scope_at(counties[0], "quality5c.view")) == []
    assert len(queries.units(scope_at(top))) == 12
