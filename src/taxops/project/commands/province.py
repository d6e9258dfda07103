"""`taxops province generate`: an invented province's warehouse, deterministic by seed (生成省级样本数据)."""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import sys
from pathlib import Path

from taxops.engines.base import BadInput
from taxops.project.demo import province

HELP = "生成一个省的样本数据（Parquet），埋设的虚开附真值文件"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the one form."""
    forms = parser.add_subparsers(dest="form", required=True, metavar="generate")
    form = forms.add_parser("generate", help="写出数据仓库各表")
    form.add_argument("--size", choices=["S", "M", "L"], default="S", help="S 5 千户，M 6 万户，L 100 万户")
    form.add_argument("--seed", type=int, default=7, metavar="数", help="同一种子得到逐字节相同的文件")
    form.add_argument("--months", type=int, default=24, metavar="数", help="月数")
    form.add_argument("--start", default="2024-01", metavar="年-月", help="第一个月")
    form.add_argument("--out", type=Path, metavar="目录", help="空目录或新目录；不写为数据目录下的 province")
    form.add_argument("--hard", action="store_true", help="适应性虚开：掺入进项、压低单张金额、配备人员")
    form.add_argument("--json", action="store_true", help="以 JSON 输出")


def run(args: argparse.Namespace) -> int:
    """Generate, telling each month on stderr.

    Raises:
        BadInput: the month cannot be read, or what the generator refuses.
    """
    from taxops.engines.province import Plan, Size, Unit, generate  # numpy and pyarrow: only this command

    if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", args.start) is None:
        raise BadInput(f"起始月份「{args.start}」无法识别。", "请写成 2024-01 的样子。")
    units = tuple(
        Unit(
            int(row["机构代码"]),
            row["机构名称"],
            row["层级"],
            int(row["上级代码"]) if row["上级代码"] else None,
        )
        for row in province.rows()
        if row["层级"] != "hall"
    )
    plan = Plan(Size(args.size), args.seed, args.start, args.months, units, args.hard)
    out = args.out or Path(os.environ.get("TAXOPS_DATA", "var/data")) / "province"
    done = generate(plan, out, tell=lambda line: print(line, file=sys.stderr))
    if args.json:
        print(json.dumps({"rows": done.rows, "planted": done.planted, "out": str(out)}, ensure_ascii=False))
        return 0
    for name, rows in done.rows.items():
        print(f"{name:<18}{rows:>14,} 行")
    print("埋设：" + "、".join(f"{kind} {count}" for kind, count in done.planted.items()))
    print(f"已写入 {out}。下一步：taxops warehouse load {shlex.quote(str(out))} --batch 样本{args.seed}")
    return 0
