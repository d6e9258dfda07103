"""Posting JSON to an address (HTTP 推送) with a hard deadline, no redirects, and a bounded answer."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from taxops.engines.base import BadInput

from .base import Answer
from .deadline import Deadline

_MOST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Posted:
    """What the other side answered (应答)."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def excerpt(self) -> str:
        """The beginning of the answer as one line of text."""
        return " ".join(self.body[:400].decode(errors="replace").split())[:200]

    def json(self) -> dict[str, Any] | None:
        """Return the answer when it is a JSON object."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None


def check_url(url: str, *, field: str) -> None:
    """Do nothing when the address can be posted to.

    Raises:
        BadInput: it is not http(s), has no host, or carries a user name.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.username or not url.isascii() or " " in url:
        raise BadInput("推送地址不正确。", "请填写以 http:// 或 https:// 开头的完整地址。", field=field)


def post(
    url: str, payload: Mapping[str, Any] | bytes, *, headers: Mapping[str, str], timeout: float, verify: bool
) -> Posted | Answer:
    """Post and return what came back, or the failure in words; never raises for what a peer does."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    body = payload if isinstance(payload, bytes) else json.dumps(payload, ensure_ascii=False).encode()
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "TaxOps", **headers}
    with Deadline(timeout) as deadline:
        try:
            connection = http.client.HTTPConnection(host, parts.port or 80, timeout=timeout)
            secure = parts.scheme == "https"
            line = deadline.connect(host, parts.port or (443 if secure else 80))
            connection.sock = _secured(line, host, verify) if secure else line
            try:
                connection.request("POST", path, body, {"Host": _host(parts.netloc), **sent})
                response = connection.getresponse()
                return Posted(response.status, response.read(_MOST), dict(response.headers))
            finally:
                connection.close()
                line.close()
        except (OSError, http.client.HTTPException, ValueError) as error:
            return _failure(error, deadline, timeout)


def _host(netloc: str) -> str:
    return netloc.rpartition("@")[2]


def _secured(line: socket.socket, host: str, verify: bool) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(line, server_hostname=host)


def _failure(error: Exception, deadline: Deadline, timeout: float) -> Answer:
    """Return a failure in words for the delivery log."""
    return Answer(is_ok=False, text=in_words(error, is_over=deadline.is_over, timeout=timeout))


def in_words(error: Exception, *, is_over: bool, timeout: float) -> str:
    """Return what went wrong on the line, in Chinese."""
    if is_over or isinstance(error, TimeoutError):
        return f"对方在 {timeout:g} 秒内没有完成应答。"
    if isinstance(error, ConnectionRefusedError):
        return "对方拒绝连接，服务可能没有启动。"
    if isinstance(error, socket.gaierror):
        return "域名无法解析。"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"对方的证书不可信：{error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return "TLS 握手失败。"
    if isinstance(error, (ConnectionError, http.client.RemoteDisconnected)):
        return "对方中途断开了连接。"
    if isinstance(error, (http.client.HTTPException, ValueError)):
        return "对方的应答不是 HTTP。"
    return f"网络错误：{getattr(error, 'strerror', None) or type(error).__name__}。"


def judge(posted: Posted | Answer) -> Answer | None:
    """Return the answer when the HTTP status alone decides it was a failure; None: look at the body."""
    if isinstance(posted, Answer):
        return posted
    if 200 <= posted.status < 300:
        return None
    wait = posted.headers.get("Retry-After", "")
    # 4xx will not get better by itself, apart from "too early, too often, time-out".
    final = 400 <= posted.status < 500 and posted.status not in {408, 409, 423, 425, 429}
    return Answer(
        is_ok=False,
        text=f"HTTP {posted.status} {posted.excerpt}".strip(),
        is_final=final,
        retry_after=float(wait) if wait.isdecimal() else None,
    )
