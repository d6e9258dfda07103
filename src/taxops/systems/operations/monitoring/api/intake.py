"""What probers and jobs call: assignments, results, heartbeats."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Schema

from taxops.engines.base import NotPermitted
from taxops.systems.operations.monitoring import services

from .asking import asked
from .routers import heartbeats, probers


class CheckOut(Schema):
    """One check as a prober needs it (探测任务); secrets included."""

    id: int
    kind: str
    target: str
    params: dict[str, Any]
    conditions: list[str]
    warnings: list[str]
    interval_s: float
    retry_interval_s: float
    timeout_s: float
    confirm: int
    recover: int
    version: int


class Assignments(Schema):
    """What a prober has to do (任务清单)."""

    version: str
    checks: list[CheckOut]


class Receipt(Schema):
    """What became of a batch (回执)."""

    accepted: int
    duplicate: bool
    refused: int


_BATCH: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["boot", "seq", "results"],
                    "properties": {
                        "boot": {"type": "string", "maxLength": 40, "description": "本次启动的标识"},
                        "seq": {"type": "integer", "minimum": 0, "description": "批次号，同一次启动内不重复"},
                        "sent_at_ms": {"type": "integer", "description": "发送时刻（毫秒）"},
                        "self": {"type": "object", "description": "探测器自身指标"},
                        "results": {
                            "type": "array",
                            "maxItems": 10000,
                            "description": "[检查项, 版本, 时刻毫秒, 结论(0 正常 1 警告 2 异常 3 未知), 耗时微秒, "
                            "迟到毫秒, 说明|null, 指标|null, 过程|null]",
                            "items": {"type": "array", "minItems": 9, "maxItems": 9, "items": {}},
                        },
                    },
                }
            }
        },
    }
}


def _key(request: HttpRequest) -> str:
    """Return the prefix of the calling prober's token, by which it is known.

    Raises:
        NotPermitted: no token, or one that may not report.
    """
    who = asked(request)
    header = request.headers.get("Authorization", "")
    parts = header.split("_", 2)
    if who.scope.via != "api" or len(parts) != 3:
        raise NotPermitted("探测器须用接口令牌上报。", "请在请求头中提供 Authorization: Bearer <令牌>。")
    return parts[1]


@probers.get("/assignments", response={200: Assignments, 304: None}, summary="领取探测任务")
def assignments(request: HttpRequest, etag: str = "") -> Any:
    """Return what this prober has to do; 304 when `etag` is current. The call is a sign of life."""
    who = asked(request)
    prober = services.prober_of(who.scope, _key(request), now=who.now, address=who.scope.address)
    found = services.assignments(prober, etag, now=who.now, address=who.scope.address)
    return HttpResponse(status=304) if found is None else found


@probers.post("/results", response=Receipt, summary="上报检查结果", openapi_extra=_BATCH)
def results(request: HttpRequest) -> Any:
    """Take in a batch of results, once; a batch that is sent again is answered and changes nothing."""
    who = asked(request)
    prober = services.prober_of(who.scope, _key(request), now=who.now, address=who.scope.address)
    taken = services.take_report(prober, request.body, now=who.now, address=who.scope.address)
    return taken.as_dict()


def _beat(request: HttpRequest, key: str, signal: str) -> HttpResponse:
    who = asked(request)
    body = request.body[:2000].decode("utf-8", "replace") if request.method == "POST" else ""
    services.ping(key, signal, now=who.now, address=who.scope.address, body=body)
    return HttpResponse("OK", content_type="text/plain")


@heartbeats.api_operation(["GET", "POST"], "/{key}", summary="上报任务成功")
def success(request: HttpRequest, key: str) -> HttpResponse:
    """Take the sign that a job's run ended well."""
    return _beat(request, key, "success")


@heartbeats.api_operation(["GET", "POST"], "/{key}/{signal}", summary="上报任务开始、成功或失败")
def signal(request: HttpRequest, key: str, signal: str) -> HttpResponse:
    """Take a sign that a job's run began (start), ended well (success) or failed (fail)."""
    return _beat(request, key, signal)
