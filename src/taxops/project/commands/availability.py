"""`taxops availability explain SYSTEM`: the arithmetic of a service year, line by line (可用性测算)."""

from __future__ import annotations

import argparse
import json

HELP = "可用性：打印一个系统服务年度的测算过程（explain 系统代码）"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="explain")
    explain = actions.add_parser("explain", help="打印测算过程；退出码 0 满足、1 不满足")
    explain.add_argument("system", help="系统代码，例如 tysl")
    explain.add_argument("--year", type=int, metavar="年", help="服务年度的起始年，默认当前服务年度")
    explain.add_argument("--json", action="store_true", help="以 JSON 输出")


def run(args: argparse.Namespace) -> int:
    """Print the arithmetic; exit code 1 when the contract's rules do not hold."""
    from datetime import UTC, datetime

    from taxops.project.boot import django_ready

    django_ready()
    from taxops.engines.base import Scope
    from taxops.systems.operations.availability import api, queries, rules

    scope = Scope.system("命令行", via="cli")
    standing = queries.standing_by_code(scope, datetime.now(UTC), args.system, year=args.year)
    if args.json:
        answer = api.plain(standing, lines=True)
        print(json.dumps(answer, ensure_ascii=False, default=lambda at: at.isoformat()))
    else:
        print("\n".join(rules.explain(standing.system.name, standing.reckoning)))
    return 0 if standing.reckoning.figures.holds else 1
