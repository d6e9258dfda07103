"""`taxops indicators list|run|explain`: indicators from the command line, straight from the warehouse (指标)."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from taxops.engines.base import CHINA, BadInput, Unavailable
from taxops.engines.indicators import (
    Drill,
    FolderStates,
    Library,
    Mode,
    Period,
    Result,
    explain,
    library_of,
    parse_definitions,
    read_tree,
)
from taxops.engines.indicators import (
    run as compute,
)
from taxops.engines.warehouse import Engine, Settings, Store, StoredLake, open_engine, shipped_schema

from .warehouse import folder

HELP = "指标：列出定义（list）、计算（run）、解释一个数（explain）"
SYSTEMS = Path(__file__).resolve().parents[2] / "systems"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the three forms."""
    forms = parser.add_subparsers(dest="form", required=True, metavar="list|run|explain")
    listing = forms.add_parser("list", help="列出指标定义")
    running = forms.add_parser("run", help="计算一个统计期的指标")
    running.add_argument("codes", nargs="*", help="指标代码；不写为全部")
    explaining = forms.add_parser("explain", help="解释一个数：重算一遍，给出口径、参数、SQL、分区和记录")
    explaining.add_argument("code", help="指标代码")
    for form in (running, explaining):
        form.add_argument("--period", required=True, help="2025-06、2025Q2 或 2025")
        form.add_argument("--org", help="机关代码或编号；run 不写为全部机关", required=form is explaining)
        form.add_argument("--ytd", action="store_true", help="本年累计口径")
        form.add_argument("--engine", default="duckdb", help="计算引擎")
        form.add_argument("--warehouse", type=Path, default=None, help="数据仓库目录")
    for form in (listing, running, explaining):
        form.add_argument("--json", action="store_true", help="输出 JSON")
        form.add_argument("--file", type=Path, action="append", default=[], help="另外读入的 TOML 定义")


def library(files: list[Path]) -> Library:
    """Return the definitions shipped with the systems and those of further files.

    Raises:
        BadInput: a file cannot be read, or a definition is wrong.
    """
    found = []
    shipped = sorted(SYSTEMS.glob("*/definitions/data/*.toml"))
    for path in [*shipped, *files]:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(
                f"定义文件「{path}」无法读取：{error}。", "请给出 UTF-8 编码的 TOML 文件。"
            ) from error
        found += parse_definitions(text)
    return library_of(found)


def run(args: argparse.Namespace) -> int:
    """Run one form; explain gives 1 when the number does not come out the same again."""
    return {"list": _list, "run": _run, "explain": _explain}[args.form](args)


def _list(args: argparse.Namespace) -> int:
    definitions = library(args.file).definitions.values()
    if args.json:
        print(
            json.dumps(
                [asdict(d) | {"hash": d.content_hash} for d in definitions], ensure_ascii=False, default=list
            )
        )
        return 0
    for d in definitions:
        print(f"{d.code:<12} 第 {d.version} 版  {d.kind.label:<6} {d.grain.label}  {d.name}")
    return 0


def _period(args: argparse.Namespace) -> Period:
    """Return the period asked for; one that goes on may be looked at, one that has not begun has nothing to show."""
    period = Period.parse(args.period)
    if period.first > datetime.now(CHINA).date():
        raise BadInput(f"统计期 {period} 还没有开始。", "请换一个统计期。", field="period")
    return period


@contextmanager
def _opened(args: argparse.Namespace) -> Iterator[Engine]:
    lake = StoredLake(Store(args.warehouse or folder()), shipped_schema())
    if not lake.months("org"):
        raise Unavailable("数据仓库里还没有数据，不能计算指标。", "请先用 taxops warehouse load 装载数据。")
    with open_engine(lake, Settings(args.engine)) as engine:
        yield engine


def _states(args: argparse.Namespace) -> FolderStates:
    return FolderStates((args.warehouse or folder()) / "states")


def _run(args: argparse.Namespace) -> int:
    known = library(args.file)
    period, mode = _period(args), Mode.YTD if args.ytd else Mode.CURRENT
    with _opened(args) as engine:
        unit = read_tree(engine).get(args.org).id if args.org else None
        found = compute(
            known, engine, args.codes or list(known.definitions), period, mode, states=_states(args)
        )
        names = {o.id: o.name for o in read_tree(engine).orgs.values()}
    results = [r for r in found.results if unit is None or r.subject == (unit,)]
    if args.json:
        print(
            json.dumps(
                {"results": [asdict(r) for r in results], "work": asdict(found.work)}, ensure_ascii=False
            )
        )
        return 0
    for r in results:
        who = (
            names.get(r.subject[0], "、".join(map(str, r.subject))) if len(r.subject) == 1 else str(r.subject)
        )
        print(
            f"{r.code:<8} {who}  {_figures(r)}  {r.state.label}{'：' + '；'.join(r.reasons) if r.reasons else ''}"
        )
    print(f"扫描 {found.work.passes} 次，计算 {found.work.computed} 项，复用 {found.work.kept} 项。")
    return 0


def _explain(args: argparse.Namespace) -> int:
    known = library(args.file)
    period, mode = _period(args), Mode.YTD if args.ytd else Mode.CURRENT
    with _opened(args) as engine:
        unit = read_tree(engine).get(args.org)
        found = explain(known, engine, args.code, period, (unit.id,), mode=mode, states=_states(args))
    if args.json:
        print(json.dumps(asdict(found), ensure_ascii=False, default=str))
        return 0 if found.same else 1
    d = found.definition
    print(f"{d.code} {d.name}（第 {d.version} 版，{d.kind.label}）· {unit.name} · {period} {mode.label}")
    print(f"  {_figures(found.result)}  {found.result.state.label} {'；'.join(found.result.reasons)}")
    print(f"  重算：{'相同' if found.same else '不同！ ' + _figures(found.again)}")
    if d.business:
        print(f"  业务口径：{d.business}")
    for name, p in found.params.items():
        print(f"  参数 ${name} = {p.value}（{p.source or '未注明来源'}）")
    for r in found.components:
        print(f"  组成 {r.code}：{_figures(r)}")
    if found.change is not None:
        c = found.change
        print(f"  上期 {c.before:.4f}；比率变动影响 {c.rate:+.4f}，结构变动影响 {c.mix:+.4f}")
    for table, months in found.partitions.items():
        print(f"  数据 {table}：{'、'.join(f'{m} 第 {v} 版' for m, v in months.items()) or '（没有装载）'}")
    for text in found.sql:
        print("  SQL\n    " + text.replace("\n", "\n    "))
    for title, side in (("分子", found.num), ("分母", found.den)):
        if side is not None:
            _records(title, side)
    return 0 if found.same else 1


def _records(title: str, side: Drill) -> None:
    print(f"  {title}记录 {side.total} 条，再汇总为 {side.aggregate}")
    print("    " + " | ".join(c.title for c in side.columns))
    for row in side.rows:
        print("    " + " | ".join("" if v is None else str(v) for v in row))


def _figures(r: Result) -> str:
    value = "—" if r.value is None else f"{r.value:g}"
    return value if r.den is None else f"{value}（{r.num} ÷ {r.den}）"
