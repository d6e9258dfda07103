"""The prober's process from start to end (探测器进程)."""

from __future__ import annotations

import gc
import json
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from taxops.engines.base import BadInput
from taxops.engines.checks import CheckSpec, Prober, Tools
from taxops.project.prober.clocks import monotonic, wall_ms
from taxops.project.prober.drivers import Drivers
from taxops.project.prober.outbox import Outbox
from taxops.project.prober.spool import Spool
from taxops.project.prober.uplink import Asker, Centre, Sender

_END_S = 1.3


@dataclass(frozen=True, slots=True)
class Options:
    """How a prober is started (探测器参数)."""

    url: str
    token: str
    zone: str
    spool: Path
    as_json: bool = False


class _Speaker:
    """Prints lines for people, or objects for machines (输出)."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._lock = threading.Lock()

    def __call__(self, text: str) -> None:
        """Print one line."""
        line = json.dumps({"at_ms": wall_ms(), "text": text}, ensure_ascii=False) if self._as_json else text
        with self._lock:
            sys.stderr.write(line + "\n")
            sys.stderr.flush()


def lift_file_limit() -> None:
    """Let the prober open as many descriptors as it is permitted to: each running check holds one."""
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(most, 65_536) if most != resource.RLIM_INFINITY else 65_536
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def serve(options: Options) -> int:
    """Work until told to end; return the exit code.

    Raises:
        BadInput: address, token or spool folder cannot be used.
    """
    if not options.token:
        raise BadInput("没有探测器令牌。", "请用 --token 或环境变量 TAXOPS_PROBER_TOKEN 给出。")
    say = _Speaker(as_json=options.as_json)
    centres = Centre(options.url, options.token), Centre(options.url, options.token)
    spool = Spool(options.spool)
    lift_file_limit()
    outbox = Outbox()
    prober = Prober(
        clock=monotonic,
        wall_ms=wall_ms,
        emit=outbox.add,
        still=outbox.still,
        tools=Tools(
            database=Drivers(),
            keep=lambda check_id, state: spool.keep(f"check.{check_id}", state),
            recall=lambda check_id: spool.recall(f"check.{check_id}") or {},
        ),
    )

    def assign(specs: list[CheckSpec]) -> None:
        prober.assign(specs)
        prober.loop.post(_settle)

    sender = Sender(centres[0], outbox, spool, prober.figures, say)
    asker = Asker(centres[1], options.zone, assign, spool, say)

    def end(_signal: int, _frame: FrameType | None) -> None:
        prober.stop()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, end)
    left = f"，暂存中有 {spool.waiting} 批待上报" if spool.waiting else ""
    say(f"探测器已启动：平台 {options.url}{left}。")
    sender.start()
    asker.start()
    try:
        prober.run()
    finally:
        asker.stop()
        sender.stop(_END_S)
        prober.close()
        waiting = spool.waiting
        spool.close()
    say(f"探测器已停止{f'，{waiting} 批结果留在暂存中' if waiting else ''}。")
    return 0


def _settle() -> None:
    """Spare the collector the thousands of objects that assignments leave behind for good."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)  # next to nothing of what comes and goes is a cycle


def options_from(arguments: Any, environ: dict[str, str]) -> Options:
    """Return the options of the command line, the environment standing in for what is not given."""
    data = Path(environ.get("TAXOPS_DATA") or "var/data")
    url = (
        arguments.url
        or environ.get("TAXOPS_URL")
        or f"http://127.0.0.1:{environ.get('TAXOPS_PORT') or '8000'}"
    )
    return Options(
        url=url,
        token=(arguments.token or environ.get("TAXOPS_PROBER_TOKEN") or "").strip(),
        zone=arguments.zone or environ.get("TAXOPS_PROBER_ZONE") or "",
        spool=Path(arguments.spool or environ.get("TAXOPS_PROBER_SPOOL") or data / "prober"),
        as_json=arguments.json,
    )
