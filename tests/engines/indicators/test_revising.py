"""A late red-letter invoice in a closed period: a revision beside the frozen figure, with its cause."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from taxops.engines.indicators import Period, library_of, parse_definition, revise, run
from taxops.engines.warehouse import Batch, Store, StoredLake, load, open_engine

from .shapes import bent
from .small import SCHEMA, orgs
from .test_validating import BARE

SALES = library_of([parse_definition(bent(**{
    **BARE, "code": "SALES", "kind": "simple", "unit": "fen", "source": "inv", "time": "issued_on",
    "num": {"agg": "sum", "of": "amount"},
}))])  # fmt: skip
MAY = Period.parse("2025-05")


def invoice(number: int, org: int, amount: int, day: int = 9, red_of: int | None = None) -> dict[str, object]:
    return {"inv_id": number, "number": str(number), "kind": "red" if red_of else "special", "seller_id": 1,
            "buyer_id": 2, "org_id": org, "issued_on": date(2025, 5, day), "amount": amount, "tax": 0, "rate_bp": 1300,
            "status": "normal", "red_of": red_of, "machine": None}  # fmt: skip


def test_late_data_revises_and_never_replaces(tmp_path: Path) -> None:
    store = Store(tmp_path)
    load(store, SCHEMA, Batch("a", {"org": orgs(), "inv": [invoice(1, 111, 1000), invoice(2, 121, 500)]}))
    with open_engine(StoredLake(store, SCHEMA)) as engine:
        published = run(SALES, engine, ["SALES"], MAY)
    report = load(store, SCHEMA, Batch("late", {"inv": [invoice(3, 111, -400, 31, red_of=1)]}))
    assert report.dirty == {"inv": ("2025-05",)}
    with open_engine(StoredLake(store, SCHEMA)) as engine:
        today = run(SALES, engine, ["SALES"], MAY)
    found = {r.subject: r for r in revise(published.results, today.results, published.inputs, today.inputs)}
    assert set(found) == {(1,), (11,), (111,)}
    assert (found[(1,)].frozen.value, found[(1,)].fresh.value, found[(1,)].difference) == (1500, 1100, -400)
    assert found[(1,)].causes == {"inv": ("2025-05",)}
    assert published.of("SALES")[(1,)].value == 1500
    assert revise(published.results, published.results, published.inputs, published.inputs) == []
