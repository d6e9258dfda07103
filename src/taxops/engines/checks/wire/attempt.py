"""One execution of a check (一次探测) as the wire sees it: loop, names, phases, and what it is doing now."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Protocol

from .loop import Loop

DOING = {
    "dns": "解析域名",
    "connect": "建立连接",
    "tls": "TLS 握手",
    "send": "发送请求",
    "wait": "等待响应",
    "read": "接收数据",
}


class Names(Protocol):
    """Turns a host name into addresses without blocking (域名解析)."""

    async def resolve(self, attempt: Attempt, host: str) -> list[str]:
        """Return IP addresses of a host, best first."""
        ...


class Attempt:
    """What the steps of one execution share.

    Args:
        loop: the event loop that carries it.
        names: the resolver.
        memory: a dictionary that lives as long as the check does: samples for rates, TLS sessions.
        tracing: whether every step is to be noted, as "try now" wants.
        wall_ms: milliseconds since 1970 at the start (time of fact).
        began: when it began by the loop's clock; None: now.
    """

    __slots__ = (
        "_began",
        "_last",
        "clock",
        "doing",
        "loop",
        "memory",
        "names",
        "notes",
        "phases",
        "tracing",
        "wall_ms",
    )

    def __init__(
        self,
        loop: Loop,
        names: Names,
        *,
        memory: dict[str, Any],
        tracing: bool,
        wall_ms: int,
        began: float | None = None,
    ) -> None:
        self.loop = loop
        self.clock: Callable[[], float] = loop.clock
        self.names = names
        self.memory = memory
        self.tracing = tracing
        self.wall_ms = wall_ms
        self.phases: dict[str, float] = {}
        self.notes: list[dict[str, Any]] = []
        self.doing = "connect"
        self._began = self._last = loop.clock() if began is None else began

    def begin(self, phase: str) -> None:
        """Enter a phase; time since the last mark that belongs to none is dropped."""
        self.doing = phase
        self._last = self.clock()

    def mark(self, phase: str, following: str) -> None:
        """Book the time since the last mark on `phase` and enter `following`."""
        now = self.clock()
        spent = (now - self._last) * 1000.0
        self.phases[phase] = self.phases[phase] + spent if phase in self.phases else spent
        self._last = now
        self.doing = following

    @property
    def elapsed_ms(self) -> float:
        """Milliseconds since the attempt began (已用时间)."""
        return (self.clock() - self._began) * 1000.0

    def note(self, step: str, **details: Any) -> None:
        """Write a line into the trace (过程记录), when somebody wants one."""
        if self.tracing:
            self.notes.append({"at_ms": round(self.elapsed_ms, 2), "step": step, **details})


@lru_cache(maxsize=64)
def tls_context(*, verify: bool, ca_file: str = "", check_name: bool = True) -> ssl.SSLContext:
    """Return a shared TLS context: making one reads the machine's whole list of authorities.

    Raises:
        OSError: the file of authorities cannot be read, or is not a PEM file.
    """
    context = ssl.create_default_context(cafile=ca_file or None)
    context.check_hostname = verify and check_name
    context.verify_mode = ssl.CERT_REQUIRED if verify else ssl.CERT_NONE
    context.options |= ssl.OP_IGNORE_UNEXPECTED_EOF
    return context


def literal(host: str) -> int:
    """Return the address family of an IP literal, or 0 for a name."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except OSError:
            continue
        return int(family)
    return 0
