"""Generating a province (生成): month by month, so that memory stays small."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .control import controlled, external
from .filing import Books, arrears_month, file_month, open_books, refunds
from .frauds import plant, truth_tables
from .market import Traded, build_edges, goods_of, trade
from .model import Coded, Floats, Plan, Table, check_plan
from .people import People, org_table, person_tables, settle, status_table, taxpayer_table
from .service import served
from .writing import Writer


@dataclass(frozen=True, slots=True)
class Generated:
    """What was written (生成结果): rows by table, and how many taxpayers were planted as what."""

    rows: dict[str, int]
    planted: dict[str, int]


def generate(plan: Plan, out: Path, *, tell: Callable[[str], None] | None = None) -> Generated:
    """Write a province to an empty folder; the same plan writes the same bytes.

    Args:
        plan: size, seed, months and offices.
        out: an empty or new folder; gets a folder per table, `truth.parquet` and `manifest.json`.
        tell: is told each month that is done.

    Raises:
        BadInput: the plan cannot be carried out, or the folder is not empty.
    """
    check_plan(plan)
    writer = Writer(out)
    people = settle(plan)
    planted = plant(plan, people)
    goods = goods_of(plan, people)
    edges = build_edges(plan, people, planted, goods)
    books = open_books(people)
    received = np.zeros((plan.months + 48, len(people.leaf)))
    writer.take({"org": org_table(plan, people), "tp": taxpayer_table(plan, people),
                 "tp_status_event": status_table(people), **person_tables(people)})  # fmt: skip
    for number in range(plan.months):
        traded = trade(plan, people, edges, goods, planted, number)
        writer.take({"inv": traded.inv, "inv_line": traded.inv_line, "ded": traded.ded})
        writer.flush("inv", "inv_line", "ded")
        writer.take(_month(plan, people, books, traded, received, number))
        writer.take(controlled(plan, people, planted, number))
        writer.take(served(plan, people, number))
        if tell is not None:
            tell(f"{plan.month(number)}：发票 {len(np.asarray(traded.inv['inv_id'])):,} 张")
    for number in range(plan.months):
        writer.take({"ext_value": external(plan, people, number)})
        writer.take({"ext_value": _forecast(plan, people, received[number], number)})
    for name, table in truth_tables(plan, people, planted).items():
        writer.loose(name, table)
    counts = {kind: len(who) for kind, who in planted.members.items()}
    writer.close({"size": plan.size.value, "seed": plan.seed, "start": plan.start, "months": plan.months,
                  "hard": plan.hard, "planted": counts})  # fmt: skip
    return Generated(dict(sorted(writer.rows.items())), counts)


def _month(
    plan: Plan, people: People, books: Books, traded: Traded, received: Floats, number: int
) -> dict[str, Table]:
    """Return the tables of filing of one month, and add what was received to `received`."""
    tables = file_month(plan, people, books, traded, number)
    payment = tables["payment"]
    month = (np.asarray(payment["paid_on"]).astype("datetime64[M]") - plan.month(0)).astype(np.int64)
    office = people.office[np.asarray(payment["tp_id"]) - 1]
    np.add.at(received, (np.clip(month, 0, len(received) - 1), office), np.asarray(payment["amount"]))
    tables["arrears_m"] = arrears_month(plan, people, books, number)
    tables["refund"] = refunds(plan, people, books, number)
    return tables


def _forecast(plan: Plan, people: People, received: Floats, number: int) -> Table:
    """Return each office's forecast of the month's receipts (收入预测) beside what came, in 分."""
    chance = plan.chance("forecast", number)
    spread = 0.06 * np.exp(-0.5 * people.diligence[:, 0])
    value = np.rint(received * (1 + spread * chance.normal(0, 1, len(people.leaf))))
    n = len(people.leaf)
    return {
        "dataset": Coded(np.zeros(n, dtype=np.int64), ("forecast",)),
        "item": Coded(np.zeros(n, dtype=np.int64), ("receipts",)),
        "org_id": people.leaf,
        "month": np.full(n, plan.first_day(number)),
        "version": np.ones(n, dtype=np.int64),
        "value": value,
        "num": received,
        "den": value,
    }
