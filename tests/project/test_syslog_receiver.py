"""The receiver of syslog: both ways in, limits that count, nothing lost while the database is away."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Sequence

import pytest

from taxops.engines.base import BadInput
from taxops.project.syslog_receiver import Raw, Receiver, listen

pytestmark = pytest.mark.same_everywhere


def test_both_ways_in_and_an_orderly_end() -> None:
    taken: list[bytes] = []

    def take(batch: Sequence[Raw], _dropped: int) -> None:
        taken.extend(raw for raw, _ in batch)

    def ready(port: int) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.sendto("<11>Jun  1 10:00:00 h a: 数据报".encode("gbk"), ("127.0.0.1", port))
        with socket.create_connection(("127.0.0.1", port)) as tcp:
            tcp.sendall(b"<11>one\n7 <11>two<11>cut")  # newline, then counted, then a line without its end

        async def end() -> None:
            while len(receiver.waiting) + len(taken) < 4:
                await asyncio.sleep(0.01)
            os.kill(os.getpid(), signal.SIGTERM)

        asyncio.get_running_loop().create_task(end())

    receiver = Receiver(take)
    asyncio.run(asyncio.wait_for(listen(receiver, "127.0.0.1", 0, ready=ready), 10))
    assert sorted(taken) == sorted(
        ["<11>Jun  1 10:00:00 h a: 数据报".encode("gbk"), b"<11>one", b"<11>two", b"<11>cut"]
    )
    assert not receiver.waiting


def test_who_sends_too_fast_is_cut_and_counted_and_others_are_not() -> None:
    clock = [0.0]
    receiver = Receiver(lambda _b, _d: None, per_second=10, clock=lambda: clock[0])
    assert sum(receiver.offer(b"x", "loud") for _ in range(100)) == 20
    assert receiver.offer(b"x", "calm")
    assert receiver.dropped == 80
    clock[0] = 1.0
    assert sum(receiver.offer(b"x", "loud") for _ in range(100)) == 10


def test_while_the_database_is_away_lines_wait_and_counts_are_kept() -> None:
    told: list[tuple[int, int]] = []

    def fails(_batch: Sequence[Raw], _dropped: int) -> None:
        raise OSError("away")

    receiver = Receiver(fails, per_second=1)
    for _ in range(5):
        receiver.offer(b"x", "h")
    with pytest.raises(OSError, match="away"):
        receiver.flush()
    assert (len(receiver.waiting), receiver.dropped) == (2, 3)
    receiver.take = lambda batch, dropped: told.append((len(batch), dropped))
    assert receiver.flush() == 2
    assert told == [(2, 3)]
    assert receiver.flush() == 0


def test_a_taken_port_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(BadInput, match="不能在"):
            asyncio.run(listen(Receiver(lambda _b, _d: None), "127.0.0.1", port, ready=lambda _p: None))
