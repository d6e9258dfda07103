"""What was planted is there to be found, and the truth says so."""

from __future__ import annotations

from collections import defaultdict

import pytest

from taxops.engines.province.frauds import FRAUDS, KINDS, LOOKALIKES, plant
from taxops.engines.province.people import settle

from .conftest import Tiny, tiny_plan

pytestmark = pytest.mark.same_everywhere


def _truth(tiny: Tiny) -> dict[str, set[int]]:
    import pyarrow.parquet as pq

    found: dict[str, set[int]] = defaultdict(set)
    for row in pq.read_table(tiny.out / "truth.parquet").to_pylist():
        found[row["kind"] or ("accused" if row["fraud"] == "no" else "?")].add(row["tp_id"])
    return found


def test_every_kind_is_planted_and_nobody_is_two(tiny: Tiny) -> None:
    truth = _truth(tiny)
    assert set(KINDS) <= set(truth)
    everyone = [tp for kind in KINDS for tp in truth[kind]]
    assert len(everyone) == len(set(everyone))
    assert {k: len(truth[k]) for k in KINDS} == tiny.done.planted


def test_sellers_without_purchases_sell_and_hardly_buy(tiny: Tiny) -> None:
    who = _truth(tiny)["no_purchase"]
    sold: dict[int, int] = defaultdict(int)
    bought: dict[int, int] = defaultdict(int)
    for i in tiny.read("inv").to_pylist():
        sold[i["seller_id"]] += i["amount"]
        bought[i["buyer_id"]] += i["amount"]
    sellers = [tp for tp in who if sold[tp] > 0]
    assert len(sellers) >= len(who) // 2
    assert sum(bought[tp] for tp in sellers) < 0.25 * sum(sold[tp] for tp in sellers)


def test_chains_can_be_followed_in_the_invoices(tiny: Tiny) -> None:
    import pyarrow.parquet as pq

    pairs = {(i["seller_id"], i["buyer_id"]) for i in tiny.read("inv").to_pylist()}
    hops = pq.read_table(tiny.out / "truth_path.parquet").to_pylist()
    dead = {r["tp_id"] for r in tiny.read("tp").to_pylist() if r["status"] != "normal"}
    assert hops
    missing = [
        h for h in hops if (h["seller"], h["buyer"]) not in pairs and not {h["seller"], h["buyer"]} & dead
    ]
    assert not missing
    longest = max(h["hop"] for h in hops)
    assert 2 <= longest <= 4


def test_a_ring_shares_address_and_person() -> None:
    plan = tiny_plan()
    people = settle(plan)
    ring = plant(plan, people).members["address_ring"]
    assert len(set(people.address[ring[:8]].tolist())) == 1 == len(set(people.rep[ring[:8]].tolist()))


def test_adaptive_frauds_have_staff_and_stay_below_the_limit() -> None:
    plan = tiny_plan(hard=True)
    people = settle(plan)
    planted = plant(plan, people)
    assert people.employees[planted.members["burst_shell"]].max() > 2
    assert all((rows[:, 6] != 1.0).all() for rows in planted.trades)
    assert not set(FRAUDS) & set(LOOKALIKES)
