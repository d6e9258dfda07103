"""What revisions can be asked (修订查询), only within the asker's scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from taxops.engines.base import CHINA, Scope, TaxopsError
from taxops.engines.indicators import read_tree
from taxops.engines.warehouse import Store, shipped_schema
from taxops.platform.identity.queries import within
from taxops.systems.quality5c.definitions import computing
from taxops.systems.quality5c.definitions.models import IndicatorResult

from .models import FigureRevision
from .rules import of_unit

VIEW = "quality5c.view"
SHOWN = 50
"""Records of a batch on a page."""


def revisions(scope: Scope) -> QuerySet[FigureRevision]:
    """Return the revisions of the units within the scope, newest first."""
    return FigureRevision.objects.filter(within(scope, VIEW)).select_related("org")


def find(scope: Scope, pk: int) -> FigureRevision | None:
    """Return one revision."""
    return revisions(scope).filter(pk=pk).first()


def of_figure(scope: Scope, figure: IndicatorResult) -> list[FigureRevision]:
    """Return what became of one stored figure, newest first."""
    return list(
        revisions(scope).filter(
            period=figure.period, org=figure.org_id, code=figure.code, version=figure.version
        )
    )


def since(
    scope: Scope, period: str, at: datetime | None, orgs: Iterable[int]
) -> dict[tuple[int, str], list[FigureRevision]]:
    """Return (organisation id, code) → revisions of a period after an instant, oldest first; one query."""
    rows = revisions(scope).filter(period=period, org__in=list(orgs)).order_by("at", "pk")
    found: dict[tuple[int, str], list[FigureRevision]] = {}
    for row in rows.filter(at__gte=at) if at is not None else rows:
        found.setdefault((row.org_id, row.code), []).append(row)
    return found


@dataclass(frozen=True, slots=True)
class Cause:
    """A load that changed a figure (修订原因), in words, with its records of the unit."""

    batch: str
    by: str
    at: datetime | None
    title: str
    months: Sequence[str]
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = ()
    total: int = 0
    note: str = ""


def cause_words(causes: Sequence[Mapping[str, Any]]) -> list[Cause]:
    """Return the causes of a revision without their records, newest first."""
    tables = shipped_schema().tables
    return [
        Cause(c["batch"], c["by"] or "未记名", datetime.fromisoformat(c["at"]).astimezone(CHINA) if c["at"] else None,
              tables[c["table"]].title if c["table"] in tables else c["table"],
              ["全表" if m == "all" else m for m in c["months"]])
        for c in reversed(causes)
    ]  # fmt: skip


def causes_of(revision: FigureRevision, root: Path) -> list[Cause]:
    """Return the causes of a revision with the batch's records that belong to the unit, newest load first.

    Masked columns are not among them. A batch too large to be listed says so.
    """
    store = Store(root)
    try:
        loads = {entry.number: entry for entry in store.manifest().loads}
        engine = computing.warehouse(root)
        unit = next((u for u, org in computing.units(engine).items() if org == revision.org_id), None)
        below = read_tree(engine).below(unit) if unit is not None else []
    except TaxopsError as error:
        return [_with(c, note=str(error)) for c in cause_words(revision.causes)]
    found = []
    for said, c in zip(cause_words(revision.causes), reversed(revision.causes), strict=True):
        entry = loads.get(c["load"])
        try:
            records = store.records(entry).get(c["table"]) if entry is not None else None
        except TaxopsError as error:
            found.append(_with(said, note=str(error)))
            continue
        if records is None:
            found.append(_with(said, note="这一批较大，没有逐条列出；明细记录见指标结果的“明细记录”。"))
            continue
        rows = of_unit(records, c["months"], below)
        table = shipped_schema().table(c["table"])
        names = [n for n in table.columns if not table.columns[n].mask]
        found.append(_with(
            said, columns=[title_of(table.columns[n].title) for n in names],
            rows=[[cell_of(r.get(n)) for n in names] for r in rows[:SHOWN]], total=len(rows),
        ))  # fmt: skip
    return found


def title_of(title: str) -> str:
    """Return a column's title without the list of its codes.

    >>> title_of("税种（VAT|CIT）"), title_of("所属期（月初）")
    ('税种', '所属期（月初）')
    """
    head, _, tail = title.partition("（")
    return head if "|" in tail else title


def cell_of(value: Any) -> Any:
    """Return a cell of a record as people read it."""
    return {True: "是", False: "否"}[value] if isinstance(value, bool) else value


def _with(cause: Cause, **more: Any) -> Cause:
    return Cause(cause.batch, cause.by, cause.at, cause.title, cause.months, **more)
