"""The demonstration's data (演示数据): a small generated province, loaded, computed, evaluated.

Made by a background job, since it takes seconds of a processor; repeating it changes nothing.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from taxops.engines.base import Scope
from taxops.engines.warehouse import Batch, Store, load, shipped_schema

from .definitions import computing
from .definitions import queries as definitions
from .evaluation import queries as results
from .evaluation import services
from .external import services as external
from .modelling import queries as models

START, MONTHS, PERIODS = "2024-04", 15, ("2025-05", "2025-06")
TAXPAYERS = 1_500
SEED = 7


def fill(scope: Scope, root: Path, *, clock: Callable[[], datetime], tell: Callable[[str], None]) -> int:
    """Load a generated province into the warehouse, compute two periods and make their schemes.

    Returns:
        How many schemes are new; 0 when the warehouse has data of its own.
    """
    store = Store(root)
    if store.manifest().batches and not results.has_schemes() and "demo" not in store.manifest().batches:
        return 0  # somebody's own data: not ours to evaluate
    if "demo" not in store.manifest().batches:
        tell("生成样本省")
        _load(store)
    made = 0
    for period in PERIODS:
        if results.has_schemes(period):
            continue
        computing.compute(root, period, tell=tell)
        _headquarters(scope, period, clock())
        for template in models.list_templates().filter(is_active=True).order_by("pk"):
            scheme = services.make_scheme(scope, now=clock(), template_id=template.pk, period=period)
            services.evaluate_scheme(scope, scheme.pk, now=clock())
            if period != PERIODS[-1]:
                services.publish_scheme(scope, scheme.pk, now=clock())
            made += 1
    return made


def _headquarters(scope: Scope, period: str, now: datetime) -> None:
    """Import what 总局 would have sent for the province: made up from the targets of the shipped definitions."""
    rows: list[tuple[int, Mapping[str, str]]] = []
    top = definitions.units_of("province").values_list("code", flat=True).first()
    if top is None:
        return
    for code, (_, found) in sorted(definitions.live_definitions().items()):
        goal, alert = (found.targets.get(name) for name in ("goal", "alert"))
        if goal is None or alert is None:
            continue
        best = goal + (goal - alert) / 4
        best = max(best, 0.0) if found.unit.value != "percent" else min(max(best, 0.0), 1.0)
        cells = {"单位代码": top, "统计期": period, "指标代码": code, "总局目标": f"{goal:.6g}",
                 "全国平均": f"{(goal + alert) / 2:.6g}", "全国先进": f"{best:.6g}"}  # fmt: skip
        rows.append((len(rows) + 2, cells))
    external.apply_rows(scope, now=now, code="sat", rows=rows)


def _load(store: Store) -> None:
    from taxops.engines.province import Plan, Size, Unit, generate  # numpy: only this job

    folder = Path(tempfile.mkdtemp(prefix="taxops-province-"))
    try:
        units = tuple(
            Unit(int(code), name, level, int(above) if above.isdecimal() else None)
            for code, name, level, above in definitions.warehouse_units()
        )
        out = folder / "out"
        generate(Plan(Size.S, SEED, START, MONTHS, units, count=TAXPAYERS), out)
        tables = {
            name: sorted((out / name).rglob("*.parquet"))
            for name in shipped_schema().tables
            if (out / name).exists()
        }
        load(store, shipped_schema(), Batch("demo", tables))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
