"""`taxops warehouse load|conform|show`: the data warehouse from the command line (数据仓库)."""

from __future__ import annotations

import argparse
import getpass
import json
import os
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from taxops.engines.base import CHINA, BadInput
from taxops.engines.warehouse import (
    Batch,
    Settings,
    Store,
    clear,
    conform,
    conformance_lake,
    load,
    open_engine,
    shipped_schema,
    spellings,
)

HELP = "数据仓库：装载一批数据（load）、检验计算引擎（conform）、看有哪些数据（show）"


def folder() -> Path:
    """Return where the warehouse lies: TAXOPS_WAREHOUSE, or `warehouse` in the data folder."""
    return Path(
        os.environ.get("TAXOPS_WAREHOUSE") or Path(os.environ.get("TAXOPS_DATA", "var/data")) / "warehouse"
    )


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the three forms."""
    forms = parser.add_subparsers(dest="form", required=True, metavar="load|conform|show")
    loading = forms.add_parser("load", help="装载一批数据：目录下每个子目录或 .parquet 文件是一张表")
    loading.add_argument("source", type=Path, help="目录")
    loading.add_argument("--batch", required=True, help="批次号；同一批次重复装载不会重复计入")
    loading.add_argument(
        "--replace", action="append", default=[], metavar="表", help="按月整体替换，而不是按主键合并"
    )
    loading.add_argument("--totals", type=Path, help="控制总数 JSON：表 → rows 和金额列的合计（分）")
    loading.add_argument("--by", default="", help="装载人；不写为当前系统账户，与批次一起保存")
    loading.add_argument(
        "--recompute",
        action="store_true",
        help="装载后立即重新计算受影响的指标（不写则由后台作业十分钟内跟进）",
    )
    conforming = forms.add_parser("conform", help="用一致性检验检验一种计算引擎")
    conforming.add_argument("--engine", default="duckdb", help="、".join(spellings()))
    showing = forms.add_parser("show", help="列出各表的月份、行数和版本")
    for form in (loading, conforming, showing):
        form.add_argument("--json", action="store_true", help="输出 JSON")
        form.add_argument("--warehouse", type=Path, default=None, help="数据仓库目录")


def run(args: argparse.Namespace) -> int:
    """Run one form; 1 when an engine does not conform."""
    store = Store(args.warehouse or folder())
    return {"load": _load, "conform": _conform, "show": _show}[args.form](args, store)


def _load(args: argparse.Namespace, store: Store) -> int:
    totals = _totals(args.totals) if args.totals else {}
    tables = _tables(args.source)
    by = args.by or _account()
    batch = Batch(args.batch, tables, totals, frozenset(args.replace), by, datetime.now(CHINA))
    report = load(store, shipped_schema(), batch)
    if args.json:
        followed = _follow(store) if args.recompute else {}
        print(json.dumps({**asdict(report), **followed}, ensure_ascii=False))
        return 0
    if report.is_repeat:
        print(f"批次 {report.batch} 装载过，内容相同，没有重复计入。")
    else:
        for table, rows in report.rows.items():
            months = report.dirty.get(table, ())
            print(f"{table:<16} {rows:>12,} 行  {len(months)} 个月有变化")
        print(f"批次 {report.batch} 已装载，清单第 {report.manifest} 版。", flush=True)
    if args.recompute:
        followed = _follow(store)
        print(f"重新计算 {followed['figures']} 个结果，其中 {followed['revisions']} 个有修订。")
    return 0


def _account() -> str:
    """Return the account of the operating system; empty where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def _follow(store: Store) -> dict[str, int]:
    """Compute anew what the loads changed in the installation's database; return how many figures and revisions."""
    from taxops.project.boot import django_ready

    django_ready()
    from taxops.engines.base import Scope
    from taxops.systems.quality5c.evaluation.services import reevaluate_open
    from taxops.systems.quality5c.revisions import services

    now = datetime.now(CHINA)
    done = services.follow(store.root, now=now)
    reevaluate_open(Scope.system("命令行", via="cli"), done.periods, now=now)
    return {"figures": done.figures, "revisions": done.revisions}


def _tables(source: Path) -> dict[str, Path]:
    """Return table → file or folder of a delivery.

    Raises:
        BadInput: nothing there is named like a table.
    """
    known = shipped_schema().tables
    if not source.is_dir():
        raise BadInput(f"没有目录「{source}」。", "请给出放数据文件的目录。")
    found = {
        p.stem if p.is_file() else p.name: p
        for p in sorted(source.iterdir())
        if p.is_dir() or p.suffix == ".parquet"
    }
    tables = {name: path for name, path in found.items() if name in known}
    if not tables:
        raise BadInput(f"目录「{source}」里没有以表名命名的数据。", f"表名有：{'、'.join(known)}。")
    return tables


def _totals(path: Path) -> dict[str, dict[str, int]]:
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
        return {str(t): {str(k): int(v) for k, v in one.items()} for t, one in found.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise BadInput(
            f"控制总数文件无法读取：{error}。", '例如 {"inv": {"rows": 3, "amount": 1000}}。'
        ) from error


def _conform(args: argparse.Namespace, store: Store) -> int:
    with open_engine(conformance_lake(), Settings(args.engine)) as engine:
        title, version, verdicts = engine.title, engine.version(), conform(engine)
        if all(v.ok for v in verdicts):
            clear(engine, verdicts, store.root, datetime.now(CHINA))
    good = sum(v.ok for v in verdicts)
    if args.json:
        print(json.dumps({"engine": title, "version": version, "ok": good == len(verdicts),
                          "trials": [asdict(v) for v in verdicts]}, ensure_ascii=False))  # fmt: skip
    else:
        print(f"{title} {version}")
        for v in verdicts:
            print(f"{'通过' if v.ok else '不符'}  {v.name:<18} {v.title}")
            if not v.ok:
                print(f"      得到 {v.found}\n      应为 {v.expected}")
        print(
            f"{good}/{len(verdicts)} 项通过，{'已登记准用' if good == len(verdicts) else '不可以用来计算指标'}。"
        )
    return 0 if good == len(verdicts) else 1


def _show(args: argparse.Namespace, store: Store) -> int:
    manifest = store.manifest()
    if args.json:
        print(json.dumps(asdict(manifest), ensure_ascii=False))
        return 0
    if not manifest.number:
        print(f"数据仓库是空的（{store.root}）。")
    for table, months in sorted(manifest.tables.items()):
        rows = sum(p.rows for p in months.values())
        print(f"{table:<16} {min(months)} … {max(months)}  {len(months):>3} 个月 {rows:>14,} 行")
    return 0
