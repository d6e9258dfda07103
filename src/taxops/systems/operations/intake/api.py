"""What other watches call (接入接口): webhooks in, service discovery out."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from ninja import Router, Schema

from taxops.engines.base import NotPermitted
from taxops.systems.operations.monitoring.api.asking import asked

from . import queries, services
from .services import Taken

intake = Router(tags=["接入"])
discovery = Router(tags=["服务发现"])


class TakenOut(Schema):
    """What became of a message (接收结果)."""

    accepted: int
    duplicate: int
    raised: int
    resolved: int
    unmatched: int


def _body(example: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "example": example}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


_ALERTMANAGER = _body(
    {
        "version": "4",
        "status": "firing",
        "alerts": [
            {
                "status": "firing",
                "labels": {"alertname": "HostDown", "severity": "critical"},
                "annotations": {"summary": "主机不可达"},
                "startsAt": "2026-06-01T10:00:00+08:00",
                "endsAt": "0001-01-01T00:00:00Z",
            }
        ],
    }
)
_ZABBIX = _body(
    {
        "event_id": "18321",
        "event_value": "1",
        "trigger_id": "13502",
        "host": "db-01",
        "name": "磁盘剩余空间不足",
        "severity": "High",
        "time": "1780279200",
    }
)
_EVENTS = _body(
    {
        "events": [
            {
                "key": "e-1",
                "status": "firing",
                "labels": {"app": "开票", "node": "n1"},
                "title": "开票接口超时",
                "severity": "critical",
                "at": "2026-06-01T10:00:00+08:00",
            }
        ]
    }
)


def _take(request: HttpRequest, kind: str) -> dict[str, int]:
    """Take a body in for the source of the calling token.

    Raises:
        NotPermitted: no token, or one that may not push.
    """
    who = asked(request)
    who.scope.require(services.PUSH)
    parts = request.headers.get("Authorization", "").split("_", 2)
    if who.scope.via != "api" or len(parts) != 3:
        raise NotPermitted("外部系统须用接口令牌推送。", "请在请求头中提供 Authorization: Bearer <令牌>。")
    source = services.source_of(who.scope, kind, parts[1])
    taken: Taken = services.take_body(source, request.body, now=who.now)
    return taken.as_dict()


@intake.post(
    "/alertmanager", response=TakenOut, summary="Alertmanager 告警（v4）", openapi_extra=_ALERTMANAGER
)
def alertmanager(request: HttpRequest) -> Any:
    """Take in what Alertmanager posts, firing and resolved."""
    return _take(request, "alertmanager")


@intake.post("/zabbix", response=TakenOut, summary="Zabbix 告警（webhook 媒介）", openapi_extra=_ZABBIX)
def zabbix(request: HttpRequest) -> Any:
    """Take in a problem or a recovery of Zabbix."""
    return _take(request, "zabbix")


@intake.post("/events", response=TakenOut, summary="通用事件，一次最多 1,000 条", openapi_extra=_EVENTS)
def events(request: HttpRequest) -> Any:
    """Take in a batch of events; each key once, however often it is sent."""
    return _take(request, "events")


@discovery.get("/prometheus", summary="Prometheus HTTP 服务发现")
def prometheus(request: HttpRequest) -> JsonResponse:
    """Return the checks' targets with their labels, as `http_sd_configs` wants them."""
    who = asked(request)
    who.scope.require(queries.VIEW)
    return JsonResponse(queries.targets(who.scope), safe=False)


ROUTERS = [("/intake", intake), ("/discovery", discovery)]
