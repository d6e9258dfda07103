"""Probers: which there are, how they do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db.models import Case, CharField, Count, Q, QuerySet, Value, When

from taxops.engines.base import NotFound, Scope, duration_words
from taxops.platform.identity.queries import within
from taxops.systems.operations.monitoring.models import Check, Outage, Prober
from taxops.systems.operations.monitoring.words import PASSIVE_KINDS

from .windows import VIEW

SILENT = timedelta(seconds=30)


def list_probers(scope: Scope, now: datetime) -> QuerySet[Prober]:
    """Return the probers with `liveness`: on, away, never seen, switched off."""
    return (
        Prober.objects.filter(within(scope, VIEW) | Q(org=None))
        .select_related("org", "token")
        .annotate(
            liveness=Case(
                When(enabled=False, then=Value("disabled")),
                When(last_seen_at=None, then=Value("pending")),
                When(last_seen_at__lt=now - SILENT, then=Value("offline")),
                default=Value("online"),
                output_field=CharField(),
            )
        )
        .order_by("code")
    )


def get_prober(scope: Scope, now: datetime, pk: int) -> Prober:
    """Return one prober.

    Raises:
        NotFound: none within the actor's range.
    """
    found = list_probers(scope, now).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这个探测器。", "它可能不在您的管理范围内。")
    return found


def prober_health(now: datetime) -> Mapping[str, object]:
    """Say how probing is doing, for `/healthz`."""
    seen = list(
        Prober.objects.filter(enabled=True, last_seen_at__isnull=False).values_list("last_seen_at", flat=True)
    )
    alive = sum(1 for at in seen if at is not None and now - at < SILENT)
    wanted = (
        Check.objects.filter(enabled=True, archived_at=None).exclude(kind__in=sorted(PASSIVE_KINDS)).exists()
    )
    if alive:
        return {"status": "ok", "detail": f"{alive} 个探测器在线"}
    if not wanted:
        return {"status": "ok", "detail": "没有需要探测的检查项"}
    if not seen:
        return {"status": "degraded", "detail": "没有探测器连接过"}
    last = max(at for at in seen if at is not None)
    return {
        "status": "degraded",
        "detail": f"探测器已 {duration_words((now - last).total_seconds())} 没有联系",
    }


def gauges(now: datetime) -> Iterable[tuple[str, str, Mapping[str, str], float]]:
    """Yield counts for `/metrics`: checks by phase, outages now, probers."""
    found = Check.objects.filter(archived_at=None, enabled=True).aggregate(
        all=Count("pk"), down=Count("pk", filter=Q(state__phase__in=[3, 4]))
    )
    yield "taxops_checks", "Checks that are switched on.", {}, float(found["all"])
    yield "taxops_checks_down", "Checks in a hard outage.", {}, float(found["down"])
    open_now = Outage.objects.filter(ended_at=None, withdrawn_at=None, system__isnull=False).count()
    yield "taxops_systems_down", "Systems in an outage.", {}, float(open_now)
    alive = Prober.objects.filter(enabled=True, last_seen_at__gt=now - SILENT).count()
    yield "taxops_probers_online", "Probers heard of in the last 30 seconds.", {}, float(alive)
