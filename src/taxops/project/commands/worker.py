"""`taxops worker`: does the background work (执行后台作业)."""

from __future__ import annotations

import argparse

from taxops.engines.base import BadInput

HELP = "执行后台作业；可同时启动多个"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add `--once`, `--threads` and the pace."""
    parser.add_argument("--once", action="store_true", help="做完当前到期的作业就退出")
    parser.add_argument("--threads", type=int, default=2, metavar="N", help="同时执行几个作业，默认 2")
    parser.add_argument(
        "--grace", type=float, default=20.0, metavar="秒", help="收到停止信号后等待作业结束的时间"
    )
    parser.add_argument("--json", action="store_true", help="以 JSON 输出（与 --once 合用）")


def run(args: argparse.Namespace) -> int:
    """Work until SIGTERM or Ctrl-C; with `--once`, until nothing is due.

    Raises:
        BadInput: an impossible number of threads or seconds.
    """
    if not 1 <= args.threads <= 64:
        raise BadInput("线程数须在 1 到 64 之间。", "一般每个处理器核心 1 到 2 个。")
    if not 0 <= args.grace <= 3600:
        raise BadInput("等待时间须在 0 到 3600 秒之间。", "默认 20 秒。")
    from taxops.project.boot import django_ready

    django_ready()
    from taxops.platform.jobs.worker import Pace, Worker, drain

    if args.once:
        count = drain()
        print(f'{{"done": {count}}}' if args.json else f"已执行 {count} 个作业。")
        return 0
    worker = Worker(threads=args.threads, pace=Pace(grace_s=args.grace))
    worker.obey_signals()
    return worker.run()
