"""Bands (基线): which metrics of a check are compared with past weeks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from taxops.engines.base import NotFound, Scope
from taxops.engines.checks import parse_bands
from taxops.platform.audit import services as audit
from taxops.platform.identity.queries import within
from taxops.systems.operations.monitoring.models import BandState, Check, CheckState
from taxops.systems.operations.monitoring.telling import tell_pages

from .checks import keeps_trends


def set_bands(scope: Scope, pk: int, *, now: datetime, bands: Sequence[dict[str, Any]]) -> Check:
    """Say which metrics of a check are compared, and how (设置基线); from now on their numbers are kept.

    Raises:
        BadInput: a rule cannot be.
        NotFound: no such check within the actor's range.
    """
    rules = parse_bands(list(bands))
    with transaction.atomic():
        # States are locked before anything else, as everywhere in this room.
        list(CheckState.objects.select_for_update(no_key=True).filter(pk=pk).values_list("pk"))
        check = (
            Check.objects.select_related("system__org")
            .filter(within(scope, "monitoring.edit", "system__org__path"), pk=pk, archived_at=None)
            .first()
        )
        if check is None:
            raise NotFound("没有这个检查项。", "它可能已归档，或不在您的管理范围内。")
        before = {"bands": check.bands}
        check.bands = [rule.data() for rule in rules]
        check.updated_at = now
        check.save(update_fields=["bands", "updated_at"])
        CheckState.objects.filter(pk=pk).update(keeps=keeps_trends(check))
        BandState.objects.filter(check_row=check).exclude(metric__in=[rule.metric for rule in rules]).delete()
        audit.record(
            scope,
            now=now,
            action="check.bands",
            kind="check",
            object_id=check.pk,
            label=check.name,
            before=before,
            after={"bands": check.bands},
            org_path=check.system.org.path,
        )
        tell_pages("check", scope_path=check.system.org.path)
    return check
