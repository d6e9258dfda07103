"""What results can be asked (评价结果查询). A unit sees itself and what is below it; peers only as quantiles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, QuerySet, Value, When

from taxops.engines.base import BadInput, Place, Scope, cartogram, division, later, placed
from taxops.engines.scoring import parse_model
from taxops.platform.identity.models import OrgUnit
from taxops.platform.identity.queries import within
from taxops.systems.quality5c.definitions import queries as indicators
from taxops.systems.quality5c.definitions.rules import Figure
from taxops.systems.quality5c.modelling.queries import find_version
from taxops.systems.quality5c.modelling.rules import WeightRow, weight_table

from .gate import Quality, quality_of
from .models import Detail, Scheme, Score, Trial
from .rules import QUANTILE_MIN, Revised, revised
from .words import SchemeState

if TYPE_CHECKING:
    import numpy as np
else:
    np = later("numpy")

VIEW = "quality5c.view"
EDIT = "quality5c.edit"
REVIEW = "quality5c.review"
LAST = 1_000_000
"""Where a unit without a rank stands."""


def schemes(scope: Scope) -> QuerySet[Scheme]:
    """Return the schemes: published ones to all, those being computed to those who make or review them."""
    found = Scheme.objects.select_related("template__model")
    keeps = scope.has(EDIT) or scope.has(REVIEW)
    return found if keeps else found.filter(state=SchemeState.PUBLISHED)


def unpublished() -> list[Scheme]:
    """Return the schemes that are computed and wait to be published, without what is frozen into them."""
    rows = Scheme.objects.filter(state=SchemeState.OPEN, evaluated_at__isnull=False).defer("frozen")
    return list(rows.order_by("evaluated_at", "pk"))


def find_scheme(scope: Scope, pk: int) -> Scheme | None:
    """Return one scheme."""
    return schemes(scope).filter(pk=pk).first()


def quality(scheme: Scheme) -> Quality:
    """Return how far a scheme's figures may be relied on; two queries."""
    rows = Detail.objects.filter(scheme=scheme).order_by().values_list("state").annotate(n=Count("pk"))
    frozen = scheme.frozen
    return quality_of(
        dict(rows), frozen.get("most_doubtful"), indicators.problems(scheme.period, frozen["versions"])
    )


def latest_scheme(scope: Scope) -> Scheme | None:
    """Return the newest scheme with results of units within the scope; failing that, the newest with results.

    A county user comes to the scheme of counties, not to one of cities in which he has no row.
    """
    found = schemes(scope).filter(evaluated_at__isnull=False).order_by("-period", "template__code")
    own = Score.objects.filter(within(scope, VIEW), scheme=OuterRef("pk"))
    return found.filter(Exists(own)).first() or found.first()


def scores(scope: Scope, scheme_id: int) -> QuerySet[Any]:
    """Return the scores of the units within the scope; `place` is the rank, those without one last."""
    found = Score.objects.filter(within(scope, VIEW), scheme_id=scheme_id).select_related("org", "scheme")
    return found.annotate(
        place=Case(When(rank=0, then=Value(LAST)), default=F("rank"), output_field=IntegerField())
    )


def find_score(scope: Scope, scheme_id: int, org: int) -> Score | None:
    """Return one unit's score."""
    return scores(scope, scheme_id).filter(org_id=org).first()


def score_by_pk(scope: Scope, pk: int) -> Score | None:
    """Return a score within the scope, of a scheme this reader may see."""
    return (
        Score.objects.filter(within(scope, VIEW), pk=pk, scheme__in=schemes(scope))
        .select_related("org", "scheme__template")
        .first()
    )


def weights_of(scope: Scope, model_id: int) -> tuple[Scheme | None, dict[str, list[WeightRow]]]:
    """Return the newest scheme of a model with its weights by every method; anonymous, over all units."""
    scheme = (
        schemes(scope)
        .filter(template__model_id=model_id, evaluated_at__isnull=False)
        .order_by("-period")
        .first()
    )
    if scheme is None:
        return None, {}
    model = parse_model(scheme.frozen["model"])
    units = {pk: row for row, pk in enumerate(scheme.frozen["units"])}
    columns = {item.code: n for n, item in enumerate(model.items)}
    points = np.full((len(units), len(columns)), np.nan)
    for org, code, value in Detail.objects.filter(scheme=scheme).values_list("org_id", "code", "points"):
        if value is not None and org in units and code in columns:
            points[units[org], columns[code]] = value
    return scheme, weight_table(model, points)


def details(scope: Scope, scheme_id: int, org: int) -> QuerySet[Detail]:
    """Return one unit's indicators."""
    return Detail.objects.filter(within(scope, VIEW), scheme_id=scheme_id, org_id=org).select_related("org")


def distribution(scheme_id: int) -> dict[str, int]:
    """Return grade → how many units; anonymous, so for everybody who may see the scheme."""
    found = Counter(Score.objects.filter(scheme_id=scheme_id).values_list("grade", flat=True))
    return {grade or "不予评价": found[grade] for grade in sorted(found, key=lambda g: (not g, g))}


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Anonymous position of all units (匿名分位): shown when there are enough of them."""

    n: int
    low: float
    median: float
    high: float


def quantiles(scheme_id: int, code: str = "") -> Quantiles | None:
    """Return P25, P50 and P75 of all units' scores, or of one indicator's values; None for fewer than five."""
    rows = (
        Detail.objects.filter(scheme_id=scheme_id, code=code).values_list("value", flat=True)
        if code
        else Score.objects.filter(scheme_id=scheme_id).values_list("total", flat=True)
    )
    values = [v for v in rows if v is not None]
    if len(values) < QUANTILE_MIN:
        return None
    low, median, high = (float(v) for v in np.quantile(values, [0.25, 0.5, 0.75]))
    return Quantiles(len(values), low, median, high)


def trend(scope: Scope, scheme: Scheme, org: int, last: int = 12) -> list[tuple[str, float | None, str]]:
    """Return (period, score, grade) of one unit in the schemes of the same template, oldest first."""
    rows = (
        Score.objects.filter(
            within(scope, VIEW), org_id=org, scheme__template_id=scheme.template_id, scheme__in=schemes(scope)
        )
        .order_by("-scheme__period")
        .values_list("scheme__period", "total", "grade")[:last]
    )
    return [(period, total, grade) for period, total, grade in reversed(list(rows))]


def earlier(scope: Scope, scheme: Scheme) -> Scheme | None:
    """Return the scheme of the same template one period before, the newest there is."""
    return (
        schemes(scope)
        .filter(template_id=scheme.template_id, period__lt=scheme.period, evaluated_at__isnull=False)
        .order_by("-period")
        .first()
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the class × level matrix (类级矩阵)."""

    peer_class: str
    counts: Sequence[tuple[str, int]]
    total: int
    merged: bool


TIERS = ("1", "2", "3", "4", "5")


def matrix(scheme_id: int) -> list[Cell]:
    """Return, class by class, how many units reached each level."""
    counted: dict[str, Counter[str]] = {}
    for name, tier in Score.objects.filter(scheme_id=scheme_id).values_list("peer_class", "tier"):
        counted.setdefault(name, Counter())[tier] += 1
    return [
        Cell(name, [(t, found[t]) for t in TIERS], sum(found.values()), "合并" in name)
        for name, found in sorted(counted.items())
    ]


def tier_moves(scope: Scope, scheme: Scheme, before: Scheme | None) -> dict[int, tuple[str, str]]:
    """Return organisation → (level before, level now) for the units in the scope whose level moved."""
    if before is None:
        return {}
    old = dict(scores(scope, before.pk).values_list("org_id", "tier"))
    now = scores(scope, scheme.pk).values_list("org_id", "tier")
    return {org: (old[org], tier) for org, tier in now if org in old and old[org] != tier}


def trials(now: datetime) -> QuerySet[Trial]:
    """Return the trials that have not expired."""
    return Trial.objects.filter(expires_at__gt=now).select_related("scheme__template").defer("result")


def find_trial(pk: int, now: datetime) -> Trial | None:
    """Return one trial that has not expired."""
    return Trial.objects.filter(expires_at__gt=now, pk=pk).select_related("scheme__template").first()


def model_number(scheme_id: int, version_id: int | None) -> int | None:
    """Return the number of a chosen model version; None when none was chosen.

    Raises:
        BadInput: it is a version of another model than the scheme's.
    """
    if version_id is None:
        return None
    version = find_version(version_id)
    model = Scheme.objects.filter(pk=scheme_id).values_list("template__model_id", flat=True).first()
    if version is None or version.model_id != model:
        raise BadInput(
            "这个版本属于另一个模型，不能用于这个方案。", "请选择同一模型的版本。", field="model_version"
        )
    return version.number


def has_schemes(period: str = "") -> bool:
    """Test whether there is any scheme, or one of a period."""
    return Scheme.objects.filter(**({"period": period} if period else {})).exists()


def on_map(scope: Scope, scheme: Scheme) -> list[tuple[Place, Score | None]]:
    """Return where each 市/州 stands on the schematic map with its score in a scheme of cities (评级示意图).

    Cities outside the scope stand there without a score. Empty for a scheme of counties, and for a reader who
    sees fewer than two cities.
    """
    if scheme.template.level != "city":
        return []
    known = {s.org_id: s for s in scores(scope, scheme.pk)}
    cities = list(OrgUnit.objects.filter(pk__in=scheme.frozen["units"]).order_by("path"))
    if len(known) < 2:
        return []
    return [(place, known.get(o.pk)) for o, place in placed(cities, cartogram(division(cities[0].code)[:2]))]


def revisions(scope: Scope, scheme: Scheme, org: int | None = None) -> list[Revised]:
    """Return what late data made of a published scheme's figures, for the units within the scope; two queries.

    An open scheme has none: it counts what is stored when it is computed.
    """
    if scheme.state != SchemeState.PUBLISHED:
        return []
    rows = Detail.objects.filter(within(scope, VIEW), scheme=scheme).order_by("org__path", "code")
    if org is not None:
        rows = rows.filter(org_id=org)
    frozen = {
        (unit, code): Figure(num, den, value, state)
        for unit, code, num, den, value, state in rows.values_list(
            "org_id", "code", "num", "den", "value", "state"
        )
    }
    units = list({unit for unit, _ in frozen})
    return revised(frozen, indicators.figures(scheme.period, units, scheme.frozen["versions"]))


def names_of(scope: Scope, ids: Sequence[int]) -> dict[int, OrgUnit]:
    """Return organisation id → unit for those within the scope; one query."""
    return OrgUnit.objects.filter(within(scope, VIEW, "path")).in_bulk(list(ids))


def published_rows(scope: Scope, scheme_id: int) -> list[dict[str, Any]]:
    """Return scores as plain data for the command line and exports, best first."""
    return [
        {
            "unit": s.org.code, "name": s.org.name, "score": s.total, "grade": s.grade, "rank": s.rank,
            "rank_interval": [s.rank_low, s.rank_high], "borderline": s.borderline, "capped_by": s.capped_by,
            "class": s.peer_class, "tier": s.tier, "aspects": s.aspects,
        }
        for s in scores(scope, scheme_id).order_by("place", "org__path")
    ]  # fmt: skip


def names_by_code(scope: Scope, codes: Sequence[str]) -> dict[str, OrgUnit]:
    """Return unit code → unit for those within the scope; one query."""
    rows = OrgUnit.objects.filter(within(scope, VIEW, "path"), code__in=list(codes), valid_to=None)
    return {o.code: o for o in rows}
