"""The way to the centre (上行): assignments in, results out, each in a thread of its own, with back-off."""

from __future__ import annotations

import http.client
import json
import secrets
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from taxops.engines.base import BadInput
from taxops.engines.checks import CheckSpec
from taxops.project.prober.assignments import read_assignments, without_secrets
from taxops.project.prober.clocks import monotonic, wall_ms
from taxops.project.prober.outbox import Outbox, body_of
from taxops.project.prober.spool import Batch, Spool

FLUSH_S = 2.0
GATHER_S = 0.03
ASK_EVERY_S = 5.0
REQUEST_S = 10.0
_FIRST_WAIT_S = 0.25
_MOST_WAIT_S = 10.0
_MOST_ANSWER = 64 * 1024 * 1024

Say = Callable[[str], None]


class Away(Exception):
    """The centre cannot be reached or will not hear us now (平台不可达); the message says why."""


class Refused(Exception):
    """The centre will never take this batch (拒收); the message says why."""


class Centre:
    """One kept-alive connection to the centre (平台连接), for one thread.

    Args:
        url: of the centre.
        token: the prober's.

    Raises:
        BadInput: the address cannot be used.
    """

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise BadInput(f"平台地址「{url[:80]}」无效。", "例如 https://taxops.example.cn。")
        if not token.isascii() or any(c.isspace() for c in token):
            raise BadInput("探测器令牌无效：其中有空白或非英文字符。", "请重新复制令牌。")
        self._parts = parts
        self._base = parts.path.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._connection: http.client.HTTPConnection | None = None

    def _connect(self) -> http.client.HTTPConnection:
        if self._connection is None:
            host, port = self._parts.hostname or "", self._parts.port
            if self._parts.scheme == "https":
                self._connection = http.client.HTTPSConnection(host, port, timeout=REQUEST_S)
            else:
                self._connection = http.client.HTTPConnection(host, port, timeout=REQUEST_S)
            self._connection.connect()
            self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._connection

    def call(self, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
        """Make one call and return status and JSON; a connection gone stale is made again once.

        Raises:
            Away: no answer.
        """
        for attempt in (1, 2):
            fresh = self._connection is None
            try:
                connection = self._connect()
                connection.request(method, self._base + path, body, self._headers)
                response = connection.getresponse()
                raw = response.read(_MOST_ANSWER)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                stale = isinstance(
                    error, http.client.RemoteDisconnected | ConnectionResetError | BrokenPipeError
                )
                if stale and not fresh and attempt == 1:
                    continue
                raise Away(_why(error)) from error
            try:
                return response.status, json.loads(raw) if raw else None
            except ValueError:
                return response.status, None
        raise Away("平台断开了连接")

    def close(self) -> None:
        """Drop the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _why(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "平台没有在监听（连接被拒绝）"
    if isinstance(error, TimeoutError):
        return "平台没有应答（超时）"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "平台的证书不可信"
    if isinstance(error, socket.gaierror):
        return "平台的主机名无法解析"
    if isinstance(error, http.client.HTTPException):
        return f"平台的应答不完整（{type(error).__name__}）"
    return f"连接失败（{getattr(error, 'strerror', None) or type(error).__name__}）"


def _told(answer: Any) -> str:
    return str(answer.get("what", "")) if isinstance(answer, dict) else ""


def _check_status(status: int, answer: Any) -> None:
    """Raise for anything but a plain yes.

    Raises:
        Away: later it may be different.
        Refused: never.
    """
    if status in {200, 201, 202, 304}:
        return
    told = _told(answer)
    if status == 401:
        raise Away(
            f"平台不接受令牌（401）：{told or '令牌无效、已过期或已吊销'}；请用 taxops token create 重新签发"
        )
    if status == 403:
        raise Away(f"令牌没有上报权限（403）：{told or '需要 probers.report'}")
    if status in {400, 409, 413, 415, 422}:
        raise Refused(f"平台拒收（{status}）：{told or '内容不符'}")
    raise Away(f"平台返回 HTTP {status}{told and '：' + told}")


class _Mood:
    """Says a change of state once, not at every attempt (状态提示)."""

    def __init__(self, say: Say, good: str) -> None:
        self._say = say
        self._good = good
        self._last = ""

    def well(self) -> None:
        """All is well; said after trouble only."""
        if self._last:
            self._last = ""
            self._say(self._good)

    def trouble(self, why: str) -> None:
        """Something is wrong; said when it is new."""
        if why != self._last:
            self._last = why
            self._say(why)


class Sender:
    """Turns what lies in the outbox into batches, keeps them in the spool and sends them in order (上报线程).

    Args:
        centre: the connection.
        outbox: where rows come from.
        spool: where batches wait.
        figures: what the prober says of itself; asked at every regular batch.
        say: prints a line for people.
    """

    def __init__(
        self,
        centre: Centre,
        outbox: Outbox,
        spool: Spool,
        figures: Callable[[], dict[str, float]],
        say: Say,
    ) -> None:
        self.boot = secrets.token_hex(8)
        self.sent = 0
        self._centre = centre
        self._outbox = outbox
        self._spool = spool
        self._figures = figures
        self._mood = _Mood(say, "上报已恢复。")
        self._say = say
        self._seq = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="uplink-results", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """Spool what is left, try once more to send it, and end; what is not sent stays in the spool."""
        self._stop.set()
        self._outbox.urgent.set()
        self._thread.join(timeout_s)
        self._pack(None)

    def _work(self) -> None:
        flush_at = monotonic() + FLUSH_S
        try_at, wait_s = 0.0, _FIRST_WAIT_S
        while True:
            now = monotonic()
            until = flush_at if self._outbox.urgent.is_set() or try_at <= now else min(flush_at, try_at)
            self._outbox.urgent.wait(max(0.0, until - now))
            stopping = self._stop.is_set()
            if self._outbox.urgent.is_set() and not stopping:
                self._stop.wait(GATHER_S)  # what changes together travels together
                self._outbox.urgent.clear()
            regular = monotonic() >= flush_at
            if regular:
                flush_at = monotonic() + FLUSH_S
            self._pack(self._figures() if regular else None)
            if stopping or monotonic() >= try_at:
                if self._send_all(stopping):
                    try_at, wait_s = 0.0, _FIRST_WAIT_S
                else:
                    try_at = monotonic() + wait_s
                    wait_s = min(_MOST_WAIT_S, wait_s * 2)
            if stopping:
                self._centre.close()
                return

    def _pack(self, figures: dict[str, float] | None) -> None:
        """Put everything in the outbox into the spool; a batch with figures alone keeps the centre informed."""
        while True:
            rows = self._outbox.take()
            if not rows and figures is None:
                return
            self._seq += 1
            now_ms = wall_ms()
            if figures is not None:
                figures = {
                    **figures,
                    "spooled": float(self._spool.waiting),
                    "dropped": float(self._spool.dropped),
                    "refused": float(self._spool.refused),
                }
            body = body_of(self.boot, self._seq, now_ms, rows, figures)
            self._spool.put(self.boot, self._seq, now_ms, len(rows), body)
            figures = None

    def _send_all(self, stopping: bool) -> bool:
        """Send batches, oldest first; return whether the centre took them all."""
        until = monotonic() + 1.0
        while (batch := self._spool.first()) is not None:
            if stopping and monotonic() > until:
                return False
            try:
                self._send(batch)
            except Refused as error:
                self._say(f"{error}；该批 {batch.rows} 条结果已存入暂存文件的 refused 表。")
                self._spool.refuse(batch, str(error))
                continue
            except Away as error:
                self._mood.trouble(f"{error}。结果暂存在本地，继续重试。")
                return False
            self._spool.done(batch)
            self.sent += batch.rows
            self._mood.well()
            if self._outbox.urgent.is_set() and not stopping:
                self._outbox.urgent.clear()
                self._pack(None)
        return True

    def _send(self, batch: Batch) -> None:
        status, answer = self._centre.call("POST", "/api/v1/probers/results", batch.body)
        _check_status(status, answer)
        if not isinstance(answer, dict) or "accepted" not in answer:
            raise Away("平台的应答无法识别，请核对 --url 是否指向 TaxOps 平台")


class Asker:
    """Asks the centre what to do, again and again (任务线程).

    Args:
        centre: a connection of its own.
        zone: of this prober.
        assign: takes new assignments.
        spool: keeps the last ones for a start without the centre.
        say: prints a line for people.
    """

    def __init__(
        self, centre: Centre, zone: str, assign: Callable[[list[CheckSpec]], None], spool: Spool, say: Say
    ) -> None:
        self._centre = centre
        self._zone = zone
        self._assign = assign
        self._spool = spool
        self._mood = _Mood(say, "已重新取得探测任务。")
        self._say = say
        self._version = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="uplink-assignments", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, without waiting for a call that is under way."""
        self._stop.set()

    def _work(self) -> None:
        self._begin_with_last()
        wait_s = _FIRST_WAIT_S
        while not self._stop.is_set():
            try:
                self._ask()
            except (Away, Refused, BadInput) as error:
                self._mood.trouble(f"取不到探测任务：{str(error).rstrip('。')}。")
                self._stop.wait(wait_s)
                wait_s = min(ASK_EVERY_S, wait_s * 2)
            else:
                self._mood.well()
                wait_s = _FIRST_WAIT_S
                self._stop.wait(ASK_EVERY_S)
        self._centre.close()

    def _begin_with_last(self) -> None:
        """Go on with the last assignments until the centre answers."""
        kept = self._spool.recall("assignments")
        if kept:
            _, specs, _ = read_assignments(kept)
            if specs:
                self._assign(specs)

    def _ask(self) -> None:
        query = f"?etag={quote(self._version)}" + (f"&zone={quote(self._zone)}" if self._zone else "")
        status, answer = self._centre.call("GET", "/api/v1/probers/assignments" + query)
        _check_status(status, answer)
        if status == 304:
            return
        version, specs, wrong = read_assignments(answer)
        if version == self._version and version:
            return
        for words in wrong[:10]:
            self._say(f"有一项检查定义无法使用，已略过：{words}")
        self._assign(specs)
        self._version = version
        self._spool.keep("assignments", without_secrets(answer))
        self._say(f"已取得探测任务：{len(specs)} 项检查。")


def figures_text(figures: Mapping[str, float]) -> str:
    """Return the prober's figures for people."""
    return (
        f"检查 {figures['checks']:.0f} 项，已执行 {figures['made']:.0f} 次，"
        f"迟到 p99 {figures['late_p99_ms']:.0f} 毫秒，内存 {figures['rss_mb']:.0f} MB"
    )
