"""From a scheme's frozen content and stored figures to scores (计分): what services and trials share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from taxops.engines.base import BadInput, later
from taxops.engines.scoring import difficulty_classes, parse_model
from taxops.platform.identity.models import OrgUnit
from taxops.systems.quality5c.definitions import queries as indicators
from taxops.systems.quality5c.definitions.rules import Figure, figure_of
from taxops.systems.quality5c.modelling.models import SchemeTemplate
from taxops.systems.quality5c.modelling.rules import codes_of

from .models import Detail, Scheme, Score
from .rules import Part, UnitScore, score_units
from .words import SchemeState

if TYPE_CHECKING:
    import numpy as np
else:
    np = later("numpy")

DIFFICULTY = "B04"
"""The indicator that classes units (征管难度): taxpayers an officer looks after."""


def freeze(template: SchemeTemplate, period: str) -> dict[str, Any]:
    """Return everything a scheme depends on, as data: model, versions, units, classes.

    Raises:
        BadInput: the model has no live version, or no unit is left to evaluate.
    """
    version = template.model.versions.filter(number=template.model.live_version or 0).first()
    if version is None:
        raise BadInput(f"模型「{template.model.name}」没有启用的版本。", "请先复核并启用一个版本。")
    codes = codes_of(version.data)
    live = indicators.live_definitions([*codes, DIFFICULTY])
    missing = [c for c in codes if c not in live]
    if missing:
        raise BadInput(f"模型引用的指标没有启用：{'、'.join(missing)}。", "请先启用这些指标。")
    excluded = set(template.excluded)
    units = [u for u in indicators.units_of(template.level) if u.code not in excluded]
    if not units:
        raise BadInput("没有参评单位。", "请检查评价层级和不参评单位。")
    return {
        "model_version": version.number,
        "model": version.data,
        "versions": {c: live[c][0] for c in codes},
        "units": [u.pk for u in units],
        "classes": classes_of(template, units, period, live[DIFFICULTY][0] if DIFFICULTY in live else 1),
        "revision": template.revision,
        "most_doubtful": template.most_doubtful,
    }


def classes_of(template: SchemeTemplate, units: Sequence[OrgUnit], period: str, version: int) -> list[str]:
    """Return each unit's peer class: its kind, then quantiles of difficulty; never from performance."""
    found = indicators.figures(period, [u.pk for u in units], {DIFFICULTY: version})
    difficulty = [
        f.value if (f := found.get((u.pk, DIFFICULTY))) is not None and f.value is not None else 0.0
        for u in units
    ]
    return difficulty_classes(
        [kind_of(u) for u in units],
        np.array(difficulty),
        parts=template.classes,
        smallest=template.smallest_class,
    )


def kind_of(unit: OrgUnit) -> str:
    """Return a unit's administrative kind: 市局, 区局 or 县局 (an authority of a 市辖区 bears 区 in its name)."""
    if unit.level != "county":
        return "市局"
    return "区局" if "区" in (unit.short_name or unit.name) else "县局"


def stored(scheme: Scheme) -> dict[tuple[int, str], Figure]:
    """Return the figures as they are stored now: of the scheme's period and the versions frozen into it."""
    return indicators.figures(scheme.period, scheme.frozen["units"], scheme.frozen["versions"])


def baseline(scheme: Scheme) -> dict[tuple[int, str], Figure]:
    """Return the figures a scheme counts: once published those it was published with, whatever came later."""
    found = stored(scheme)
    if scheme.state == SchemeState.PUBLISHED:
        rows = Detail.objects.filter(scheme=scheme)
        for org, code, num, den, value, state in rows.values_list(
            "org_id", "code", "num", "den", "value", "state"
        ):
            found[org, code] = Figure(num, den, value, state)
    return found


def scored(
    scheme: Scheme,
    *,
    model: Mapping[str, Any] | None = None,
    figures: Mapping[tuple[int, str], Figure] | None = None,
    runs: int = 1000,
) -> list[UnitScore]:
    """Return the scores of a scheme, with another model or other figures when given."""
    return score_units(
        parse_model(model or scheme.frozen["model"]),
        scheme.frozen["units"],
        scheme.frozen["classes"],
        baseline(scheme) if figures is None else figures,
        runs=runs,
    )


def changed_figures(
    figures: Mapping[tuple[int, str], Figure], values: Mapping[tuple[int, str], float]
) -> dict[tuple[int, str], Figure]:
    """Return figures with some values replaced; the numerator follows, the denominator stays."""
    found = dict(figures)
    for key, value in values.items():
        old = found.get(key)
        den = old.den if old is not None else None
        scale = 1.0
        if old is not None and old.num and old.den and old.value is not None:
            scale = old.value / (old.num / old.den)
        found[key] = figure_of(value * den / scale, den, scale=scale) if den else Figure(None, den, value)
    return found


def score_row(scheme: Scheme, s: UnitScore) -> Score:
    """Return the row that stores a unit's score."""
    return Score(
        scheme=scheme, org_id=s.unit, total=s.total, grade=s.grade, uncapped=s.uncapped, capped_by=s.capped_by,
        rank=s.rank, rank_low=s.rank_low, rank_high=s.rank_high, borderline=s.borderline, kept=s.kept,
        peer_class=s.peer_class, tier=s.tier, aspects={k: dict(v) for k, v in s.aspects.items()},
        adjustments=[dict(a) for a in s.adjustments], n_missing=sum(p.points is None for p in s.parts),
    )  # fmt: skip


def detail_row(scheme: Scheme, unit: int, p: Part, previous: float | None) -> Detail:
    """Return the row that stores one indicator's part."""
    return Detail(
        scheme=scheme, org_id=unit, code=p.code, version=scheme.frozen["versions"][p.code], aspect=p.aspect,
        num=p.figure.num, den=p.figure.den, value=p.figure.value, state=p.figure.state, points=p.points,
        weight=p.weight, contribution=p.contribution, loss=p.loss, percentile=p.percentile,
        peer_median=p.peer_median, peer_best=p.peer_best, previous=previous,
    )  # fmt: skip
