"""A warehouse of five units and a handful of filings, as the worked examples have it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from taxops.engines.base import Scope
from taxops.engines.warehouse import MemoryLake, open_engine, shipped_schema
from taxops.platform.identity.models import OrgUnit
from taxops.systems.quality5c.definitions import computing, services
from taxops.systems.quality5c.definitions.models import IndicatorResult, IndicatorVersion
from taxops.systems.quality5c.definitions.shipped import fixture_rows
from taxops.systems.quality5c.recounts import services as recounts
from taxops.systems.quality5c.recounts.models import Recount
from tests import factories
from tests.systems.quality5c.conftest import scope_at

NOWHERE = Path("nowhere")
TRIED = """[[indicator]]
code = "G001"
version = 1
name = "一般纳税人按期申报率"
aspect = "C1"
kind = "ratio"
source = "oblig"
time = "due"
filter = "obliged and tp.vat_kind == 'general'"
num = { where = "filed_on <= due" }
den = {}
direction = "up"
unit = "percent"
drill = ["tp.uscc", "tp.name", "due", "filed_on"]
business = "一般纳税人应申报户次中按期申报的比例"
"""
CarryOut = Callable[..., Recount]


@pytest.fixture
def units(db: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, OrgUnit]:
    """Return the five units; the warehouse that indicators are computed from is the worked examples'."""
    top = factories.org("1", level="province", name="甲省")
    city = factories.org("11", top, level="city", name="甲一市")
    east = factories.org("111", city, level="county", name="东区")
    branch = factories.org("1111", east, level="branch", name="东区一分局")
    west = factories.org("112", city, level="county", name="西县")
    rows = fixture_rows("c1")
    monkeypatch.setattr(computing, "warehouse", lambda _root: open_engine(MemoryLake(shipped_schema(), rows)))
    return {o.code: o for o in (top, city, east, branch, west)}


@pytest.fixture
def writer(units: dict[str, OrgUnit]) -> Scope:
    """Return somebody who writes definitions for the whole province."""
    return scope_at(units["1"])


@pytest.fixture
def draft(writer: Scope, now: datetime) -> IndicatorVersion:
    """Return a new indicator's draft, beside the shipped ones."""
    services.load_shipped(writer, now=now)
    return services.save_draft(writer, now=now, text=TRIED, note="省局个性化")


@pytest.fixture
def figures(draft: IndicatorVersion) -> dict[str, IndicatorResult]:
    """Return the stored figures of C101, by unit."""
    computing.compute(NOWHERE, "2025-06", codes=["C101"])
    return {r.org.code: r for r in IndicatorResult.objects.select_related("org")}


@pytest.fixture
def carry_out(now: datetime) -> CarryOut:
    """Return a function that does what was asked, as the job would."""

    def done(scope: Scope, recount: Recount) -> Recount:
        found = recounts.carry_out(scope, recount.pk, NOWHERE, clock=lambda: now, tell=lambda *_: None)
        assert found is not None
        return found

    return done
