"""`taxops storage`: what monitoring stores now, a day, and at the end of its retention (容量预测)."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime

HELP = "存储占用与容量预测：各表现在多大、每天增加多少、到保留期末多大"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the one option."""
    parser.add_argument("--json", action="store_true", help="以 JSON 输出")


def run(args: argparse.Namespace) -> int:
    """Measure and print."""
    from taxops.project.boot import django_ready

    django_ready()
    from taxops.systems.operations.monitoring import queries
    from taxops.systems.operations.monitoring.rules import total

    rows = queries.storage(datetime.now(UTC), fresh=True)
    size, a_day, at_end = total(rows)
    if args.json:
        tables = [
            {
                "table": row.table,
                "title": row.title,
                "rows": row.rows,
                "bytes": row.size,
                "rows_a_day": round(row.rows_a_day),
                "bytes_a_day": round(row.bytes_a_day),
                "days": row.days,
                "bytes_at_the_end": round(row.at_the_end()),
            }
            for row in rows
        ]
        answer = {
            "tables": tables,
            "bytes": size,
            "bytes_a_day": round(a_day),
            "bytes_at_the_end": round(at_end),
        }
        print(json.dumps(answer, ensure_ascii=False))
        return 0
    print(f"{'行数':>12} {'现在':>10} {'每天':>10} {'到期末':>10}  保留      内容")
    for row in rows:
        kept = f"{row.days} 天" if row.days else "永久"
        print(
            f"{row.rows:>14,} {_size(row.size):>12} {_size(row.bytes_a_day):>12} {_size(row.at_the_end()):>13}"
            f"  {kept:<8}  {row.title}"
        )
    print(f"{'合计':>12} {_size(size):>12} {_size(a_day):>12} {_size(at_end):>13}")
    return 0


def _size(value: float) -> str:
    for unit in ("B", "KB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"
