"""What each of the lab's own processes runs on: it is told its mode on standard input, ends with its keeper.

The keeper writes `mode <name>` lines; the process applies the mode and repeats the line on standard
output, so that the keeper knows the instant from which the mode holds. `ready` comes first.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Mode:
    """How the process behaves at this moment (故障方式); empty: as it should."""

    name: str = ""
    changed: list[Callable[[str], None]] = field(default_factory=list)

    def become(self, name: str) -> None:
        """Take on a mode; `ok` is health."""
        self.name = "" if name == "ok" else name
        for tell in self.changed:
            tell(self.name)


def say(line: str) -> None:
    """Tell the keeper one line."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def _listen(mode: Mode) -> None:
    """Follow the keeper's lines until it is gone."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        word, _, value = line.decode().strip().partition(" ")
        if word == "mode":
            mode.become(value)
            say(f"mode {value}")


def run(start: Callable[[Mode], Awaitable[None]], mode: Mode | None = None) -> None:
    """Run a service: `start` opens it and returns, or keeps working; ends when the keeper does."""

    async def main() -> None:
        told = mode or Mode()
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        work = asyncio.ensure_future(start(told))
        listening = asyncio.ensure_future(_listen(told))
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait({listening, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in (work, listening, stopping):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work

    asyncio.run(main())


async def every(seconds: float, act: Callable[[], None]) -> None:
    """Call `act` now and each `seconds` from now on, for ever."""
    while True:
        act()
        await asyncio.sleep(seconds)
