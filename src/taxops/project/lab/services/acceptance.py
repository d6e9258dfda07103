"""The acceptance service (受理服务): health, login, token and invoice query over HTTP, well or badly.

`python -m taxops.project.lab.services.acceptance PORT`. The data is invented; the password is public.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from taxops.project.lab.services.runtime import Mode, run, say

USER = "probe"
PASSWORD = "lab-only"  # noqa: S105  # of a service that exists on loopback while the demo runs
SLOW_S = 3.0
LIMIT = 64 * 1024
_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    413: "Payload Too Large",
    500: "Internal Server Error",
}


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, object]:
        """Return the body as an object; an unreadable one is empty."""
        try:
            value = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


class Acceptance:
    """The service: answers one request at a time for each connection."""

    def __init__(self, mode: Mode) -> None:
        self.mode = mode
        self.secret = os.urandom(16)
        self.answered = 0

    def _sign(self, text: str) -> str:
        return hashlib.blake2s(text.encode(), key=self.secret, digest_size=16).hexdigest()

    def route(self, request: Request) -> tuple[int, dict[str, object]]:
        """Return status and body for a healthy service."""
        routes = {
            ("GET", "/health"): self.health,
            ("POST", "/login"): self.login,
            ("POST", "/token"): self.token,
            ("GET", "/query"): self.query,
        }
        serve = routes.get((request.method, request.path))
        if serve is None:
            return 404, {"code": "404", "message": "没有这个地址"}
        return serve(request)

    def health(self, _: Request) -> tuple[int, dict[str, object]]:
        """Answer how the parts of the service are."""
        parts = {"db": "UP", "redis": "UP", "signature": "UP"}
        if self.mode.name == "degraded":
            return 200, {"code": "9", "message": "签章组件异常", "parts": {**parts, "signature": "DOWN"}}
        return 200, {"code": "0", "message": "正常", "parts": parts, "answered": self.answered}

    def login(self, request: Request) -> tuple[int, dict[str, object]]:
        """Give a ticket for the right password."""
        asked = request.json()
        if asked.get("user") != USER or asked.get("password") != PASSWORD:
            return 401, {"code": "1001", "message": "用户名或口令不正确"}
        return 200, {"code": "0", "data": {"ticket": self._sign("ticket")}}

    def token(self, request: Request) -> tuple[int, dict[str, object]]:
        """Exchange a ticket for a token."""
        if request.json().get("ticket") != self._sign("ticket"):
            return 401, {"code": "1002", "message": "票据无效"}
        return 200, {"code": "0", "data": {"access_token": self._sign("token"), "expires_in": 1800}}

    def query(self, request: Request) -> tuple[int, dict[str, object]]:
        """Answer an invented invoice to the holder of a token."""
        if request.headers.get("authorization") != f"Bearer {self._sign('token')}":
            return 401, {"code": "1003", "message": "令牌无效"}
        number = request.query.get("number", "")
        if len(number) != 20 or not number.isdigit():
            return 200, {"code": "2001", "message": "发票号码应为 20 位数字"}
        data = {"number": number, "status": "正常", "amount_fen": 128_00 + int(number[-3:])}
        return 200, {"code": "0", "data": data}

    async def answer(self, request: Request) -> bytes:
        """Return the bytes of the answer, as well or badly as the mode says."""
        self.answered += 1
        if self.mode.name == "slow":
            await asyncio.sleep(SLOW_S)
        if self.mode.name == "garbage":
            return os.urandom(300)
        status, body = self.route(request)
        if self.mode.name == "error":
            status, body = 500, {"code": "500", "message": "系统繁忙"}
        return response(status, body)

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until either side has had enough."""
        try:
            while True:
                request = await read_request(reader)
                if request is None:
                    break
                writer.write(await self.answer(request))
                await writer.drain()
                if self.mode.name == "garbage" or request.headers.get("connection", "").lower() == "close":
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            writer.transport.abort()  # a caller that sends nonsense or leaves is not an event here
        finally:
            writer.close()


def response(status: int, body: Mapping[str, object]) -> bytes:
    """Return an HTTP answer with a JSON body."""
    content = json.dumps(body, ensure_ascii=False).encode()
    head = (
        f"HTTP/1.1 {status} {_REASONS.get(status, 'Error')}\r\n"
        f"Server: lab-acceptance\r\nContent-Type: application/json; charset=utf-8\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Return the next request, or None when the caller has left.

    Raises:
        ValueError: it is not HTTP.
    """
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {}
    for line in lines:
        name, found, value = line.partition(":")
        if found:
            headers[name.strip().lower()] = value.strip()
    length = int(headers.get("content-length", "0"))
    if not 0 <= length <= LIMIT:
        raise ValueError("body too long")
    parts = urlsplit(target)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return Request(method, parts.path, query, headers, await reader.readexactly(length))


def main(port: int) -> None:
    """Serve on a loopback port until the keeper leaves."""

    async def start(mode: Mode) -> None:
        service = Acceptance(mode)
        server = await asyncio.start_server(service.connection, "127.0.0.1", port, limit=LIMIT, backlog=256)
        say("ready")
        await server.serve_forever()

    run(start)


if __name__ == "__main__":
    main(int(sys.argv[1]))
