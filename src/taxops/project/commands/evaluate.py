"""`taxops evaluate SCHEME --period 2025-06`: scores of a scheme template for a period (综合评价)."""

from __future__ import annotations

import argparse
import json

HELP = "征管质量评价：按方案模板计算一个统计期的综合评级"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("scheme", help="方案模板代码，例如 county-month")
    parser.add_argument("--period", required=True, metavar="统计期", help="2025-06、2025Q2 或 2025")
    parser.add_argument("--trial", action="store_true", help="只计算，不写入任何结果")
    parser.add_argument(
        "--compute", action="store_true", help="先从数据仓库计算本期指标（与 --trial 不能同用）"
    )
    parser.add_argument("--json", action="store_true", help="以 JSON 输出")


def run(args: argparse.Namespace) -> int:
    """Evaluate and print.

    Raises:
        BadInput: both --trial and --compute, no period. NotFound: no such template.
    """
    from datetime import UTC, datetime

    from taxops.project.boot import django_ready

    django_ready()
    from taxops.engines.base import BadInput, Scope
    from taxops.systems.quality5c.definitions import computing
    from taxops.systems.quality5c.evaluation import services
    from taxops.systems.quality5c.revisions import services as revisions

    if args.trial and args.compute:
        raise BadInput("--trial 不写入任何结果，不能同时 --compute。", "请先不带 --trial 计算指标。")
    scope, now = Scope.system("命令行", via="cli"), datetime.now(UTC)
    if args.compute:
        revisions.recompute(computing.folder(), args.period, now=now)
    answer = services.evaluate_template(
        scope, now=now, template=args.scheme, period=args.period, trial=args.trial
    )
    if args.json:
        print(json.dumps(answer, ensure_ascii=False))
        return 0
    print(f"{answer['name']}{'（试算，未写入）' if args.trial else ''}　结果摘要 {answer['hash'][:16]}")
    for unit in answer["units"]:
        score = "不予评价" if unit["score"] is None else f"{unit['score']:.2f}"
        near = "　临界" if unit["borderline"] else ""
        print(f"{unit['rank']:>4}  {unit['name']}　{score}　{unit['grade']}　{unit['class']}{near}")
    return 0
