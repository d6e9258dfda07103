"""What indicators cost: all of them, all units, one month, against one raw scan of the columns they need.

    ./run bench indicators [--rows 2M] [--units 319] [--json] [--no-postgres] [--province]

A year of invoices is made on the spot (12 months, `--rows` in all) and loaded by the warehouse itself; definitions over
invoices (below) run fused, then as separate queries, then in pandas and PostgreSQL (on at most 10 M rows). Read the
ratios: seconds depend on the machine. CPU is of this process; PostgreSQL is given by the wall only.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from taxops.engines.indicators import (
    FolderStates,
    Library,
    MemoryStates,
    Period,
    library_of,
    parse_definitions,
    run,
)
from taxops.engines.warehouse import Batch, Settings, Store, StoredLake, load, open_engine, shipped_schema

warnings.simplefilter("ignore")
ONE = """
[[indicator]]
code = "{code}"
name = "{code}"
kind = "ratio"
source = "inv"
time = "issued_on"
num = {{ {num} }}
den = {{ {den} }}
"""
SIDES = {
    "red": ("where = \"kind == 'red'\"", ""),
    "void": ("where = \"status == 'void'\"", ""),
    "abnormal": ('agg = "sum", of = "tax", where = "status == \'abnormal\'"', 'agg = "sum", of = "tax"'),
    "special": ('agg = "sum", of = "amount", where = "kind == \'special\'"', 'agg = "sum", of = "amount"'),
    "burden": ('agg = "sum", of = "tax"', 'agg = "sum", of = "amount"'),
    "big": ('where = "amount > 10000000"', ""),
    "top_big": ('agg = "sum", of = "amount", where = "amount > 10000000"', 'agg = "sum", of = "amount"'),
    "rate13": ('where = "rate_bp == 1300"', ""),
    "rate6": ('agg = "sum", of = "tax", where = "rate_bp == 600"', 'agg = "sum", of = "tax"'),
    "consumer": ('where = "buyer_id is null"', ""),
    "self": ('where = "buyer_id == seller_id"', ""),
    "late": ('where = "days_between(issued_on, period.last) < 3"', ""),
}
NEEDED = "org_id, issued_on, kind, status, amount, tax, rate_bp, buyer_id, seller_id"


@dataclass
class Took:
    """What one thing cost."""

    cpu: float
    wall: float


def took(work: Callable[[], Any]) -> tuple[Took, Any]:
    cpu, wall = time.process_time(), time.perf_counter()
    answer = work()
    return Took(time.process_time() - cpu, time.perf_counter() - wall), answer


def make(folder: Path, rows: int, units: int) -> Store:
    """Make a year of invoices and load it, a batch a month."""
    db = duckdb.connect()
    store = Store(folder / "warehouse")
    db.execute(f"""COPY (SELECT i::BIGINT AS org_id, CASE WHEN i > 1 THEN CASE WHEN i <= 20 THEN 1 ELSE 2 + i % 19 END
        END::BIGINT AS parent_id, i::VARCHAR AS code, 'u' || i AS name, 'county' AS "level",
        'urban' AS kind, true AS hall,
        5::BIGINT AS officers FROM range(1, {units + 1}) t(i)) TO '{folder}/org.parquet'""")  # fmt: skip
    load(store, shipped_schema(), Batch("org", {"org": folder / "org.parquet"}))
    each = rows // 12
    for month in range(1, 13):
        path = folder / "inv.parquet"
        db.execute(f"SELECT setseed({month / 100})")
        db.execute(f"""COPY (SELECT {month}::BIGINT * 1000000000 + i AS inv_id, (i + 10000000)::VARCHAR AS number,
            CASE WHEN r < .02 THEN 'red' WHEN r < .4 THEN 'special' ELSE 'ordinary' END AS kind,
            (random() * 500000)::BIGINT AS seller_id,
            CASE WHEN random() < .8 THEN (random() * 500000)::BIGINT END AS buyer_id,
            (20 + random() * {units - 21})::BIGINT AS org_id,
            DATE '2025-{month:02d}-01' + (random() * 27)::INT AS issued_on,
            (random() * 20000000)::BIGINT AS amount, (random() * 2000000)::BIGINT AS tax,
            CASE WHEN r < .5 THEN 1300 ELSE 600 END::BIGINT AS rate_bp,
            CASE WHEN r > .99 THEN 'abnormal' WHEN r > .97 THEN 'void' ELSE 'normal' END AS status,
            NULL::BIGINT AS red_of, NULL::VARCHAR AS machine
            FROM (SELECT i, random() AS r FROM range({each}) t(i))) TO '{path}'""")  # fmt: skip
        load(store, shipped_schema(), Batch(f"m{month}", {"inv": path}))
    path.unlink()
    return store


def raw_scan(store: Store, months: list[str]) -> Any:
    """Read every needed column of the months once, and do the least with them that reads them."""
    lake = StoredLake(store, shipped_schema())
    files = lake.files("inv", months)
    # Sums and joins, not plain extremes: those would be answered from the files' statistics without reading.
    texts, days = {"kind", "status"}, {"issued_on"}
    columns = ", ".join(
        f"max({c} || '')" if c in texts else f"max({c} + 1)" if c in days else f"sum({c})"
        for c in NEEDED.split(", ")
    )
    return duckdb.connect().execute(f"SELECT {columns} FROM read_parquet($1)", [files]).fetchall()


def in_pandas(store: Store, month: str) -> Any:
    """The same figures in pandas."""
    t = StoredLake(store, shipped_schema()).arrow("inv", [month]).select(NEEDED.split(", ")).to_pandas()
    t["one"] = 1
    picks = {
        "red": t.kind == "red", "void": t.status == "void", "abnormal": t.status == "abnormal",
        "big": t.amount > 10000000,
        "special": t.kind == "special", "rate13": t.rate_bp == 1300, "rate6": t.rate_bp == 600,
        "consumer": t.buyer_id.isna(), "self": t.buyer_id == t.seller_id,
    }  # fmt: skip
    frames = [t.groupby("org_id")[["one", "amount", "tax"]].sum()]
    frames += [t[mask].groupby("org_id")[["one", "amount", "tax"]].sum() for mask in picks.values()]
    return len(frames)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="2M")
    parser.add_argument("--units", type=int, default=319)
    parser.add_argument("--no-postgres", action="store_true")
    parser.add_argument(
        "--province", action="store_true", help="time the generator's M as well (a minute or two)"
    )
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    rows = (
        int(float(args.rows.upper().replace("M", "")) * 1e6) if "M" in args.rows.upper() else int(args.rows)
    )
    text = "".join(ONE.format(code=code, num=num, den=den) for code, (num, den) in SIDES.items())
    library = library_of(parse_definitions(text))
    with tempfile.TemporaryDirectory(prefix="taxops-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        loaded, store = took(lambda: make(folder, rows, args.units))
        answer = measure(
            library, store, folder, rows, is_postgres=not args.no_postgres and rows <= 120_000_000
        )
    answer["loading"] = loaded
    answer["robustness 75 × 58 × 2,000"] = robust()
    if args.province:
        answer["province M (goal < 120 s)"] = province()
    report(answer, rows, as_json=args.json)
    return 0


def measure(library: Library, store: Store, folder: Path, rows: int, *, is_postgres: bool) -> dict[str, Any]:
    codes = list(library.definitions)
    lake = StoredLake(store, shipped_schema())
    june, year = Period.parse("2025-06"), Period.parse("2025")
    found: dict[str, Any] = {}
    with open_engine(lake) as engine:
        run(library, engine, codes[:1], Period.parse("2025-01"))  # warm: imports, connection, views
        raw_scan(store, ["2025-01"])
        found["scan month"], _ = took(lambda: raw_scan(store, ["2025-06"]))
        found["fused month"], fused = took(lambda: run(library, engine, codes, june))
        found["separate month"], apart = took(lambda: run(library, engine, codes, june, fused=False))
        assert fused.results == apart.results
        found["passes"] = [fused.work.passes, apart.work.passes]
        found["scan year"], _ = took(lambda: raw_scan(store, [str(m) for m in year.each_month()]))
        found["fused year"], whole = took(lambda: run(library, engine, codes, year, states=MemoryStates()))
        states = FolderStates(folder / "states")
        run(library, engine, codes, Period.parse("2025-11").window(11), states=states)
        found["one more month"], grown = took(lambda: run(library, engine, codes, year, states=states))
        assert grown.results == whole.results
        found["peak MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if rows <= 120_000_000:
        found["pandas month"], _ = took(lambda: in_pandas(store, "2025-06"))
    if is_postgres:
        found["postgresql month (wall)"] = postgres(library, lake, folder, codes, june, fused)
    return found


def postgres(
    library: Library, lake: StoredLake, folder: Path, codes: list[str], june: Period, ours: Any
) -> Took:
    """The same definitions on PostgreSQL, over a copy of the one month."""
    from taxops.project import embedded

    class OneMonth(StoredLake):
        def versions(self, table: str, months: Any = None) -> dict[str, int]:
            return {m: v for m, v in super().versions(table, months).items() if m in {"2025-06", "all"}}

    server = embedded.start(folder / "pg", database="bench")
    try:
        with open_engine(OneMonth(lake.store, lake.schema), Settings(server.url("bench"))) as engine:
            engine.table("inv")
            run(library, engine, codes[:1], Period.parse("2025-06"))
            spent, theirs = took(lambda: run(library, engine, codes, june))
        assert [(r.num, r.den) for r in theirs.results] == [(r.num, r.den) for r in ours.results]
        return spent
    finally:
        server.stop()


def robust() -> Took:
    """Robustness of 75 units by 58 indicators in five aspects, 2,000 runs."""
    import numpy as np

    from taxops.engines.scoring import parse_model, robustness

    sizes = [12, 12, 12, 11, 11]
    tree = {
        f"A{a}": {
            "w": 20,
            "items": {f"i{a}_{n}": {"w": 100 / size, "norm": {"goalposts": [0, 1]}} for n in range(size)},
        }
        for a, size in enumerate(sizes)
    }
    model = parse_model({"model": "bench", "tree": tree})
    values = np.random.default_rng(7).uniform(0, 1, (75, 58))
    spent, first = took(lambda: robustness(model, values, seed=7, runs=2000))
    again = robustness(model, values, seed=7, runs=2000)
    assert (first.low == again.low).all()
    assert (first.high == again.high).all()
    return spent


def province() -> Took:
    """The generator's province M: 60,000 taxpayers, 24 months (children counted)."""
    with tempfile.TemporaryDirectory(prefix="taxops-bench-") as name:
        command = [sys.executable, "-m", "taxops.cli", "province", "generate", "--size", "M", "--seed", "7"]
        before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(
            [*command, "--months", "24", "--out", f"{name}/m"], check=True, stdout=subprocess.DEVNULL
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Took(cpu, time.perf_counter() - wall)


def report(found: dict[str, Any], rows: int, *, as_json: bool) -> None:
    plain = {
        k: ({"cpu": round(v.cpu, 3), "wall": round(v.wall, 3)} if isinstance(v, Took) else v)
        for k, v in found.items()
    }
    scan, year = found["scan month"], found["scan year"]
    ratios = {
        "fused ÷ scan, month (goal ≤ 2)": _ratio(found["fused month"], scan),
        "fused ÷ scan, year (goal ≤ 2)": _ratio(found["fused year"], year),
        "separate ÷ fused, month": _ratio(found["separate month"], found["fused month"]),
        "one more month ÷ full year (goal ≤ 0.25)": _ratio(found["one more month"], found["fused year"]),
    }
    for other in ("pandas month", "postgresql month (wall)"):
        if other in found:
            ratios[f"{other} ÷ fused"] = _ratio(found[other], found["fused month"])
    if as_json:
        print(json.dumps({"rows": rows, "took": plain, "ratios": ratios}, ensure_ascii=False))
        return
    print(f"{rows:,} invoices in 12 months, {len(SIDES)} definitions, all units")
    for name, value in plain.items():
        shown = f"{value['cpu']:8.2f} CPU-s {value['wall']:8.2f} s" if isinstance(value, dict) else value
        print(f"  {name:<28} {shown}")
    for name, both in ratios.items():
        print(f"  {name:<44} CPU {both['cpu']:6.2f}  wall {both['wall']:6.2f}")


def _plain(value: Any) -> Any:
    return {"cpu": round(value.cpu, 3), "wall": round(value.wall, 3)} if isinstance(value, Took) else value


def _ratio(a: Took, b: Took) -> dict[str, float]:
    return {"cpu": round(a.cpu / max(b.cpu, 1e-9), 2), "wall": round(a.wall / max(b.wall, 1e-9), 2)}


if __name__ == "__main__":
    sys.exit(main())
