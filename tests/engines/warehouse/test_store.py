"""The manifest is the one truth; what it does not name is swept, what a reader may be on is kept once."""

from __future__ import annotations

from pathlib import Path

import pytest

from taxops.engines.base import Unavailable
from taxops.engines.warehouse import Batch, Manifest, Store, StoredLake, load

from .shelf import SCHEMA, bill


def test_an_empty_warehouse_and_a_broken_manifest(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.manifest() == Manifest()
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(Unavailable, match="无法读取"):
        store.manifest()
    (tmp_path / "manifest.json").write_text('{"format": 99}')
    with pytest.raises(Unavailable, match="格式不认识"):
        store.manifest()


def test_a_reader_of_the_last_manifest_is_not_robbed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    load(store, SCHEMA, Batch("a", {"bill": [bill(1, "2025-01-01")]}))
    reader = StoredLake(store, SCHEMA)
    load(store, SCHEMA, Batch("b", {"bill": [bill(1, "2025-01-01", 5)]}))
    assert reader.arrow("bill").to_pylist()[0]["amount"] == 100
    load(store, SCHEMA, Batch("c", {"bill": [bill(2, "2025-01-01", 5)]}))
    assert [r["amount"] for r in StoredLake(store, SCHEMA).arrow("bill").to_pylist()] == [5, 5]
    assert not Path(reader.files("bill")[0]).exists()
