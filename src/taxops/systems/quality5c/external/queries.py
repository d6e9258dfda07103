"""What external data can be asked (外部数据查询)."""

from __future__ import annotations

from django.db.models import QuerySet

from .models import ExternalBatch, ExternalValue
from .words import BatchState


def list_batches() -> QuerySet[ExternalBatch]:
    """Return all batches, newest first."""
    return ExternalBatch.objects.all()


def find_batch(pk: int) -> ExternalBatch | None:
    """Return one batch."""
    return ExternalBatch.objects.filter(pk=pk).first()


def values_of(batch: ExternalBatch, limit: int = 500) -> list[ExternalValue]:
    """Return a batch's values with their units."""
    return list(batch.values_in.select_related("org").order_by("org__path", "item")[:limit])


def sat_values(period: str) -> dict[str, dict[str, float]]:
    """Return indicator → {average, best, target} that 总局 sent for a period, the newest batch that counts."""
    rows = (
        ExternalValue.objects.filter(dataset="sat", period=period, batch__state=BatchState.APPLIED)
        .order_by("batch__imported_at", "batch_id")
        .values_list("item", "value")
    )
    found: dict[str, dict[str, float]] = {}
    for item, value in rows:
        code, _, which = item.partition(".")
        found.setdefault(code, {})[which] = value
    return found
