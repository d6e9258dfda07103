"""From a figure down to what it is made of (下钻): units below, definition, records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from taxops.engines.base import NotFound, Scope, TaxopsError
from taxops.engines.indicators import Drill, Library, Period, drill
from taxops.platform.audit import services as audit

from . import computing, queries
from .models import IndicatorResult
from .showing import value_words


def below(scope: Scope, figure: IndicatorResult) -> Mapping[str, Any]:
    """Return the units right below with their figures, and what they add up to with the unit's own records."""
    children = list(queries.children_of(scope, figure.org))
    rows = {
        r.org_id: r
        for r in queries.results(scope).filter(
            code=figure.code, version=figure.version, period=figure.period, source=figure.source,
            org__in=[c.pk for c in children],
        )
    }  # fmt: skip
    found = queries.find_code(figure.code)
    unit = found.unit if found else "number"
    lines = [
        (c, rows.get(c.pk), value_words(r.value if (r := rows.get(c.pk)) else None, unit)) for c in children
    ]
    num = sum(r.num or 0 for r in rows.values())
    den = sum(r.den or 0 for r in rows.values())
    own_num, own_den = (figure.num or 0) - num, (figure.den or 0) - den
    return {"lines": lines, "num": num, "den": den, "own_num": own_num, "own_den": own_den,
            "has_own": bool(own_num or own_den) and bool(lines)}  # fmt: skip


def provenance(figure: IndicatorResult) -> Mapping[str, Any]:
    """Return the figure and the version that counted (来历)."""
    versions = {v.number: v for v in queries.versions_of(figure.code)}
    return {"version": versions.get(figure.version), "figure": figure}


SHOWN = 50
"""Records on a page."""


def drilled(figure: IndicatorResult, root: Path, *, limit: int = SHOWN) -> Drill:
    """Return the records behind a figure's numerator, masked; their number or sum is the numerator itself.

    Raises:
        Unavailable: nothing was loaded. BadInput: the indicator stands on others. NotFound: the unit has no data.
    """
    engine = computing.warehouse(root)
    known = dict(computing.library().definitions)
    counted = queries.definition_at(figure.code, figure.version)
    if counted is not None:
        known[figure.code] = counted
    ids = {org: unit for unit, org in computing.units(engine).items()}
    if figure.org_id not in ids:
        raise NotFound("数据仓库里没有这个单位。", "请核对机构代码。")
    return drill(
        Library(known), engine, figure.code, Period.parse(figure.period), (ids[figure.org_id],), limit=limit
    )


def records(scope: Scope, figure: IndicatorResult, *, now: datetime) -> Mapping[str, Any]:
    """Return the records behind a figure for the page; every look goes into the trail (留痕).

    Raises:
        NotPermitted: the reader may not look at records there.
    """
    scope.require("quality5c.drill", figure.org.path)
    if figure.source == "external":
        return {"unavailable": "这个值来自外部数据导入，记录见导入批次。"}
    try:
        found = drilled(figure, computing.folder())
    except TaxopsError as error:
        return {"unavailable": str(error)}
    with transaction.atomic():
        audit.record(
            scope,
            now=now,
            action="quality5c.drill",
            kind="indicator",
            object_id=figure.code,
            label=f"{figure.code} {figure.period} {figure.org}",
            after={"period": figure.period, "unit": figure.org.code, "records": found.total},
            org_path=figure.org.path,
        )
    agrees = (
        found.aggregate is not None and figure.num is not None and abs(found.aggregate - figure.num) < 1e-6
    )
    words = f"分子由 {found.total} 条记录得出，重新汇总为 {found.aggregate}，" + (
        "与结果一致。" if agrees else "与结果不一致，数据已有变化。"
    )
    return {
        "columns": [c.title for c in found.columns],
        "rows": found.rows,
        "words": words,
        "sql": found.sql,
        "shown": len(found.rows),
    }
