"""Facts of control, inspection and correction hold together."""

from __future__ import annotations

import pytest

from .conftest import Tiny

pytestmark = pytest.mark.same_everywhere


def test_outcomes_need_an_end(tiny: Tiny) -> None:
    for t in tiny.read("risk_task").to_pylist():
        assert (t["feedback"] is not None) == (t["done_on"] is not None)
        assert t["tax_amount"] == 0 or t["confirmed"]
    for c in tiny.read("audit_case").to_pylist():
        assert c["has_issue"] <= (c["closed_on"] is not None)
        assert 0 <= c["paid"] <= c["assessed"]
        assert (c["transfer_limit_on"] is not None) == c["to_transfer"] == (c["transferred_on"] is not None)
    for r in tiny.read("review_case").to_pylist():
        assert (r["outcome"] is not None) == (r["decided_on"] is not None)
        assert r["kind"] == "litigation" or r["outcome"] not in {"lost", "won"}


def test_hits_are_decided_after_they_are_found(tiny: Tiny) -> None:
    for h in tiny.read("hit").to_pylist():
        assert h["decided_on"] >= h["hit_on"] >= h["first_inv_on"]
        assert not h["upheld"] or h["appealed"]
        assert not h["appealed"] or h["blocked_on"] is not None


def test_shares_are_shares(tiny: Tiny) -> None:
    assert all(0 <= f["filled"] <= f["expected"] for f in tiny.read("field_check").to_pylist())
    assert all(0 <= r["matched"] <= r["compared"] for r in tiny.read("recon").to_pylist())


def test_external_values_are_their_parts(tiny: Tiny) -> None:
    rows = tiny.read("ext_value").to_pylist()
    assert {r["dataset"] for r in rows} == {
        "survey", "hotline12345", "climate", "market", "gdp", "random_check", "forecast",
    }  # fmt: skip
    for r in rows:
        if r["dataset"] in {"survey", "hotline12345", "market", "random_check"}:
            assert r["value"] == pytest.approx(r["num"] / r["den"])


def test_forecasts_stand_beside_the_payments_of_the_month(tiny: Tiny) -> None:
    paid: dict[tuple[int, str], int] = {}
    for p in tiny.read("payment").to_pylist():
        key = (p["org_id"], p["paid_on"].isoformat()[:7])
        paid[key] = paid.get(key, 0) + p["amount"]
    for r in tiny.read("ext_value").to_pylist():
        if r["dataset"] == "forecast":
            assert r["num"] == paid.get((r["org_id"], r["month"].isoformat()[:7]), 0)
