"""From a figure down to what it is made of (下钻): units below, definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taxops.engines.base import Scope

from . import queries
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


def explain(figure: IndicatorResult) -> Mapping[str, Any]:
    """Return the definition that counted, with its text, and where the figure came from."""
    versions = {v.number: v for v in queries.versions_of(figure.code)}
    return {"version": versions.get(figure.version), "figure": figure}
