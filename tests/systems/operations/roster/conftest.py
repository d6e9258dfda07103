"""A post with two who take turns by the day, a manager and a neighbour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from taxops.engines.base import CHINA, Scope
from taxops.platform.identity.models import OrgUnit, Person
from taxops.systems.operations.roster import services
from taxops.systems.operations.roster.models import DutyPost
from tests import factories

NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)  # Monday 10:00 in China


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Return an instant of June 2026 in China."""
    return datetime(2026, 6, day, hour, minute, tzinfo=CHINA)


@dataclass
class Room:
    """The post line1: 甲 on odd days of June, 乙 on even ones, by the contract's split day."""

    org: OrgUnit
    post: DutyPost
    one: Person
    two: Person
    three: Person
    manager: Scope
    other_manager: Scope
    neighbour: Scope

    def of(self, person: Person) -> Scope:
        return factories.scope_of(person, NOW)


@pytest.fixture
def room(db: None) -> Room:
    """Return the room."""
    units = factories.province()
    city = units["145010"]
    both = ["roster.view", "roster.edit"]

    def who(name: str, shown: str, org: OrgUnit, permissions: list[str]) -> Person:
        return factories.person(name, org, permissions=permissions, display_name=shown)

    manager = factories.scope_of(who("boss", "经理", city, both), NOW)
    one, two, three = (who(f"n{n}", shown, city, ["roster.view"]) for n, shown in enumerate("甲乙丙"))
    post = services.save_post(
        manager, now=NOW, code="line1", name="一线", org_id=city.pk, hours="onsite7x12", headcount=2,
        latitude=43.88, longitude=125.32,
    )  # fmt: skip
    services.save_pattern(
        manager, now=NOW, post_id=post.pk, name="日班", groups=[[one.pk], [two.pk]],
        first_on=date(2026, 6, 1), windows="07:30-12:00 14:30-22:00",
    )  # fmt: skip
    return Room(
        city,
        post,
        one,
        two,
        three,
        manager,
        factories.scope_of(who("boss2", "副经理", city, both), NOW),
        factories.scope_of(who("far", "远", units["145020"], both), NOW),
    )
