"""What external data can be asked (外部数据查询)."""

from __future__ import annotations

from django.db.models import QuerySet

from taxops.platform.identity.models import OrgUnit

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


def sat_values(period: str, org: OrgUnit) -> dict[str, dict[str, float]]:
    """Return indicator → {average, best, target} that 总局 sent for a period, as it holds for a unit; one query.

    What was sent for the unit itself wins over what was sent for a unit above it, and the newest batch that counts
    over older ones.
    """
    codes = [code for code in org.path.split("/") if code]
    rows = ExternalValue.objects.filter(
        dataset="sat", period=period, batch__state=BatchState.APPLIED, org__code__in=codes
    ).values_list("org__code", "batch__imported_at", "batch_id", "item", "value")
    found: dict[str, dict[str, float]] = {}
    for _, _, _, item, value in sorted(rows, key=lambda r: (codes.index(r[0]), r[1], r[2])):
        code, _, which = item.partition(".")
        found.setdefault(code, {})[which] = value
    return found
