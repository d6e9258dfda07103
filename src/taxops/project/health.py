"""Health and metrics (健康检查与指标): what a load balancer, an operator and Prometheus ask."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from taxops import __version__
from taxops.project.assemble import manifests


def _database() -> dict[str, object]:
    began = time.perf_counter()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except DatabaseError as error:
        return {"status": "down", "detail": f"数据库不可用：{error.__class__.__name__}"}
    took = (time.perf_counter() - began) * 1000
    return {"status": "ok", "detail": f"{connection.vendor}，往返 {took:.1f} 毫秒"}


def healthz(request: HttpRequest) -> JsonResponse:
    """Answer how process, database, worker and prober are; 503 only when the database is down.

    A prober or worker that is away degrades the answer but must not take the pages out of service:
    people need them most then.
    """
    now: datetime = request.now  # type: ignore[attr-defined]  # set by IdentityMiddleware
    parts: dict[str, object] = {
        "process": {"status": "ok", "detail": f"TaxOps {__version__}"},
        "database": _database(),
    }
    statuses = [parts["database"]["status"]]  # type: ignore[index]  # the dict made above
    if statuses == ["ok"]:
        for manifest in manifests():
            for name, ask in manifest.health:
                answer = dict(ask(now))
                parts[name] = answer
                statuses.append(answer.get("status", "down"))
    overall = "down" if statuses[0] != "ok" else "ok" if all(s == "ok" for s in statuses) else "degraded"
    return JsonResponse(
        {"status": overall, "at": now.isoformat(), "parts": parts},
        status=503 if overall == "down" else 200,
        json_dumps_params={"ensure_ascii": False},
    )


class _Rooms(Collector):
    """Turns what the rooms' gauge functions yield into Prometheus families."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterable[Metric]:
        families: dict[str, GaugeMetricFamily] = {}
        for manifest in manifests():
            for ask in manifest.gauges:
                for name, text, labels, value in ask(self.now):
                    keys = sorted(labels)
                    if name not in families:
                        families[name] = GaugeMetricFamily(name, text, labels=keys)
                    families[name].add_metric([labels[k] for k in keys], value)
        return families.values()


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer process and room metrics in Prometheus' text format; they carry counts, never content."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(_Rooms(request.now))  # type: ignore[attr-defined]  # set by IdentityMiddleware
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
