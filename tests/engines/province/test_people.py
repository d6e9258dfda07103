"""Taxpayers belong to offices at the bottom; histories join without gaps; the tree is the one given."""

from __future__ import annotations

import pytest

from .conftest import UNITS, Tiny

pytestmark = pytest.mark.same_everywhere


def test_the_tree_is_the_one_given(tiny: Tiny) -> None:
    org = tiny.read("org").to_pylist()
    assert [(o["org_id"], o["parent_id"], o["level"]) for o in org] == [
        (u.code, u.parent, u.level) for u in UNITS
    ]
    assert all(o["officers"] >= 3 for o in org)


def test_taxpayers_sit_at_offices_that_hold_taxpayers(tiny: Tiny) -> None:
    holding = {u.code for u in UNITS if u.level in {"county", "branch"}}
    assert set(tiny.column("tp", "org_id")) <= holding


def test_a_changed_status_ends_one_row_and_begins_the_next(tiny: Tiny) -> None:
    rows: dict[int, list[dict[str, object]]] = {}
    for row in tiny.read("tp").to_pylist():
        rows.setdefault(row["tp_id"], []).append(row)
    assert len(rows) == 900
    two = [r for r in rows.values() if len(r) == 2]
    assert two
    for first, second in two:
        assert first["valid_to"] == second["valid_from"]
        assert first["status"] == "normal" != second["status"]
        assert second["valid_to"] is None
    events = {(e["tp_id"], e["on"], e["status"]) for e in tiny.read("tp_status_event").to_pylist()}
    assert {(r[1]["tp_id"], r[1]["valid_from"], r[1]["status"]) for r in two} <= events


def test_codes_are_unique_and_people_are_known(tiny: Tiny) -> None:
    assert len(set(tiny.column("tp", "uscc"))) == 900
    assert set(tiny.column("tp_person", "person_id")) <= set(tiny.column("person", "person_id"))
    assert set(tiny.column("tp", "addr_id")) <= set(tiny.column("addr", "addr_id"))
