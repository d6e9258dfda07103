"""`taxops demo`: a province, its people, a lab of real services and everything that watches them (演示)."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "演示：一个省、各种角色的人员、一个由真实服务组成的实验室，全部在本机"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "--database",
        choices=("sqlite", "postgres"),
        default="",
        help="数据库：sqlite，或 postgres（随包附带，数据在数据目录中）；缺省按 TAXOPS_DATABASE_URL",
    )
    parser.add_argument("--no-lab", action="store_true", help="不启动实验室")
    parser.add_argument("--json", action="store_true", help="就绪后以一行 JSON 报告")
    parser.add_argument("--ready-file", type=Path, help="就绪后写入这个文件，结束时删除")


def run(args: argparse.Namespace) -> int:
    """Run until told to end."""
    from taxops.project.site import Options, run_site

    parts = ("worker", "prober") if args.no_lab else ("lab", "worker", "prober")
    return run_site(
        Options(
            demo=True,
            parts=parts,
            database=args.database,
            as_json=args.json,
            ready_file=args.ready_file,
        )
    )
