"""The market (市场): purchases drive it. Each taxpayer buys by its industry's recipe from habitual suppliers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .frauds import Planted
from .model import DAY, NO_INT, Bools, Coded, Days, Floats, Ints, Plan, Table
from .people import INDUSTRIES, People

OUTSIDE = 9_000_000_000
"""Ids above are partners in other provinces; the bureau holds no more of them than the number."""
_OUTSIDERS = 400
# goods and services by industry: seven-digit groups of the tax classification
GOODS = (
    (), (), (1090101, 1090305), (1030201, 1030307), (1010101, 1010112), (3050100,), (3010201,), (3040201,),
    (3040801,), (3070401,), (1070301, 1070305), (1090413, 1090419), (), (1090522, 1090530), (3070501,), (5000100,),
)  # fmt: skip
_INPUTS = (
    (3010201, 3040801), (3010201, 3040801), (1090305, 1090530, 3010201), (1010101, 1010112, 3010201),
    (1030307, 1090101), (1090101, 3010201, 3040801), (1090413, 3040801), (1090530, 3040801),
    (3040201, 1090522), (1030201, 1010101), (1070301, 3010201), (1090101, 1090305, 1090522),
    (3010201, 3040801), (1090305, 1090522), (1030307, 3040801), (3050100, 1090101),
)  # fmt: skip
_TRADERS = (0, 1, 12)
_SEASON = np.array([0.95, 0.66, 1.05, 1.0, 1.0, 1.06, 0.94, 0.95, 1.05, 0.98, 1.1, 1.26])
PER_TAXPAYER = 2.4
"""Invoices a taxpayer and month, on average."""


@dataclass(frozen=True, slots=True)
class Edges:
    """Habitual trade (惯常交易): who buys from whom, how often and for how much."""

    seller: Ints
    buyer: Ints
    first: Ints
    last: Ints
    rate: Floats
    amount: Floats
    near: Floats

    def __len__(self) -> int:
        return len(self.seller)


def goods_of(plan: Plan, people: People) -> Ints:
    """Return the goods group that each taxpayer sells; traders deal in what somebody makes."""
    chance = plan.chance("goods")
    made = np.array([g for groups in GOODS for g in groups if g < 2_000_000])
    sold = np.zeros(people.count, dtype=np.int64)
    for number, groups in enumerate(GOODS):
        where = np.flatnonzero(people.industry == number)
        choices = np.array(groups) if groups else made
        if number == INDUSTRIES.index("钢材贸易"):
            choices = np.array([1090101])
        sold[where] = chance.choice(choices, len(where))
    return sold


def build_edges(plan: Plan, people: People, planted: Planted, goods: Ints) -> Edges:
    """Return everybody's habitual suppliers, and the trade of what was planted."""
    chance = plan.chance("edges")
    sellers_of = {g: np.flatnonzero(goods == g) for g in np.unique(goods).tolist()}
    parts: list[tuple[Ints, Ints]] = []
    for number, inputs in enumerate(_INPUTS):
        buyers = np.flatnonzero(people.industry == number)
        for good in inputs:
            parts += [_suppliers(chance, people, buyers, sellers_of.get(good))]
        if number in _TRADERS:
            for good, found in sellers_of.items():
                own = buyers[goods[buyers] == good]
                for _ in range(2):  # goods for resale weigh more than overheads
                    parts += [_suppliers(chance, people, own, found)]
    seller = np.concatenate([p[0] for p in parts])
    buyer = np.concatenate([p[1] for p in parts])
    dry = np.isin(buyer, planted.of("burst_shell", "no_purchase", "ordinary_factory"))
    swapped = np.isin(buyer, planted.members["goods_swap"]) & (goods[seller % people.count] == goods[buyer])
    keep = (seller != buyer) & ~(dry & (chance.random(len(seller)) < 0.93)) & ~swapped
    seller, buyer = seller[keep], buyer[keep]
    away = chance.random(len(seller)) < 0.12
    seller = np.where(away, OUTSIDE + chance.integers(1, _OUTSIDERS, len(seller)), seller)
    sold_away = chance.choice(people.count, people.count // 5, p=people.size / people.size.sum())
    seller = np.concatenate([seller, sold_away])
    buyer = np.concatenate([buyer, OUTSIDE + chance.integers(1, _OUTSIDERS, len(sold_away))])
    inside = buyer < OUTSIDE
    size = people.size[np.where(inside, buyer, seller % people.count)]
    each = np.bincount(buyer[inside], minlength=people.count)
    fan = np.where(inside, each[np.where(inside, buyer, 0)], 3)
    rate = size**0.35 / np.sqrt(fan) * np.exp(chance.normal(0, 0.4, len(size)))
    rate *= PER_TAXPAYER * 0.8 * people.count / rate.sum()
    dry = np.isin(buyer, planted.of("burst_shell", "no_purchase", "ordinary_factory"))
    amount = np.clip(0.65 * size / fan / rate * np.where(dry, 0.04, 1.0), 5_000, 9e8)
    edges = np.column_stack([seller, buyer, np.zeros(len(rate)), np.full(len(rate), plan.months - 1), rate,
                             amount, np.zeros(len(rate))])  # fmt: skip
    table = np.vstack([edges, *planted.trades])
    whole = table[:, :4].astype(np.int64)
    return Edges(whole[:, 0], whole[:, 1], whole[:, 2], whole[:, 3], table[:, 4], table[:, 5], table[:, 6])


def _suppliers(
    chance: np.random.Generator, people: People, buyers: Ints, sellers: Ints | None
) -> tuple[Ints, Ints]:
    """Return one to six suppliers for each buyer, the larger the likelier."""
    if sellers is None or not len(sellers) or not len(buyers):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    many = np.minimum(6, 1 + chance.poisson(np.log1p(people.size[buyers] / 5e6)))
    buyer = np.repeat(buyers, many)
    line = np.cumsum(people.size[sellers])
    place = np.searchsorted(line, chance.random(len(buyer)) * line[-1], side="right")
    return sellers[np.minimum(place, len(sellers) - 1)], buyer


@dataclass(frozen=True, slots=True)
class Traded:
    """A month's invoices (当月发票) and what returns need of them, taxpayer by taxpayer in 分."""

    inv: Table
    inv_line: Table
    ded: Table
    sold: Ints
    output_tax: Ints
    input_tax: Ints


def trade(plan: Plan, people: People, edges: Edges, goods: Ints, planted: Planted, number: int) -> Traded:
    """Return the invoices of one month."""
    chance = plan.chance("market", number)
    first = plan.first_day(number)
    season = _SEASON[plan.month(number).astype(int) % 12]
    alive = np.append(people.active(first), True)
    n = people.count
    seller_ok = alive[np.where(edges.seller < n, edges.seller, n)]
    buyer_ok = alive[np.where(edges.buyer < n, edges.buyer, n)]
    rate = edges.rate * season * seller_ok * buyer_ok * (edges.first <= number) * (edges.last >= number)
    drawn = np.repeat(np.arange(len(edges)), chance.poisson(rate))
    seller, buyer = edges.seller[drawn], edges.buyer[drawn]
    near, mean = edges.near[drawn], edges.amount[drawn]
    noise = np.exp(chance.normal(-0.32, 0.8, len(drawn)))
    amount = np.where(near == 1.0, chance.uniform(0.93, 0.999, len(drawn)) * 1e7, mean * noise)
    own = [p for p in planted.paths if p[4] == number]
    shops = chance.poisson(people.size**0.3 * alive[:n] * np.isin(people.industry, (1, 3, 9, 14)))
    consumers = np.repeat(np.arange(n), shops)
    wanted = int(PER_TAXPAYER * 0.16 * n * season)
    consumers = np.sort(chance.choice(consumers, min(wanted, len(consumers)), replace=False))
    routes = np.array(own, dtype=np.int64).reshape(-1, 6)
    seller = np.concatenate([seller, routes[:, 2], consumers])
    buyer = np.concatenate([buyer, routes[:, 3], np.full(len(consumers), -1)])
    amount = np.concatenate([amount, routes[:, 5], np.exp(chance.normal(9.6, 1.1, len(consumers)))])
    near = np.concatenate([near, np.zeros(len(routes) + len(consumers))])
    count = len(seller)
    day = _days(chance, plan, number, count)
    order = np.lexsort((seller, day))
    seller, buyer, near, day = seller[order], buyer[order], near[order], day[order]
    value = np.maximum(100, amount[order]).astype(np.int64)
    return _written(plan, people, goods, number, seller, buyer, value, near, day)


def _days(chance: np.random.Generator, plan: Plan, number: int, count: int) -> Days:
    """Return days of issue: more toward the month's end."""
    first = plan.first_day(number)
    length = int((plan.first_day(number + 1) - first) / DAY)
    weight = 1.0 + 0.8 * (np.arange(length) > length - 6) + 0.3 * (np.arange(length) < 3)
    return np.asarray(first + chance.choice(length, count, p=weight / weight.sum()) * DAY)


def _written(
    plan: Plan, people: People, goods: Ints, number: int, seller: Ints, buyer: Ints, amount: Ints,
    near: Floats, day: Days,
) -> Traded:  # fmt: skip
    """Return invoices with tax, kind, status, red letters and lines."""
    chance = plan.chance("invoices", number)
    n, count = people.count, len(seller)
    inside_s, inside_b = seller < n, (buyer >= 0) & (buyer < n)
    s, b = np.where(inside_s, seller, 0), np.where(inside_b, buyer, 0)
    general = np.where(inside_s, people.general[s], True)
    code = np.where(inside_s, goods[s], 1090101)
    rate = np.where(~general, 100, np.where(code < 2_000_000, 1300, np.where(code == 3050100, 900, 600)))
    tax = (amount * rate + 5_000) // 10_000
    wants = np.where(inside_b, people.general[b], buyer >= OUTSIDE)
    special = wants & (near >= 0) & (chance.random(count) < np.where(general, 0.93, 0.3))
    status = np.where(chance.random(count) < 0.008, 1, 0)
    month_base = (int(plan.month(number).astype(int)) + 1) * 10_000_000
    inv_id = month_base + np.arange(1, count + 1)
    red = np.flatnonzero((chance.random(count) < 0.012) & (status == 0))
    red_day = np.minimum(day[red] + chance.integers(1, 20, len(red)) * DAY, plan.first_day(number + 1) - DAY)
    rows = np.concatenate([np.arange(count), red])
    sign = np.where(np.arange(len(rows)) < count, 1, -1)
    ids = np.concatenate([inv_id, month_base + count + 1 + np.arange(len(red))])
    state = np.where(sign < 0, 2, status[rows])
    kind = np.where(sign < 0, 2, special[rows])
    far = ~inside_s[rows]
    both: Table = {
        "inv_id": ids.astype(np.int64),
        "number": ids.astype(np.int64),
        "kind": Coded(kind.astype(np.int64), ("ordinary", "special", "red")),
        "seller_id": np.where(far, seller[rows], seller[rows] + 1),
        "buyer_id": np.where(inside_b[rows], buyer[rows] + 1, np.where(buyer[rows] < 0, NO_INT, buyer[rows])),
        "org_id": np.where(far, plan.units[0].code, people.org[s[rows]]),
        "issued_on": np.concatenate([day, red_day]),
        "amount": amount[rows] * sign,
        "tax": tax[rows] * sign,
        "rate_bp": rate[rows].astype(np.int64),
        "status": Coded(state.astype(np.int64), ("normal", "void", "red")),
        "red_of": np.where(sign < 0, inv_id[np.minimum(rows, count - 1)], NO_INT),
        "machine": np.where(~far & (people.agent[s[rows]] > 0), people.agent[s[rows]], seller[rows] + 1),
    }
    lines = _lines(chance, both, code[rows], len(rows))
    keeps = state != 1
    net = np.where(keeps, np.asarray(both["tax"]), 0)
    value = np.where(keeps, np.asarray(both["amount"]), 0)
    sold = np.bincount(s[rows], weights=value * inside_s[rows], minlength=n)
    out = np.bincount(s[rows], weights=net * inside_s[rows], minlength=n)
    taken = np.flatnonzero(special[rows] & inside_b[rows] & keeps & np.append(people.general, False)[b[rows]])
    got = np.bincount(b[rows][taken], weights=net[taken], minlength=n)
    ded = _deductions(chance, plan, people, number, both, s[rows], inside_s[rows], taken)
    whole = [np.rint(x).astype(np.int64) for x in (sold, out, got)]
    return Traded(both, lines, ded, whole[0], whole[1], whole[2])


def _lines(chance: np.random.Generator, inv: Table, code: Ints, count: int) -> Table:
    """Return one line an invoice, two for a fifth of them; lines add up to the invoice."""
    two = np.flatnonzero(chance.random(count) < 0.2)
    amount, tax, ids = (np.asarray(inv[k]) for k in ("amount", "tax", "inv_id"))
    share = np.zeros(count)
    share[two] = chance.uniform(0.1, 0.6, len(two))
    second, second_tax = (amount * share).astype(np.int64), (tax * share).astype(np.int64)
    rows = np.concatenate([np.arange(count), two])
    line = np.where(np.arange(len(rows)) < count, 1, 2).astype(np.int64)
    value = np.where(line == 1, (amount - second)[rows], second[rows])
    quantity = chance.integers(1, 200, len(rows))
    order = np.lexsort((line, rows))
    return {
        "inv_id": ids[rows][order],
        "line": line[order],
        **{k: np.asarray(inv[k])[rows][order] for k in ("seller_id", "buyer_id", "org_id", "issued_on")},
        "goods": code[rows][order],
        "qty": quantity[order],
        "amount": value[order],
        "tax": np.where(line == 1, (tax - second_tax)[rows], second_tax[rows])[order],
    }


def _deductions(
    chance: np.random.Generator, plan: Plan, people: People, number: int, inv: Table, seller: Ints,
    inside: Bools, taken: Ints,
) -> Table:  # fmt: skip
    """Return which special invoices buyers selected for deduction, and abnormal vouchers transferred out."""
    used = taken[chance.random(len(taken)) < 0.97]
    first = plan.first_day(number)
    bad = inside[used] & np.isin(people.fate[seller[used]], (2, 3)) & ~np.isnat(people.gone[seller[used]])
    outcome = chance.random(len(used))
    tax = np.asarray(inv["tax"])[used]
    selected = np.asarray(inv["issued_on"])[used] + chance.integers(1, 12, len(used)) * DAY
    buyer = np.asarray(inv["buyer_id"])[used]
    return {
        "inv_id": np.asarray(inv["inv_id"])[used],
        "buyer_id": buyer,
        "period": np.full(len(used), first),
        "org_id": people.org[buyer - 1],
        "kind": Coded(np.zeros(len(used), dtype=np.int64), ("special",)),
        "selected_on": selected,
        "tax": tax,
        "abnormal": bad,
        "transfer_out": np.where(bad & (outcome < 0.55), tax, 0),
        "verified": bad & (outcome >= 0.55) & (outcome < 0.8),
    }
