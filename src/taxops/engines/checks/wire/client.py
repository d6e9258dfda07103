"""One HTTP exchange (一次请求) over the wire, with redirects; what `http`, `flow` and `nginx` share."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import urljoin

from taxops.engines.base import BadInput
from taxops.engines.checks.model import Verdict

from .attempt import Attempt, literal, tls_context
from .failure import Failed, verify_words
from .http1 import BODY_LIMIT, Answer, excerpt, render
from .stream import READABLE, Stream, open_stream, socket_address
from .urls import Url, parse_url

_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key", "x-auth-token"})
REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Tls:
    """How TLS is spoken (TLS 选项).

    Args:
        verify: whether the certificate must be good.
        ca_file: a PEM file of authorities to trust besides none of the machine's; empty: the machine's own.
        server_name: the name to ask for and to check; empty: the host of the address.
        resume: whether sessions are taken up again, which spares the handshake's arithmetic.
    """

    verify: bool = True
    ca_file: str = ""
    server_name: str = ""
    resume: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent (请求), rendered once for all executions of a check."""

    method: str
    url: Url
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    limit: int = BODY_LIMIT
    connect_host: str = ""
    wire: bytes = b""
    address: tuple[int, Any] | None = None
    is_near: bool = False

    def ready(self) -> Request:
        """Return the request with its bytes and, for an IP literal, its socket address worked out."""
        host = self.connect_host or self.url.host
        return replace(
            self,
            wire=render(self.method, self.url, self.headers, self.body),
            address=socket_address(host, self.url.port),
            is_near=is_near(host) and literal(host) != 0,
        )

    def shown(self) -> str:
        """Return the head of the request for people, secrets blotted out."""
        head = self.wire.split(b"\r\n\r\n", 1)[0].decode("utf-8", "replace")
        return "\n".join(_blot(line) for line in head.splitlines())


def is_near(ip: str) -> bool:
    """Test whether an IP address is one of the machine's own loopback addresses."""
    return ip == "::1" or ip.startswith("127.")


def _blot(line: str) -> str:
    name, colon, value = line.partition(":")
    secret = colon and name.strip().lower() in _SECRET_HEADERS | {"set-cookie"}
    return f"{name}: ******" if secret and value.strip() else line


@dataclass(slots=True)
class Exchange:
    """An answer with what is known of the way to it (应答与连接信息)."""

    request: Request
    answer: Answer
    certificate: dict[str, Any] | None = None
    tls_version: str = ""
    redirects: int = 0

    def evidence(self, *, body_chars: int = 500) -> dict[str, Any]:
        """Return request and answer as a person wants to see them, without secrets."""
        answer = self.answer
        head = answer.head[:4096].decode("utf-8", "replace")
        found: dict[str, Any] = {
            "request": self.request.shown(),
            "response": "\n".join(_blot(line) for line in head.splitlines()),
            "body": answer.text()[:body_chars] if answer.complete else "",
            "size": len(answer.body),
        }
        if answer.truncated:
            found["truncated"] = True
        if self.tls_version:
            found["tls"] = self.tls_version
        return found


class Begun(NamedTuple):
    """An exchange that was begun elsewhere and is to be gone on with (已开始的请求).

    Args:
        address: family and socket address it goes to.
        began: when it began to connect, by the loop's clock.
        stream: its connection.
        connected: when the connection stood; 0.0: it does not yet.
        sent: when the request had gone; 0.0: it has not yet.
        data: what has come so far, nothing when the other side has finished; None: nobody has looked yet.
    """

    address: tuple[int, Any]
    began: float
    stream: Stream
    connected: float = 0.0
    sent: float = 0.0
    data: bytes | None = None


def exchange(
    attempt: Attempt, request: Request, tls: Tls | None = None, begun: Begun | None = None
) -> Coroutine[None, bool, Exchange]:
    """Send one request and read its answer, or go on with one that was begun.

    Raises:
        Failed: no complete answer came.
    """
    if begun is not None:
        return _plain(attempt, request, begun.address, begun)
    if request.address is not None and request.url.scheme == "http" and not attempt.tracing:
        return _plain(attempt, request, request.address)
    return _any(attempt, request, tls)


async def _plain(
    attempt: Attempt, request: Request, address: tuple[int, Any], begun: Begun | None = None
) -> Exchange:
    """Do what `_any` does where there is neither a name nor TLS nor anybody to look on, in far fewer steps."""
    wire, clock = request.wire, attempt.clock
    attempt.doing = "connect"
    came = 0.0
    _, began, stream, connected, sent, data = begun or Begun(address, clock(), Stream(attempt, address[0]))
    try:
        if begun is None and request.is_near and stream.start(address[1], wire):
            connected = sent = clock()
        elif not sent:
            if not connected:
                await stream.connect(address[1])
                connected = clock()
            attempt.doing = "send"
            if stream.sent or not stream.send_now(wire):
                await stream.send_rest(wire)
            sent = clock()
        attempt.doing = "wait"
        answer = Answer(request.method, request.limit)
        if data is None and not stream.hint & READABLE:
            await attempt.loop.park(stream)
        while data is None:
            data = stream.take()
            if data is None:
                await attempt.loop.park(stream)
        came = clock()
        attempt.doing = "read"
        while data:
            if answer.feed(data):
                break
            data = await stream.recv()
        else:
            answer.end()
        return Exchange(request, answer)
    finally:
        stream.close()
        if attempt.phases:
            add_up(attempt.phases, began, connected, sent, came, clock())
        elif came:
            attempt.phases = {
                "connect": (connected - began) * 1000.0,
                "send": (sent - connected) * 1000.0,
                "wait": (came - sent) * 1000.0,
                "read": (clock() - came) * 1000.0,
            }
        else:
            add_up(attempt.phases, began, connected, sent)


def add_up(phases: dict[str, float], began: float, *marks: float) -> None:
    """Book the time between marks on the phases, up to the first mark that was not reached."""
    for phase, mark in zip(("connect", "send", "wait", "read"), marks, strict=False):
        if not mark:
            return
        phases[phase] = phases.get(phase, 0.0) + (mark - began) * 1000.0
        began = mark


async def _any(attempt: Attempt, request: Request, tls: Tls | None) -> Exchange:
    url, address = request.url, request.address
    stream = await open_stream(attempt, request.connect_host or url.host, url.port, address)
    try:
        answer = Answer(request.method, request.limit)
        done = Exchange(request, answer)
        if url.scheme == "https":
            await _secure(attempt, stream, url, tls or Tls(), done)
        if not stream.send_now(request.wire):
            await stream.send_rest(request.wire)
        attempt.mark("send", "wait")
        data = await stream.recv()
        attempt.mark("wait", "read")
        while data:
            if answer.feed(data):
                break
            data = await stream.recv()
        else:
            answer.end()
        attempt.mark("read", "read")
        if attempt.tracing:
            attempt.note(
                "已收到响应", status=answer.status, size=len(answer.body), truncated=answer.truncated
            )
        if stream.tls is not None and tls is not None and tls.resume:
            attempt.memory["tls_session"] = (url.origin, stream.tls.session)
        return done
    finally:
        stream.close()


async def _secure(attempt: Attempt, stream: Stream, url: Url, tls: Tls, done: Exchange) -> None:
    attempt.begin("tls")
    try:
        context = tls_context(verify=tls.verify, ca_file=tls.ca_file)
    except OSError as error:
        raise Failed(f"读不出受信任机构的文件 {tls.ca_file}：{error}。", Verdict.UNKNOWN) from error
    session: ssl.SSLSession | None = None
    if tls.resume:
        origin, kept = attempt.memory.get("tls_session", (None, None))
        session = kept if origin == url.origin else None
    sock = await stream.start_tls(context, tls.server_name or url.host, session)
    attempt.mark("tls", "send")
    done.tls_version = sock.version() or ""
    done.certificate = sock.getpeercert() or None
    attempt.note("TLS 已建立", version=done.tls_version, resumed=bool(sock.session_reused))


async def fetch(
    attempt: Attempt,
    request: Request,
    tls: Tls | None = None,
    *,
    follow: int = 0,
    begun: Begun | None = None,
    on_answer: Callable[[Exchange], None] | None = None,
    headers_for: Callable[[Url], tuple[tuple[str, str], ...]] | None = None,
) -> Exchange:
    """Send a request and follow redirects.

    Args:
        attempt: the execution it belongs to.
        request: ready to be sent.
        tls: options of TLS.
        follow: how many redirects at most; 0: the redirect itself is the answer.
        begun: the first exchange, when it was begun elsewhere.
        on_answer: called with every answer, redirects included (cookies are set there).
        headers_for: further headers for a redirected address (cookies).

    Raises:
        Failed: no answer, or more redirects than allowed.
    """
    done = await exchange(attempt, request, tls, begun)
    if on_answer is not None:
        on_answer(done)
    redirects = 0
    while follow > 0 and done.answer.status in REDIRECTS:
        location = done.answer.headers.get("location")
        if not location:
            break
        if redirects >= follow:
            raise Failed(f"重定向超过 {follow} 次，最后一次指向 {excerpt(location.encode(), 120)}。")
        redirects += 1
        request = _redirected(done, location, headers_for)
        attempt.note("重定向", to=str(request.url))
        done = await exchange(attempt, request, tls)
        done.redirects = redirects
        if on_answer is not None:
            on_answer(done)
    return done


def _redirected(
    done: Exchange,
    location: str,
    headers_for: Callable[[Url], tuple[tuple[str, str], ...]] | None,
) -> Request:
    """Return the request that a redirect asks for; credentials stay at home."""
    old, status = done.request, done.answer.status
    try:
        url = parse_url(urljoin(str(old.url), location))
    except (BadInput, ValueError) as error:
        raise Failed(f"重定向的目标「{excerpt(location.encode(), 120)}」不是 http 或 https 网址。") from error
    keep_body = status in (307, 308) or old.method in ("GET", "HEAD")
    same = url.origin == old.url.origin
    dropped = set() if same else set(_SECRET_HEADERS) | {"host"}
    if headers_for is not None:
        dropped.add("cookie")
    if not keep_body:
        dropped |= {"content-type"}
    headers = tuple(h for h in old.headers if h[0].lower() not in dropped)
    if headers_for is not None:
        headers += headers_for(url)
    return Request(
        method=old.method if keep_body else "GET",
        url=url,
        headers=headers,
        body=old.body if keep_body else b"",
        limit=old.limit,
        connect_host=old.connect_host if same else "",
    ).ready()


def certificate_days(certificate: dict[str, Any] | None, now_ms: int) -> float | None:
    """Return the days left of a verified certificate, as the ssl module describes it."""
    if not certificate or "notAfter" not in certificate:
        return None
    return (ssl.cert_time_to_seconds(str(certificate["notAfter"])) - now_ms / 1000.0) / 86400.0


__all__ = [
    "Begun",
    "Exchange",
    "Request",
    "Tls",
    "add_up",
    "certificate_days",
    "exchange",
    "fetch",
    "verify_words",
]
