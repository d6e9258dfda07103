"""`taxops serve`: the site for real use: migrations, web and, when asked, worker and prober (服务)."""

from __future__ import annotations

import argparse
from pathlib import Path

from taxops.engines.base import BadInput

HELP = (
    "启动服务：检查并升级数据结构，启动网页；--with worker,prober,syslog 同时启动后台作业、探测器和日志接收"
)
PARTS = ("worker", "prober", "syslog")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "--with", dest="parts", default="", help="同时启动：worker,prober,syslog（以逗号分隔）"
    )
    parser.add_argument("--json", action="store_true", help="就绪后以一行 JSON 报告")
    parser.add_argument("--ready-file", type=Path, help="就绪后写入这个文件，结束时删除")


def run(args: argparse.Namespace) -> int:
    """Run until told to end.

    Raises:
        BadInput: `--with` names something unknown.
    """
    from taxops.project.site import Options, run_site

    parts = tuple(part.strip() for part in args.parts.split(",") if part.strip())
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        raise BadInput(f"--with 不认识「{'、'.join(unknown)}」。", f"可用：{'、'.join(PARTS)}。")
    return run_site(Options(demo=False, parts=parts, as_json=args.json, ready_file=args.ready_file))
