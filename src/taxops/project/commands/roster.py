"""`taxops roster gaps`: whether the contract's hours are covered, proven to the minute (缺岗核对)."""

from __future__ import annotations

import argparse
import json
from datetime import date, datetime, timedelta

from taxops.engines.base import BadInput, Scope, duration_words

HELP = "值班表：核对合同要求的时间是否都有人值守"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the act and its arguments."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="gaps")
    gaps = acts.add_parser("gaps", help="列出缺岗；没有缺岗返回 0，有缺岗返回 1")
    gaps.add_argument("--from", dest="first", required=True, metavar="日期", help="第一天，如 2026-06-01")
    gaps.add_argument("--to", dest="last", required=True, metavar="日期", help="最后一天，包含在内")
    gaps.add_argument("--post", default="", metavar="岗位代码", help="只核对一个岗位")
    gaps.add_argument("--json", action="store_true", help="以 JSON 输出")


def run(args: argparse.Namespace) -> int:
    """Print the coverage of each post and its gaps."""
    first, last = _day(args.first), _day(args.last)
    if last < first:
        raise BadInput("结束日期早于开始日期。", "请检查 --from 和 --to。")
    from taxops.project.boot import django_ready

    django_ready()
    from taxops.systems.operations.roster import queries

    posts = [p for p in queries.list_posts(Scope.system("命令行", via="cli")) if args.post in {"", p.code}]
    if args.post and not posts:
        raise BadInput(f"没有岗位「{args.post}」。", "请核对岗位代码。")
    start, end = queries.midnight(first), queries.midnight(last + timedelta(days=1))
    covered = queries.coverage_of(posts, start, end)
    found = [
        {
            "post": post.code,
            "name": post.name,
            "hours": post.hours,
            "people": post.people,
            "required_seconds": c.required_s,
            "covered_seconds": c.covered_s,
            "gaps": [
                {
                    "from": _text(queries.instant(g.start)),
                    "to": _text(queries.instant(g.end)),
                    "seconds": g.seconds,
                    "need": g.need,
                    "have": g.have,
                    "period": g.period,
                }
                for g in c.gaps
            ],
        }
        for post, c in covered
    ]
    n_gaps = sum(len(c.gaps) for _, c in covered)
    if args.json:
        print(json.dumps({"from": str(first), "to": str(last), "posts": found}, ensure_ascii=False, indent=2))
        return 1 if n_gaps else 0
    for row in found:
        missing = int(str(row["required_seconds"])) - int(str(row["covered_seconds"]))
        verdict = "全部有人值守" if not missing else f"缺岗 {duration_words(missing)}"
        print(f"{row['name']}（{row['post']}，{row['hours']}，{row['people']} 人）：{verdict}")
        for gap in row["gaps"]:  # type: ignore[attr-defined]  # a list of our own
            note = f"，{gap['period']}" if gap["period"] else ""
            print(f"  {gap['from']} 至 {gap['to']}，应有 {gap['need']} 人，实有 {gap['have']} 人{note}")
    if not found:
        print("还没有岗位。")
    return 1 if n_gaps else 0


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"「{text}」不是日期。", "写作 2026-06-01。") from error
    if not 2004 <= day.year <= 2098:
        raise BadInput(f"年份 {day.year} 超出范围。", "请选择 2004 到 2098 年。")
    return day


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M")
