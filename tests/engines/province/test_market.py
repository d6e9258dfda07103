"""Invoices add up: lines to invoices, red letters to originals, deductions to special invoices of the buyer."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pytest

from taxops.engines.province.market import OUTSIDE

from .conftest import Tiny

pytestmark = pytest.mark.same_everywhere


def test_lines_add_up_to_their_invoice(tiny: Tiny) -> None:
    total: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for line in tiny.read("inv_line").to_pylist():
        total[line["inv_id"]][0] += line["amount"]
        total[line["inv_id"]][1] += line["tax"]
    invoices = {i["inv_id"]: [i["amount"], i["tax"]] for i in tiny.read("inv").to_pylist()}
    assert dict(total) == invoices


def test_a_red_letter_undoes_its_original_and_comes_after_it(tiny: Tiny) -> None:
    invoices = {i["inv_id"]: i for i in tiny.read("inv").to_pylist()}
    red = [i for i in invoices.values() if i["red_of"] is not None]
    assert red
    for i in red:
        original = invoices[i["red_of"]]
        assert (i["kind"], i["amount"], i["tax"]) == ("red", -original["amount"], -original["tax"])
        assert i["issued_on"] >= original["issued_on"]
        assert i["seller_id"] == original["seller_id"]


def test_only_general_taxpayers_deduct_and_only_what_was_issued_to_them(tiny: Tiny) -> None:
    invoices = {i["inv_id"]: i for i in tiny.read("inv").to_pylist()}
    kind = {r["tp_id"]: r["vat_kind"] for r in tiny.read("tp").to_pylist()}
    deducted = tiny.read("ded").to_pylist()
    assert deducted
    for d in deducted:
        invoice = invoices[d["inv_id"]]
        assert (invoice["buyer_id"], invoice["tax"]) == (d["buyer_id"], d["tax"])
        assert kind[d["buyer_id"]] == "general"
        assert invoice["status"] != "void"


def test_nobody_trades_with_himself_and_ids_are_unique(tiny: Tiny) -> None:
    invoices = tiny.read("inv").to_pylist()
    assert all(i["seller_id"] != i["buyer_id"] for i in invoices)
    assert max(Counter(i["inv_id"] for i in invoices).values()) == 1


def test_a_few_sellers_serve_many_buyers(tiny: Tiny) -> None:
    buyers: dict[int, set[int]] = defaultdict(set)
    for i in tiny.read("inv").to_pylist():
        if i["buyer_id"] and i["seller_id"] < OUTSIDE:
            buyers[i["seller_id"]].add(i["buyer_id"])
    degree = np.array([len(b) for b in buyers.values()])
    assert degree.max() > 8 * np.median(degree)
