"""Reading the JSON of systems we did not write (JSON 读取): one request, every wrong shape put into words."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from taxops.engines.checks.model import Verdict
from taxops.engines.checks.wire import (
    Attempt,
    Exchange,
    Failed,
    Request,
    Tls,
    Url,
    excerpt,
    fetch,
    parse_url,
)

from .http_check import auth_headers, tls_of

MOST_BODY = 8 * 1024 * 1024
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Service:
    """An HTTP service whose paths are asked one after the other (接口服务)."""

    name: str
    base: Url
    headers: tuple[tuple[str, str], ...]
    tls: Tls

    def request(self, path: str, *, method: str = "GET", body: bytes = b"", **more: str) -> Request:
        """Return a request for a path below the base address, ready to be sent."""
        url = Url(self.base.scheme, self.base.host, self.base.port, self.base.target.rstrip("/") + path)
        headers = {"Accept": "application/json", **dict(self.headers)}
        if body:
            headers["Content-Type"] = "application/json"
        headers |= more
        return Request(method, url, tuple(headers.items()), body, limit=MOST_BODY).ready()


def service_of(name: str, target: str, params: Mapping[str, Any]) -> Service:
    """Return the service at an address, with the credentials and TLS options among the parameters.

    Raises:
        BadInput: the address or a header cannot be used.
    """
    url = parse_url(target)
    base = Url(url.scheme, url.host, url.port, url.target.split("?", 1)[0])
    return Service(name, base, tuple(auth_headers(params)), tls_of(params))


def segment(text: str) -> str:
    """Return a text as one segment of a path or one value of a query.

    >>> segment("a/b 税")
    'a%2Fb%20%E7%A8%8E'
    """
    return quote(text, safe="")


async def ask(attempt: Attempt, service: Service, request: Request) -> Any:
    """Send a request and return its JSON.

    Raises:
        Failed: no answer, a refusal, or something that is not JSON.
    """
    return json_of(service.name, await fetch(attempt, request, service.tls, follow=2))


def json_of(name: str, done: Exchange) -> Any:
    """Return the JSON of an answer.

    Raises:
        Failed: it is a refusal or something else.
    """
    answer, path = done.answer, done.request.url.target.split("?", 1)[0][:120]
    if answer.status in {401, 403}:
        raise Failed(
            f"{name}拒绝访问（HTTP {answer.status}）：账号或口令不对，或没有读取权限。", Verdict.UNKNOWN
        )
    if answer.status == 404:
        raise Failed(f"{name}没有 {path} 这个接口（HTTP 404），请核对地址与版本。")
    if not 200 <= answer.status < 300:
        raise Failed(f"{name}返回 HTTP {answer.status}：{excerpt(answer.body, 120) or '（无内容）'}。")
    if answer.truncated:
        raise Failed(f"{name}返回的内容超过 {MOST_BODY // 1048576} MiB，没有读完。")
    return parse_json(name, answer.body)


def parse_json(name: str, body: bytes) -> Any:
    """Return a body as JSON.

    Raises:
        Failed: it is something else.
    """
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Failed(f"{name}返回的不是 JSON，开头是「{excerpt(body, 60)}」。") from error


def as_object(name: str, value: Any) -> dict[str, Any]:
    """Return a JSON value that must be an object.

    Raises:
        Failed: it is not.
    """
    if isinstance(value, dict):
        return value
    raise Failed(f"{name}返回的内容不是预期的格式，可能不是{name}。")


def as_objects(name: str, value: Any) -> list[dict[str, Any]]:
    """Return a JSON value that must be a list of objects.

    Raises:
        Failed: it is not.
    """
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return value
    raise Failed(f"{name}返回的内容不是预期的格式，可能不是{name}。")


def number(value: Any, default: float = 0.0) -> float:
    """Return a JSON value or a number written as text; what is none becomes the default.

    >>> number("12"), number(None), number("-", 7), number(float("nan"))
    (12.0, 0.0, 7, 0.0)
    """
    try:
        found = float(value) if not isinstance(value, bool) else default
    except (TypeError, ValueError, OverflowError):
        return default
    return found if math.isfinite(found) else default


def text(value: Any, most: int = 200) -> str:
    """Return a JSON value as a short text."""
    return "" if value is None else str(value)[:most]


def named(items: Iterable[str], most: int = _SHOWN) -> str:
    """Return names for a sentence, the first few of many.

    >>> named(["a", "b", "c"], 2)
    'a、b 等 3 个'
    """
    listed = list(items)
    shown = "、".join(item[:120] for item in listed[:most])
    return shown if len(listed) <= most else f"{shown} 等 {len(listed)} 个"
