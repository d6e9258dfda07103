"""Storage (存储与保留): how long what is kept, and samples of how large it is."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from taxops.engines.base import BadInput, Scope
from taxops.platform.audit import services as audit
from taxops.systems.operations.monitoring.models import ControlRoom, StorageSample
from taxops.systems.operations.monitoring.queries.storage import measured

LIMITS = {
    "raw_days": ("原始结果保留天数", 2, 90),
    "note_days": ("结果记录保留天数", 7, 730),
    "rollup_days": ("五分钟汇总保留天数", 366, 7305),
    "change_days": ("状态变化保留天数", 1096, 7305),
}
"""Field → word, least and most. A contract's year must stay provable, hence the least of the last two."""
_SAMPLES_DAYS = 800


def set_retention(
    scope: Scope, *, now: datetime, raw_days: int, note_days: int, rollup_days: int, change_days: int
) -> ControlRoom:
    """Say how long what is kept (设置保留期); what is older goes with the next night's cleaning.

    Raises:
        BadInput: a number is outside what is sensible.
        NotPermitted.
    """
    scope.require("monitoring.edit", "")
    given = {
        "raw_days": raw_days,
        "note_days": note_days,
        "rollup_days": rollup_days,
        "change_days": change_days,
    }
    for name, value in given.items():
        label, least, most = LIMITS[name]
        if not least <= value <= most:
            raise BadInput(f"{label}应在 {least} 到 {most} 之间。", field=name)
    with transaction.atomic():
        room, _ = ControlRoom.objects.select_for_update().get_or_create(pk=1)
        before = {name: getattr(room, name) for name in given}
        for name, value in given.items():
            setattr(room, name, value)
        room.save(update_fields=list(given))
        audit.record(
            scope,
            now=now,
            action="storage.retention",
            kind="storage",
            object_id=1,
            label="存储与保留",
            before=before,
            after=given,
            org_path="",
        )
    return room


def sample(*, now: datetime) -> int:
    """Note how large each table is (存储占用采样); return the bytes of all."""
    found = measured()
    with transaction.atomic():
        StorageSample.objects.filter(at__lt=now - timedelta(days=_SAMPLES_DAYS)).delete()
        StorageSample.objects.bulk_create(
            [StorageSample(at=now, table=name, size=size, rows=rows) for name, (size, rows) in found.items()],
            ignore_conflicts=True,
        )
    return sum(size for size, _ in found.values())
