"""`taxops syslog`: receive syslog by UDP and TCP (接收系统日志)."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime

from taxops.engines.base import BadInput

HELP = "接收系统日志（UDP 与 TCP 同一端口），匹配规则的行成为告警"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--port", type=int, default=5514, metavar="端口", help="默认 5514；0 为任意空闲端口")
    parser.add_argument("--host", default="0.0.0.0", metavar="地址", help="监听地址，默认全部")  # noqa: S104 -- a receiver
    parser.add_argument(
        "--source", default="syslog", metavar="代码", help="记在哪个接入来源名下，默认 syslog"
    )
    parser.add_argument(
        "--per-second", type=float, default=500.0, metavar="行", help="每个发送方每秒最多多少行，默认 500"
    )
    parser.add_argument("--json", action="store_true", help="就绪后以一行 JSON 报告端口")


def run(args: argparse.Namespace) -> int:
    """Receive until SIGTERM or Ctrl-C.

    Raises:
        BadInput: an impossible port or limit, or the port is taken.
    """
    if not 0 <= args.port <= 65_535:
        raise BadInput("端口须在 0 到 65535 之间。")
    if not 1 <= args.per_second <= 1_000_000:
        raise BadInput("每秒行数须在 1 到 1000000 之间。")
    from taxops.project.boot import django_ready

    django_ready()
    from django.db import close_old_connections

    from taxops.project.syslog_receiver import Raw, Receiver, listen
    from taxops.systems.operations.intake import services

    def take(batch: Sequence[Raw], dropped: int) -> None:
        close_old_connections()
        services.take_raw_lines(args.source, batch, now=datetime.now(UTC), dropped=dropped)

    def ready(port: int) -> None:
        words = (
            json.dumps({"port": port}) if args.json else f"正在 {args.host}:{port} 接收系统日志（UDP、TCP）。"
        )
        print(words, flush=True)  # the console is where this command speaks

    asyncio.run(listen(Receiver(take, args.per_second), args.host, args.port, ready=ready))
    return 0
