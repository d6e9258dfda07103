"""Probers are known by their tokens and share the work."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from taxops.engines.base import NotPermitted, Scope
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.monitoring import services
from taxops.systems.operations.monitoring.models import Prober
from tests import factories
from tests.systems.operations.monitoring.conftest import MakeCheck

pytestmark = pytest.mark.django_db


def _scope(top: OrgUnit, now: datetime) -> tuple[Scope, str]:
    token, _ = factories.token(["probers.report"], top)
    return Scope(token.person_id, "探测器", {"probers.report": (top.path,)}, via="api"), token.prefix


def test_the_first_call_makes_a_prober_known(top: OrgUnit, now: datetime) -> None:
    scope, prefix = _scope(top, now)
    first = services.prober_of(scope, prefix, now=now)
    assert services.prober_of(scope, prefix, now=now) == first
    assert Prober.objects.count() == 1


def test_a_prober_that_is_switched_off_is_turned_away(root: Scope, top: OrgUnit, now: datetime) -> None:
    scope, prefix = _scope(top, now)
    prober = services.prober_of(scope, prefix, now=now)
    services.edit_prober(root, prober.pk, now=now, name="x", zone="", enabled=False)
    with pytest.raises(NotPermitted):
        services.prober_of(scope, prefix, now=now)


def test_nothing_changed_means_nothing_is_sent(root: Scope, make_check: MakeCheck, now: datetime) -> None:
    make_check()
    prober = services.register(root, now=now, code="p", name="p")
    told = services.assignments(prober, "", now=now)
    assert told is not None
    assert services.assignments(prober, told["version"], now=now) is None
    make_check()
    again = services.assignments(prober, told["version"], now=now)
    assert again is not None
    assert len(again["checks"]) == 2


def test_probers_of_a_zone_share_its_checks_and_take_over_from_a_dead_one(
    root: Scope, make_check: MakeCheck, now: datetime
) -> None:
    for i in range(10):
        make_check(zone="internet" if i % 2 else "intranet")
    make_check(kind="heartbeat", target="夜间", params={"every_s": 60})  # nobody carries this out
    inside = services.register(root, now=now, code="in", name="in", zone="intranet")
    spare = [services.register(root, now=now, code=f"any{i}", name="any") for i in range(2)]

    def given(at: datetime, *probers: Prober) -> list[set[int]]:
        for prober in probers:
            services.assignments(prober, "", now=at)  # a sign of life
        return [
            {c["id"] for c in (services.assignments(p, "", now=at) or {"checks": []})["checks"]}
            for p in probers
        ]

    a, b, c = given(now, inside, *spare)
    assert len(a) == 5
    assert a | b | c == a ^ b ^ c
    assert len(a | b | c) == 10
    late = now + timedelta(minutes=5)
    b, c = given(late, *spare)
    assert b | c == b ^ c
    assert len(b | c) == 10  # the inside prober is gone: those for all zones do its work


@pytest.mark.parametrize(
    ("peers", "pinned", "expected"),
    [
        ([(1, "internet")], None, 1),
        ([(1, "extranet")], None, None),
        ([(1, ""), (2, "internet")], None, 2),
        ([(1, ""), (2, "")], 2, 2),
        ([(1, "")], 9, 1),
    ],
)
def test_who_gets_a_check(peers: list[tuple[int, str]], pinned: int | None, expected: int | None) -> None:
    assert services.falls_to(4, "internet", pinned, peers) == expected
