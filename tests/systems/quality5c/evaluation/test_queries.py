"""Results keep to the scope; peers appear as quantiles only."""

from __future__ import annotations

from datetime import datetime

import pytest

from taxops.engines.base import BadInput, Scope
from taxops.platform.identity.models import OrgUnit
from taxops.systems.quality5c.definitions import services as figures
from taxops.systems.quality5c.definitions.models import IndicatorResult
from taxops.systems.quality5c.definitions.rules import Figure
from taxops.systems.quality5c.evaluation import queries, services, trying
from taxops.systems.quality5c.evaluation.models import Detail, Scheme, Score
from taxops.systems.quality5c.modelling.models import SchemeTemplate
from tests.systems.quality5c.conftest import MakeScheme, scope_at, store

pytestmark = pytest.mark.django_db


def test_a_county_sees_itself_and_anonymous_quantiles(
    make_scheme: MakeScheme, counties: list[OrgUnit], reviewer: Scope, now: datetime
) -> None:
    scheme = make_scheme()
    mine = scope_at(counties[2], "quality5c.view")
    assert queries.latest_scheme(mine) is None, "not published yet"
    services.publish_scheme(reviewer, scheme.pk, now=now)
    assert queries.latest_scheme(mine) == scheme
    newer = Scheme.objects.create(
        template=SchemeTemplate.objects.get(code="city-month"), period="2025-07", name="市局", frozen=scheme.frozen,
        state="published", made_at=now, made_by="样例", evaluated_at=now, published_at=now,
    )  # fmt: skip
    assert queries.latest_scheme(mine) == scheme, "in the newer one it has no row"
    Score.objects.filter(scheme=scheme, org=counties[2]).update(scheme=newer)
    assert queries.latest_scheme(mine) == newer
    Score.objects.filter(scheme=newer).update(scheme=scheme)
    assert [s.org_id for s in queries.scores(mine, scheme.pk)] == [counties[2].pk]
    other = Score.objects.get(scheme=scheme, org=counties[3])
    assert queries.score_by_pk(mine, other.pk) is None
    assert not queries.details(mine, scheme.pk, counties[3].pk).exists()
    peers = queries.quantiles(scheme.pk)
    assert peers is not None
    assert peers.n == 10
    assert peers.low <= peers.median <= peers.high


def test_four_units_are_too_few_for_quantiles(make_scheme: MakeScheme, counties: list[OrgUnit]) -> None:
    scheme = make_scheme()
    Score.objects.filter(scheme=scheme).exclude(org__in=counties[:4]).delete()
    Detail.objects.filter(scheme=scheme).exclude(org__in=counties[:4]).delete()
    assert queries.quantiles(scheme.pk) is None
    assert queries.quantiles(scheme.pk, "C101") is None


def test_the_matrix_counts_every_unit_once(make_scheme: MakeScheme) -> None:
    scheme = make_scheme()
    cells = queries.matrix(scheme.pk)
    assert sum(c.total for c in cells) == 10
    assert all(sum(n for _, n in c.counts) <= c.total for c in cells)
    assert [c.peer_class for c in cells if c.merged] == ["区局（合并）"]


def test_trend_and_moves_between_periods(
    make_scheme: MakeScheme, counties: list[OrgUnit], author: Scope
) -> None:
    store(counties, "2025-05", shift=4)
    first, second = make_scheme("2025-05"), make_scheme("2025-06")
    assert [p for p, *_ in queries.trend(author, second, counties[0].pk)] == ["2025-05", "2025-06"]
    assert queries.earlier(author, second) == first
    assert queries.earlier(author, first) is None
    moves = queries.tier_moves(author, second, first)
    old = dict(first.scores.values_list("org_id", "tier"))
    assert all(old[org] == was != now for org, (was, now) in moves.items())
    assert queries.tier_moves(author, first, None) == {}


def test_trials_vanish_when_they_expire(make_scheme: MakeScheme, author: Scope, now: datetime) -> None:
    trial = trying.try_scheme(author, now=now, scheme_id=make_scheme().pk, title="一")
    assert queries.find_trial(trial.pk, now) == trial
    assert queries.find_trial(trial.pk, trial.expires_at) is None
    assert list(queries.trials(trial.expires_at)) == []


def test_plain_rows_and_weights(make_scheme: MakeScheme, author: Scope, counties: list[OrgUnit]) -> None:
    scheme = make_scheme()
    rows = queries.published_rows(author, scheme.pk)
    assert [r["rank"] for r in rows] == sorted(r["rank"] for r in rows)
    assert set(queries.distribution(scheme.pk)) <= set("ABCDE") | {"不予评价"}
    found, table = queries.weights_of(author, scheme.template.model_id)
    assert found == scheme
    assert set(table) == {"C1", "C2", "C3", "C4", "C5"}
    assert queries.weights_of(author, 0) == (None, {})
    assert set(queries.names_of(scope_at(counties[0]), [c.pk for c in counties])) == {counties[0].pk}


def test_late_data_stand_beside_the_frozen_figures_and_change_no_score(
    make_scheme: MakeScheme, counties: list[OrgUnit], author: Scope, reviewer: Scope, now: datetime
) -> None:
    scheme = make_scheme()
    late = IndicatorResult.objects.get(org=counties[0], code="C101")
    assert queries.revisions(author, scheme) == []
    services.publish_scheme(reviewer, scheme.pk, now=now)
    scheme.refresh_from_db()
    assert queries.revisions(author, scheme) == [], "nothing came since"
    before = list(Score.objects.order_by("pk").values()), list(Detail.objects.order_by("pk").values())
    figures.record_results(
        {("C101", counties[0].pk): Figure(1, late.den, 1 / (late.den or 1))},
        period="2025-06",
        versions={"C101": 1},
    )
    (found,) = queries.revisions(author, scheme)
    assert (found.unit, found.code, found.frozen.num, found.fresh.num) == (
        counties[0].pk,
        "C101",
        late.num,
        1,
    )
    assert found.moved is not None
    assert found.moved < 0
    assert queries.revisions(scope_at(counties[0], "quality5c.view"), scheme) == [found]
    assert queries.revisions(scope_at(counties[1], "quality5c.view"), scheme) == [], (
        "a neighbour's is not shown"
    )
    assert queries.revisions(author, scheme, counties[1].pk) == []
    assert (
        list(Score.objects.order_by("pk").values()),
        list(Detail.objects.order_by("pk").values()),
    ) == before
    trial = trying.try_scheme(author, now=now, scheme_id=scheme.pk, title="以冻结值为基准")
    assert trial.result["summary"]["changed"] == 0
    effect = trying.with_revisions(scheme)
    assert next(r for r in effect["rows"] if r["unit"] == counties[0].pk)["changed"]


def test_units_without_a_rank_come_last(make_scheme: MakeScheme, author: Scope) -> None:
    scheme = make_scheme()
    first = queries.scores(author, scheme.pk).order_by("place").first()
    Score.objects.filter(pk=first.pk).update(rank=0)
    ordered = list(queries.scores(author, scheme.pk).order_by("place", "org__path"))
    assert ordered[-1].pk == first.pk


def test_what_is_open_is_for_those_who_make_or_review(
    make_scheme: MakeScheme, counties: list[OrgUnit], top: OrgUnit
) -> None:
    scheme = make_scheme()
    assert list(queries.unpublished()) == [scheme]
    assert queries.find_scheme(scope_at(top, "quality5c.view", "quality5c.review"), scheme.pk) == scheme
    assert queries.find_scheme(scope_at(counties[0], "quality5c.view"), scheme.pk) is None
    assert queries.model_number(scheme.pk, None) is None
    version = scheme.template.model.versions.get(number=1)
    assert queries.model_number(scheme.pk, version.pk) == 1
    with pytest.raises(BadInput):
        queries.model_number(scheme.pk, version.pk + 1)


def test_the_map_shows_cities_and_grades_only_within_the_scope(
    make_scheme: MakeScheme, counties: list[OrgUnit], author: Scope
) -> None:
    assert queries.on_map(author, make_scheme()) == [], "a scheme of counties has no map"
    cities = list(OrgUnit.objects.filter(level="city"))
    store(cities)
    scheme = make_scheme(template="city-month")
    shown = queries.on_map(author, scheme)
    assert [s.org_id for _, s in shown if s] == [c.pk for c in cities]
    assert len({(p.column, p.row) for p, _ in shown}) == 2
    assert queries.on_map(scope_at(cities[0], "quality5c.view"), scheme) == [], "one city alone is no map"
