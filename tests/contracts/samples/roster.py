"""Samples of the roster: posts with a rotation, changes, swaps, hand-overs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit, Person
from taxops.systems.operations.roster import services
from taxops.systems.operations.roster.models import (
    DutyOverride,
    DutyPattern,
    DutyPeriod,
    DutyPost,
    DutySwap,
    Handover,
)
from tests import factories
from tests.contracts.samples import World, rows, sample

SYSTEM = Scope.system("样例")


def make_people(org: OrgUnit) -> tuple[Person, Person]:
    number = Person.objects.count()
    return factories.person(f"a{number}", org), factories.person(f"b{number}", org)


def make_post(world: World, org: OrgUnit) -> DutyPost:
    number = DutyPost.objects.count()
    return services.save_post(
        SYSTEM,
        now=world.now,
        code=f"p{number}-{org.code.lower()}",
        name=f"一线{number}",
        org_id=org.pk,
        hours="always",
    )


def make_pattern(world: World, org: OrgUnit) -> DutyPattern:
    one, two = make_people(org)
    return services.save_pattern(
        SYSTEM,
        now=world.now,
        post_id=make_post(world, org).pk,
        name="日班",
        groups=[[one.pk], [two.pk]],
        first_on=date(2026, 5, 1),
        windows="00:00-24:00",
    )


def make_swap(world: World, org: OrgUnit) -> DutySwap:
    pattern = make_pattern(world, org)
    one, two = Person.objects.get(pk=pattern.groups[0][0]), Person.objects.get(pk=pattern.groups[1][0])
    return DutySwap.objects.create(
        post=pattern.post,
        person=one,
        other=two,
        starts_at=world.now,
        ends_at=world.now + timedelta(days=1),
        reason="家中有事",
        requested_at=world.now,
    )


def make_override(world: World, org: OrgUnit) -> DutyOverride:
    one, _ = make_people(org)
    return services.add_override(
        SYSTEM,
        now=world.now,
        post_id=make_post(world, org).pk,
        change="add",
        person_id=one.pk,
        starts_at=world.now,
        ends_at=world.now + timedelta(hours=8),
    )


def make_period(world: World, org: OrgUnit) -> DutyPeriod:
    day = date(2026, 6, 1)
    return services.add_period(
        SYSTEM,
        now=world.now,
        org_id=org.pk,
        name="保障",
        kind="important",
        first_on=day,
        last_on=day,
        hours="always",
    )


@rows("roster-posts")
def posts(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_post(world, org)


@rows("roster-overrides")
def overrides(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_override(world, org)


@rows("roster-periods")
def periods(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_period(world, org)


@rows("roster-swaps")
def swaps(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_swap(world, org)


@sample(
    "roster-post",
    "roster-post-edit",
    "roster-post-archive",
    "roster-pattern-new",
    "roster-handover-write",
    extra=["roster.view"],
)
def post(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_pattern(world, org).post_id}


@sample("roster-pattern-end", extra=["roster.view"])
def pattern(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_pattern(world, org).pk}


@sample("roster-override-cancel", extra=["roster.view"])
def override(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_override(world, org).pk}


@sample("roster-period-cancel", extra=["roster.view"])
def period(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_period(world, org).pk}


@sample(
    "roster-swap", "roster-swap-answer", "roster-swap-decide", "roster-swap-withdraw", extra=["roster.view"]
)
def swap(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_swap(world, org).pk}


@sample("roster-handover", "roster-handover-accept", extra=["roster.view"])
def handover(world: World, org: OrgUnit) -> Mapping[str, Any]:
    one, _ = make_people(org)
    post = make_post(world, org)
    return {
        "pk": Handover.objects.create(
            post=post, at=world.now, giver=one, open_items="无", written_at=world.now
        ).pk
    }
