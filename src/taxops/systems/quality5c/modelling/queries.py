"""What models and templates can be asked (模型与模板查询); they belong to the province, not to a unit."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, Q, QuerySet

from taxops.systems.quality5c.definitions import queries as indicators
from taxops.systems.quality5c.definitions.rules import Difference, differences

from .models import EvaluationModel, ModelVersion, SchemeTemplate
from .rules import Spread, codes_of


def list_models() -> QuerySet[EvaluationModel]:
    """Return all models with how many versions wait for review."""
    return EvaluationModel.objects.annotate(
        n_versions=Count("versions"), n_waiting=Count("versions", filter=Q(versions__state="review"))
    )


def find_model(pk: int) -> EvaluationModel | None:
    """Return one model."""
    return list_models().filter(pk=pk).first()


def versions_of(code: str) -> list[ModelVersion]:
    """Return a model's versions, newest first."""
    return list(ModelVersion.objects.select_related("model").filter(model__code=code).order_by("-number"))


def find_version(pk: int) -> ModelVersion | None:
    """Return one version."""
    return ModelVersion.objects.select_related("model").filter(pk=pk).first()


def waiting() -> list[ModelVersion]:
    """Return the versions that wait for review, the longest waiting first (待复核)."""
    return list(
        ModelVersion.objects.filter(state="review").select_related("model").order_by("created_at", "pk")
    )


def live_version(model: EvaluationModel) -> ModelVersion | None:
    """Return the version that counts now."""
    return model.versions.filter(number=model.live_version or 0).first()


def uses_of(indicator: str) -> list[ModelVersion]:
    """Return every model version that uses an indicator and still counts or may come to count (影响清单)."""
    rows = (
        ModelVersion.objects.select_related("model")
        .exclude(state="retired")
        .order_by("model__code", "-number")
    )
    return [v for v in rows if indicator in codes_of(v.data)]


def spreads(level: str = "county") -> dict[str, Spread]:
    """Return code → how its values lie among the units of a level, where its goalposts could follow from them."""
    directions = {i.code: i.direction for i in indicators.list_indicators()}
    return {
        code: Spread(round(low, 6), round(high, 6), n, directions[code])
        for code, (low, high, n) in indicators.spread(level).items()
        if directions.get(code) in {"up", "down"} and high - low > 1e-6
    }


def compared(versions: Sequence[ModelVersion]) -> list[tuple[ModelVersion, list[Difference]]]:
    """Return versions, newest first, each with its differences from the one before (版本差异)."""
    return [
        (v, differences(versions[n + 1].data, v.data) if n + 1 < len(versions) else [])
        for n, v in enumerate(versions)
    ]


def choices() -> list[tuple[int, str]]:
    """Return the versions that a trial can take, newest first, with their state."""
    rows = ModelVersion.objects.exclude(state="retired").select_related("model").defer("data")
    return [(v.pk, f"{v}（{v.get_state_display()}）") for v in rows.order_by("model__code", "-number")]


def list_templates() -> QuerySet[SchemeTemplate]:
    """Return all scheme templates."""
    return SchemeTemplate.objects.select_related("model")


def find_template(pk: int) -> SchemeTemplate | None:
    """Return one scheme template."""
    return list_templates().filter(pk=pk).first()
