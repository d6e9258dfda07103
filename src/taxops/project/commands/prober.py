"""`taxops prober`: carry out checks and report to the centre, in a process without Django."""

from __future__ import annotations

import argparse
import os

HELP = "探测器：向平台取任务，执行检查，上报结果"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--url", help="平台地址（或环境变量 TAXOPS_URL），默认 http://127.0.0.1:8000")
    parser.add_argument(
        "--token", help="探测器令牌（或 TAXOPS_PROBER_TOKEN；命令行会被同机用户看到，建议用环境变量）"
    )
    parser.add_argument("--zone", help="网络区域（或 TAXOPS_PROBER_ZONE）")
    parser.add_argument("--spool", help="暂存目录（或 TAXOPS_PROBER_SPOOL），默认在数据目录下的 prober")
    parser.add_argument("--json", action="store_true", help="以 JSON 逐行输出")


def run(args: argparse.Namespace) -> int:
    """Run until SIGTERM or Ctrl-C."""
    from taxops.project.prober.main import options_from, serve

    return serve(options_from(args, dict(os.environ)))
