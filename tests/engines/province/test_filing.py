"""Returns agree with invoices, payments with liabilities, balances with what came and went."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import pytest

from taxops.engines.province.filing import due_day

from .conftest import Tiny, tiny_plan

pytestmark = pytest.mark.same_everywhere


def test_general_taxpayers_declare_what_they_invoiced(tiny: Tiny) -> None:
    tax: dict[tuple[int, str], int] = defaultdict(int)
    for i in tiny.read("inv").to_pylist():
        if i["status"] != "void":
            tax[i["seller_id"], i["issued_on"].isoformat()[:7]] += i["tax"]
    kind = {r["tp_id"]: r["vat_kind"] for r in tiny.read("tp").to_pylist()}
    seen = 0
    for r in tiny.read("vat_return").to_pylist():
        if kind[r["tp_id"]] == "general":
            assert r["output_tax"] == tax[r["tp_id"], r["period"].isoformat()[:7]]
            assert r["payable"] == 0 or r["credit_left"] == 0
            seen += 1
    assert seen > 50


def test_payments_never_exceed_what_is_owed(tiny: Tiny) -> None:
    paid: dict[int, int] = defaultdict(int)
    for p in tiny.read("payment").to_pylist():
        paid[p["liab_id"]] += p["amount"]
        late = (p["paid_on"] - p["due"]).days
        assert p["late_fee"] in {0, p["amount"] * 5 * max(0, late) // 10_000}
    for li in tiny.read("liability").to_pylist():
        if li["paid_full_on"] is not None:
            assert paid[li["liab_id"]] == li["amount"]
        else:
            assert paid[li["liab_id"]] == li["paid_by_due"] < li["amount"]


def test_balances_carry_over_month_by_month(tiny: Tiny) -> None:
    rows = {(r["tp_id"], r["tax"], r["month"]): r for r in tiny.read("arrears_m").to_pylist()}
    assert rows
    for (tp, tax, month), r in rows.items():
        assert r["opening"] + r["added"] - r["collected"] == r["balance"] >= 0
        following = (month + timedelta(days=32)).replace(day=1)
        after = rows.get((tp, tax, following))
        if r["balance"] and following <= date(2025, 3, 1):
            assert after is not None
            assert after["opening"] == r["balance"]


def test_nobody_files_after_the_data_ends(tiny: Tiny) -> None:
    filed = [d for d in tiny.column("oblig", "filed_on") if isinstance(d, date)]
    assert filed
    assert max(filed) < date(2025, 4, 1)


def test_a_due_day_lies_in_the_next_month() -> None:
    plan = tiny_plan()
    assert [str(due_day(plan, n)) for n in range(3)] == ["2024-12-15", "2025-01-15", "2025-02-20"]
