"""What engines read: months of files, or tables in memory."""

from __future__ import annotations

from pathlib import Path

from taxops.engines.warehouse import Batch, MemoryLake, Store, StoredLake, load, open_engine

from .shelf import SCHEMA, bill


def test_months_are_picked_and_the_answer_is_the_same(tmp_path: Path) -> None:
    rows = [bill(1, "2025-01-05"), bill(2, "2025-02-05", 7), bill(3, "2025-02-06", 9)]
    store = Store(tmp_path)
    load(store, SCHEMA, Batch("a", {"bill": rows}))
    stored, memory = StoredLake(store, SCHEMA), MemoryLake(SCHEMA, {"bill": rows})
    assert stored.months("bill") == ["2025-01", "2025-02"]
    assert stored.versions("bill", ["2025-02", "2025-03"]) == {"2025-02": 1}
    assert len(stored.files("bill", ["2025-02"])) == 1
    assert stored.months("visit") == memory.months("visit") == []
    for lake in (stored, memory):
        with open_engine(lake) as engine:
            t = engine.table("bill")
            assert engine.rows(t.aggregate(v=t.amount.sum())) == [{"v": 116}]
            assert engine.rows(engine.table("visit").aggregate(n=engine.table("visit").count())) == [{"n": 0}]
            some = engine.table("bill", ["2025-02"])
            expected = 2 if lake is stored else 3
            assert engine.rows(some.aggregate(n=some.count())) == [{"n": expected}]


def test_versions_of_memory_follow_content() -> None:
    one, other = (
        MemoryLake(SCHEMA, {"bill": [bill(1, "2025-01-05")]}),
        MemoryLake(SCHEMA, {"bill": [bill(1, "2025-01-06")]}),
    )
    assert one.versions("bill") == MemoryLake(SCHEMA, {"bill": [bill(1, "2025-01-05")]}).versions("bill")
    assert one.versions("bill") != other.versions("bill")
    assert one.versions("unit") == {}
