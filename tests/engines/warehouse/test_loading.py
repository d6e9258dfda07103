"""Loading: counted, idempotent, merged by key, atomic under kill -9, dirty months reported."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.base import BadInput, Conflict, NotFound, Unavailable
from taxops.engines.warehouse import Batch, Store, StoredLake, load, loading

from .shelf import SCHEMA, bill, visit

ROOT = Path(__file__).resolve().parents[3]


def held(store: Store, table: str = "bill") -> dict[int, tuple[str, int]]:
    """Return what the warehouse holds: key → day and amount."""
    rows = StoredLake(store, SCHEMA).arrow(table).to_pylist()
    assert len({r["bill_id"] for r in rows}) == len(rows)
    return {r["bill_id"]: (str(r["on"]), r["amount"]) for r in rows}


def test_a_batch_is_counted_and_its_months_reported(tmp_path: Path) -> None:
    store = Store(tmp_path / "w")
    rows = [bill(1, "2025-01-31"), bill(2, "2025-02-01", 250), bill(3, "2025-02-28", -50)]
    totals = {"bill": {"rows": 3, "amount": 300}}
    report = load(store, SCHEMA, Batch("b1", {"bill": rows, "unit": [{"unit_id": 1, "name": "一"}]}, totals))
    assert report.dirty == {"bill": ("2025-01", "2025-02"), "unit": ("all",)}
    assert (report.rows, report.totals) == ({"bill": 3, "unit": 1}, {"bill": {"amount": 300}, "unit": {}})
    manifest = store.manifest()
    assert manifest.partitions("bill")["2025-02"].totals == {"amount": 200}
    assert held(store)[2] == ("2025-02-01", 250)


def test_a_load_remembers_whose_it_was_and_names_a_small_batch(tmp_path: Path) -> None:
    store, at = Store(tmp_path / "w"), datetime(2025, 7, 1, 9, tzinfo=UTC)
    rows = [bill(n, "2025-01-31") for n in range(1, loading.NAMED + 2)]
    load(store, SCHEMA, Batch("b1", {"bill": rows, "unit": [{"unit_id": 1, "name": "一"}]}, by="高见", at=at))
    load(store, SCHEMA, Batch("b2", {"bill": [bill(9, "2025-02-01", -50)]}))
    large, small = store.manifest().loads
    assert (large.number, large.batch, large.by, large.at) == (1, "b1", "高见", "2025-07-01T09:00:00+00:00")
    assert set(store.records(large)) == {"unit"}, "a large table is not listed"
    assert small.dirty == {"bill": ("2025-01", "2025-02")}, "where it lay, and where it lies now"
    (record,) = store.records(small)["bill"]
    assert (record["bill_id"], record["on"], record["amount"], record["_month"]) == (
        9,
        "2025-02-01",
        -50,
        "2025-02",
    )
    load(store, SCHEMA, Batch("b3", {"unit": [{"unit_id": 1, "name": "一"}]}))
    assert store.records(small)["bill"] == [record], "sweeping leaves the lists"
    store.path(small.records).unlink()
    with pytest.raises(Unavailable, match="b2"):
        store.records(small)


def test_the_same_batch_twice_is_loaded_once(tmp_path: Path) -> None:
    store = Store(tmp_path / "w")
    batch = Batch("b1", {"bill": [bill(1, "2025-01-31")]})
    load(store, SCHEMA, batch)
    before = store.manifest()
    assert load(store, SCHEMA, batch).is_repeat
    assert store.manifest() == before
    with pytest.raises(Conflict, match="内容不同"):
        load(store, SCHEMA, Batch("b1", {"bill": [bill(1, "2025-01-30")]}))


def test_late_rows_replace_by_key_wherever_they_lay(tmp_path: Path) -> None:
    store = Store(tmp_path / "w")
    load(
        store,
        SCHEMA,
        Batch("b1", {"bill": [bill(1, "2025-01-05"), bill(2, "2025-01-06"), bill(3, "2025-03-01")]}),
    )
    report = load(
        store,
        SCHEMA,
        Batch("b2", {"bill": [bill(2, "2025-01-06", 999), bill(3, "2025-02-01"), bill(4, "2025-03-09")]}),
    )
    assert report.dirty == {"bill": ("2025-01", "2025-02", "2025-03")}
    assert held(store) == {
        1: ("2025-01-05", 100), 2: ("2025-01-06", 999), 3: ("2025-02-01", 100), 4: ("2025-03-09", 100)
    }  # fmt: skip
    versions = store.manifest().versions("bill")
    assert versions == {"2025-01": 2, "2025-02": 1, "2025-03": 2}


def test_a_restated_month_is_replaced_whole_and_others_stay(tmp_path: Path) -> None:
    store = Store(tmp_path / "w")
    load(
        store,
        SCHEMA,
        Batch("b1", {"bill": [bill(1, "2025-01-05"), bill(2, "2025-01-06"), bill(3, "2025-02-01")]}),
    )
    load(store, SCHEMA, Batch("b2", {"bill": [bill(9, "2025-01-07")]}, replace=frozenset({"bill"})))
    assert sorted(held(store)) == [3, 9]


@pytest.mark.parametrize(
    ("tables", "totals", "message"),
    [
        ({"bill": [bill(1, "2025-01-01"), bill(1, "2025-01-02")]}, {}, "重复的主键"),
        ({"bill": [bill(1, "2025-01-01")]}, {"bill": {"amount": 101}}, "应为 101，实为 100"),
        ({"bill": [bill(1, "2025-01-01")]}, {"bill": {"rows": 2}}, "应为 2，实为 1"),
        ({"bill": [bill(1, "2025-01-01")]}, {"bill": {"note": 2}}, "没有可核对"),
        ({"bill": [{**bill(1, "2025-01-01"), "amount": "x"}]}, {}, "不合要求"),
        ({"bill": [{**bill(1, "2025-01-01"), "amount": None}]}, {}, "不合要求"),
        ({"bill": [{**bill(1, "2025-01-01"), "colour": 1}]}, {}, "不合要求"),
    ],
)  # fmt: skip
def test_a_bad_batch_loads_nothing(tmp_path: Path, tables: Any, totals: Any, message: str) -> None:
    store = Store(tmp_path / "w")
    load(store, SCHEMA, Batch("good", {"bill": [bill(7, "2025-01-01")]}))
    before = store.manifest()
    with pytest.raises(BadInput, match=message):
        load(store, SCHEMA, Batch("bad", {"unit": [{"unit_id": 1, "name": "一"}], **tables}, totals))
    assert store.manifest() == before
    assert held(store) == {7: ("2025-01-01", 100)}


def test_names_of_batches_and_tables(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="批次号"):
        load(Store(tmp_path), SCHEMA, Batch("../x", {}))
    with pytest.raises(NotFound, match="没有「nowhere」"):
        load(Store(tmp_path), SCHEMA, Batch("x", {"nowhere": []}))


def test_times_are_kept_to_the_second(tmp_path: Path) -> None:
    store = Store(tmp_path / "w")
    load(store, SCHEMA, Batch("b", {"visit": [visit(1, "2025-01-31T23:59:59.999999")]}))
    assert list(store.manifest().partitions("visit")) == ["2025-01"]
    assert str(StoredLake(store, SCHEMA).arrow("visit").to_pylist()[0]["at"]) == "2025-01-31 23:59:59"


def test_two_loads_at_once_are_refused(tmp_path: Path) -> None:
    store = Store(tmp_path / "w")
    with store.loading(), pytest.raises(Conflict, match="正在装载"):
        load(store, SCHEMA, Batch("b", {"bill": [bill(1, "2025-01-01")]}))


KILLED = """
    import os, sys
    from pathlib import Path
    from taxops.engines.warehouse import Batch, Store, load
    from tests.engines.warehouse.shelf import SCHEMA, bill
    calls = [0]
    real = Path.replace
    def dying(self, target):
        calls[0] += 1
        if calls[0] == int(sys.argv[2]):
            os.kill(os.getpid(), 9)
        return real(self, target)
    Path.replace = dying
    load(Store(Path(sys.argv[1])), SCHEMA, Batch("late", {"bill": [bill(1, "2025-01-05", 7), bill(8, "2025-04-01")]}))
"""


@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_killed_load_leaves_nothing_half(tmp_path: Path, step: int) -> None:
    store = Store(tmp_path / "w")
    load(store, SCHEMA, Batch("b1", {"bill": [bill(1, "2025-01-05"), bill(2, "2025-03-06")]}))
    before, what = store.manifest(), held(store)
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(store.root), str(step)]
    path = f"{ROOT / 'src'}{os.pathsep}{ROOT}"
    done = subprocess.run(
        command, check=False, cwd=ROOT, env={**os.environ, "PYTHONPATH": path}, capture_output=True
    )
    assert done.returncode == -9, done.stderr.decode()
    assert store.manifest() == before
    assert held(store) == what
    load(store, SCHEMA, Batch("late", {"bill": [bill(1, "2025-01-05", 7), bill(8, "2025-04-01")]}))
    assert held(store)[1] == ("2025-01-05", 7)
    assert not list((store.root / "staging").rglob("*.parquet"))
    named = {f for t in store.manifest().tables for f in store.manifest().files(t)} | set(
        store.manifest().stale
    )
    assert {str(f.relative_to(store.root)) for f in (store.root / "data").rglob("*.parquet")} == named


DAYS = ["2025-01-05", "2025-01-31", "2025-02-01", "2025-03-15"]
ROW = st.tuples(st.integers(1, 6), st.sampled_from(DAYS), st.integers(-500, 500))


@settings(max_examples=6, deadline=None)
@given(st.lists(st.lists(ROW, max_size=5, unique_by=lambda r: r[0]), min_size=1, max_size=3))
def test_any_sequence_of_batches_equals_a_dictionary(
    tmp_path_factory: pytest.TempPathFactory, batches: Any
) -> None:
    store, expected = Store(tmp_path_factory.mktemp("w")), {}
    for number, rows in enumerate(batches):
        load(store, SCHEMA, Batch(f"b{number}", {"bill": [bill(k, d, a) for k, d, a in rows]}))
        expected.update({k: (d, a) for k, d, a in rows})
        assert held(store) == expected
        sums = sum(p.totals["amount"] for p in store.manifest().partitions("bill").values())
        assert sums == sum(a for _, a in expected.values())
