"""What the tests of quality5c share: a province of ten counties, shipped indicators, figures made by rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import pytest

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit
from taxops.systems.quality5c.definitions import services as figures
from taxops.systems.quality5c.definitions.queries import live_definitions
from taxops.systems.quality5c.definitions.rules import Figure
from taxops.systems.quality5c.evaluation import services
from taxops.systems.quality5c.evaluation.models import Scheme
from taxops.systems.quality5c.modelling import services as modelling
from taxops.systems.quality5c.modelling.models import SchemeTemplate
from tests import factories

PERIOD = "2025-06"
ALL = ("quality5c.view", "quality5c.edit", "quality5c.review", "quality5c.import", "quality5c.drill")


def scope_at(org: OrgUnit, *permissions: str, actor: int = 1, name: str = "何雨辰") -> Scope:
    """Return somebody's scope over one subtree."""
    return Scope(actor, name, dict.fromkeys(permissions or ALL, (org.path,)))


def figure(number: int, place: int, *, direction: str) -> Figure:
    """Return a figure that follows from the indicator's and the unit's number alone."""
    den = 200.0 + 10 * place
    share = 0.90 + 0.009 * ((number * 7 + place * 3) % 11)
    num = round(den * (share if direction == "up" else 1 - share))
    return Figure(num, den, num / den)


def store(orgs: list[OrgUnit], period: str = PERIOD, shift: int = 0) -> None:
    """Store figures of all live indicators for these units."""
    live = live_definitions()
    made: Mapping[tuple[str, int], Figure] = {
        (code, org.pk): figure(n + shift, place, direction=d.direction.value)
        for n, (code, (_, d)) in enumerate(live.items())
        for place, org in enumerate(orgs)
    }
    figures.record_results(made, period=period, versions={c: v for c, (v, _) in live.items()})


@pytest.fixture
def counties(db: None) -> list[OrgUnit]:
    """Return ten counties of two cities, two of them 区局."""
    top = factories.org("100000", level="province", name="甲省税务局")
    found = []
    for c in (1, 2):
        city = factories.org(f"10{c}000", top, name=f"甲{c}市税务局")
        found += [
            factories.org(f"10{c}0{n}0", city, name=f"甲{c}市{n}{'区' if n == 1 else '县'}税务局")
            for n in range(1, 6)
        ]
    return found


@pytest.fixture
def top(counties: list[OrgUnit]) -> OrgUnit:
    """Return the province."""
    return OrgUnit.objects.get(code="100000")


@pytest.fixture
def author(top: OrgUnit) -> Scope:
    """Return somebody who writes and reviews, over the whole province."""
    return scope_at(top)


@pytest.fixture
def reviewer(top: OrgUnit) -> Scope:
    """Return another one."""
    return scope_at(top, actor=2, name="孙立新")


@pytest.fixture
def shipped(author: Scope, now: datetime) -> None:
    """Store indicators, model and templates that come with the product."""
    figures.load_shipped(author, now=now)
    modelling.load_shipped_model(author, now=now)


@pytest.fixture
def filled(shipped: None, counties: list[OrgUnit]) -> None:
    """Store figures of the period."""
    store(counties)


MakeScheme = Callable[..., Scheme]


@pytest.fixture
def make_scheme(filled: None, author: Scope, now: datetime) -> MakeScheme:
    """Return a function that makes and computes a scheme of the counties."""

    def make(period: str = PERIOD, template: str = "county-month") -> Scheme:
        template_id = SchemeTemplate.objects.get(code=template).pk
        scheme = services.make_scheme(author, now=now, template_id=template_id, period=period)
        return services.evaluate_scheme(author, scheme.pk, now=now)

    return make
