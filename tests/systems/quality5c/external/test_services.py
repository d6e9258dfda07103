"""Imports: three bad rows store nothing; a roll-back restores scores byte for byte."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from taxops.engines.base import BadInput, Conflict, NotFound, Scope
from taxops.platform.identity.models import OrgUnit
from taxops.systems.quality5c.definitions.models import IndicatorResult
from taxops.systems.quality5c.evaluation import services as evaluation
from taxops.systems.quality5c.evaluation.models import Detail, Score
from taxops.systems.quality5c.external import queries, services
from taxops.systems.quality5c.external.models import ExternalBatch, ExternalValue
from tests.systems.quality5c.conftest import PERIOD, MakeScheme, scope_at

pytestmark = pytest.mark.django_db


def market(orgs: list[OrgUnit], missing: int, den: int = 100) -> list[tuple[int, dict[str, str]]]:
    """Return rows of the market template (feeds C312)."""
    return [
        (n, {"单位代码": o.code, "统计期": PERIOD, "未登记户数": str(missing), "市场主体户数": str(den)})
        for n, o in enumerate(orgs, start=2)
    ]


def _bytes() -> list[Any]:
    scores = list(
        Score.objects.order_by("org_id").values_list("org_id", "total", "grade", "rank", "tier", "aspects")
    )
    details = list(
        Detail.objects.order_by("org_id", "code").values_list("org_id", "code", "num", "den", "points")
    )
    figures = list(
        IndicatorResult.objects.order_by("code", "org_id", "source").values_list(
            "code", "org_id", "num", "den", "source"
        )
    )
    return [scores, details, figures]


def test_three_bad_rows_store_nothing_and_each_is_named(
    filled: None, author: Scope, counties: list[OrgUnit], now: datetime
) -> None:
    rows = market(counties, 3)
    for place in (1, 4, 7):
        rows[place][1]["未登记户数"] = "abc"
    with pytest.raises(BadInput, match="3 行") as caught:
        services.apply_rows(author, now=now, code="market", rows=rows)
    assert [p.row for p in caught.value.problems] == [3, 6, 9]
    assert not ExternalBatch.objects.exists()
    assert not ExternalValue.objects.exists()


def test_a_roll_back_restores_scores_byte_for_byte(
    make_scheme: MakeScheme, author: Scope, counties: list[OrgUnit], now: datetime
) -> None:
    scheme = make_scheme()
    before, hashed = _bytes(), scheme.result_hash
    first = services.apply_rows(author, now=now, code="market", rows=market(counties, 40))
    assert first.effect["indicators"] == ["C312"]
    assert first.effect["schemes"] == [scheme.name]
    scheme.refresh_from_db()
    assert scheme.result_hash != hashed
    middle = _bytes()
    second = services.apply_rows(
        author, now=now + timedelta(hours=1), code="market", rows=market(counties[:3], 1)
    )
    assert second.number == 2
    services.roll_back(author, second.pk, now=now + timedelta(hours=2))
    assert _bytes() == middle
    services.roll_back(author, first.pk, now=now + timedelta(hours=3))
    assert _bytes() == before
    scheme.refresh_from_db()
    assert scheme.result_hash == hashed
    with pytest.raises(Conflict):
        services.roll_back(author, first.pk, now=now)


def test_a_published_scheme_stays_as_it_is(
    make_scheme: MakeScheme, author: Scope, reviewer: Scope, counties: list[OrgUnit], now: datetime
) -> None:
    scheme = make_scheme()
    evaluation.publish_scheme(reviewer, scheme.pk, now=now)
    batch = services.apply_rows(author, now=now, code="market", rows=market(counties, 40))
    assert batch.effect["schemes"] == []
    hashed = scheme.result_hash
    scheme.refresh_from_db()
    assert scheme.result_hash == hashed


def test_figures_of_units_above_are_sums(
    filled: None, author: Scope, counties: list[OrgUnit], now: datetime
) -> None:
    services.apply_rows(author, now=now, code="market", rows=market(counties, 2))
    top = IndicatorResult.objects.get(code="C312", org__code="100000", source="external")
    assert (top.num, top.den, top.value) == (20, 1000, 0.02)


def test_rows_outside_the_actor_s_range_are_refused(
    filled: None, counties: list[OrgUnit], now: datetime
) -> None:
    mine = scope_at(counties[0], "quality5c.import")
    with pytest.raises(BadInput, match="1 行"):
        services.apply_rows(mine, now=now, code="market", rows=market(counties[:2], 1))
    with pytest.raises(NotFound):
        services.template_of("nothing")
    with pytest.raises(BadInput, match="没有数据"):
        services.apply_rows(mine, now=now, code="market", rows=[])


def test_the_newest_batch_of_headquarters_counts(
    filled: None, author: Scope, top: OrgUnit, now: datetime
) -> None:
    for hours, average in enumerate(("97%", "98%")):
        row = {"单位代码": top.code, "统计期": PERIOD, "指标代码": "C101", "全国平均": average}
        services.apply_rows(author, now=now + timedelta(hours=hours), code="sat", rows=[(2, row)])
    assert queries.sat_values(PERIOD) == {"C101": {"average": 0.98}}
