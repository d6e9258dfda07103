"""The receiver of syslog (系统日志接收): UDP and TCP on one port, rate limited by sender; what is dropped is counted.

The loop only cuts and counts; once a second a thread hands what came to `take`. When the database is away the lines
wait in a bounded queue, and what no longer fits counts as dropped: never silent, never without end.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from taxops.engines.base import BadInput
from taxops.systems.operations.intake.rules import Frames

_log = logging.getLogger("taxops.syslog")

Raw = tuple[bytes, str]
"""One line without its frame, and the address it came from."""
Take = Callable[[Sequence[Raw], int], None]
"""Takes lines and the number of those dropped since; raises when it cannot, and is asked again."""

MOST_WAITING = 50_000
BATCH = 5_000
MOST_SENDERS = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


@dataclass(slots=True)
class Receiver:
    """Takes lines from the network and hands them on.

    Args:
        take: stores them.
        per_second: how many lines a second one sender may bring, on average; twice as many at once.
        clock: seconds, for the limit.
    """

    take: Take
    per_second: float = 500.0
    clock: Callable[[], float] = time.monotonic
    waiting: deque[Raw] = field(default_factory=deque)
    dropped: int = 0
    received: int = 0
    _buckets: dict[str, _Bucket] = field(default_factory=dict)

    def offer(self, raw: bytes, sender: str) -> bool:
        """Take one line; False when it was dropped, and counted."""
        self.received += 1
        now = self.clock()
        bucket = self._buckets.get(sender)
        if bucket is None:
            if len(self._buckets) >= MOST_SENDERS:
                self._buckets.clear()  # everybody begins with a full bucket again
            bucket = self._buckets[sender] = _Bucket(self.per_second * 2, now)
        bucket.tokens = min(self.per_second * 2, bucket.tokens + (now - bucket.at) * self.per_second)
        bucket.at = now
        if bucket.tokens < 1 or len(self.waiting) >= MOST_WAITING:
            self.dropped += 1
            return False
        bucket.tokens -= 1
        self.waiting.append((raw, sender))
        return True

    def flush(self) -> int:
        """Hand on what waits, and the count of what was dropped; return how many lines. They stay when it fails."""
        batch = [self.waiting.popleft() for _ in range(min(BATCH, len(self.waiting)))]
        dropped, self.dropped = self.dropped, 0
        if not batch and not dropped:
            return 0
        try:
            self.take(batch, dropped)
        except Exception:
            self.waiting.extendleft(reversed(batch))
            self.dropped += dropped
            raise
        return len(batch)

    async def stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read one TCP connection to its end."""
        peer = writer.get_extra_info("peername")
        sender = str(peer[0]) if peer else "?"
        frames = Frames()
        try:
            while data := await reader.read(65_536):
                before = frames.lost
                for line in frames.feed(data):
                    self.offer(line, sender)
                self.dropped += frames.lost - before
            if rest := frames.end().strip():
                self.offer(rest, sender)
        except ConnectionError:
            _log.info("connection from %s was reset", sender)
        finally:
            writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    """Hands each datagram on as one line."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Take one datagram."""
        if data.strip():
            self.receiver.offer(data, addr[0])


async def listen(receiver: Receiver, host: str, port: int, *, ready: Callable[[int], None]) -> None:
    """Receive until SIGTERM or SIGINT; what waits then is handed on before it ends.

    Args:
        receiver: takes the lines.
        host: address to listen on.
        port: for both UDP and TCP; 0 takes a free one.
        ready: told the port when both listen.

    Raises:
        BadInput: the port is taken or not allowed.
    """
    loop = asyncio.get_running_loop()
    try:
        server = await asyncio.start_server(receiver.stream, host, port)
        port = server.sockets[0].getsockname()[1]
        transport, _ = await loop.create_datagram_endpoint(
            lambda: _Datagrams(receiver), local_addr=(host, port)
        )
    except OSError as error:
        raise BadInput(
            f"不能在 {host}:{port} 接收系统日志：{error.strerror or error}。",
            "请换一个端口（1024 以下的端口需要特权），或停掉占用它的程序。",
        ) from error
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError, RuntimeError):
            loop.add_signal_handler(number, stop.set)
    ready(port)
    try:
        while not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 1.0)
            await asyncio.to_thread(_flush_quietly, receiver)
    finally:
        transport.close()
        server.close()
        while receiver.waiting:
            if await asyncio.to_thread(_flush_quietly, receiver) == 0:
                break


def _flush_quietly(receiver: Receiver) -> int:
    """Hand on what waits; a fault is logged, and tried again in a second."""
    try:
        return receiver.flush()
    except Exception:  # noqa: BLE001 -- an edge: a busy database must not end the receiver
        _log.exception("lines could not be stored; %d wait", len(receiver.waiting))
        return 0
