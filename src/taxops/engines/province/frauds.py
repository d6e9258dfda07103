"""Planted frauds and honest look-alikes (埋设的虚开与易混淆的守法户) with their truth.

Metrics of risk models are computed against the truth; a tenth of the frauds is not known to the bureau and
a few honest taxpayers were wrongly accused, as in life.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .model import DAY, Coded, Floats, Ints, Plan, Table
from .people import GOODS_SECTOR, INDUSTRIES, People

FRAUDS = (
    "burst_shell", "address_ring", "linked_abnormal", "no_purchase", "goods_swap", "other_voucher", "receiver",
    "ordinary_factory", "chain", "loop",
)  # fmt: skip
LOOKALIKES = ("fast_startup", "farm_processor", "importer", "lapsed_owner", "service_firm")
KINDS = (*FRAUDS, *LOOKALIKES)


@dataclass(slots=True)
class Planted:
    """What was planted (埋设): members by kind, extra trade, and paths of chains and loops.

    Args:
        members: kind → taxpayer positions.
        trades: rows `seller, buyer, first month, last month, invoices a month, amount in 分, near the limit`.
        paths: rows `path, hop, seller, buyer, month, amount`, the true routes for tracing.
    """

    members: dict[str, Ints]
    trades: list[Floats] = field(default_factory=list)
    paths: list[tuple[int, int, int, int, int, int]] = field(default_factory=list)

    def of(self, *kinds: str) -> Ints:
        """Return the positions of all members of these kinds."""
        return np.concatenate([self.members[k] for k in kinds])


def plant(plan: Plan, people: People) -> Planted:
    """Choose members of each kind, change their attributes in place and return the extra trade."""
    chance = plan.chance("frauds")
    n = people.count
    each = max(8, n // 600)
    sector = np.array(GOODS_SECTOR)[people.industry] == 1
    free = np.flatnonzero(sector & people.general & (people.fate == 0) & (people.incubator == 0))
    small = np.flatnonzero(sector & ~people.general & (people.fate == 0) & (people.incubator == 0))
    chosen = chance.permutation(np.concatenate([free, chance.permutation(small)[: 16 * each]]))
    members: dict[str, Ints] = {}
    taken = 0
    for kind in KINDS:
        size = min(each, max(4, (len(chosen) - taken) // 2)) if kind != "burst_shell" else each
        members[kind] = np.sort(chosen[taken : taken + size])
        taken += size
    found = Planted(members)
    _attributes(plan, people, found, chance)
    _trades(plan, people, found, chance)
    _routes(plan, found, chance)
    return found


def _attributes(plan: Plan, people: People, found: Planted, chance: np.random.Generator) -> None:
    """Give members what they are known by: age, address, people, size, staff."""
    m, start = found.members, plan.first_day(0)
    everyone = np.concatenate(list(m.values()))
    people.general[everyone] = True
    people.size[everyone] = np.exp(chance.normal(17.6, 0.5, len(everyone)))
    fresh = found.of("burst_shell", "address_ring", "linked_abnormal", "no_purchase", "ordinary_factory")
    span = max(2, plan.months - 6)
    people.born[fresh] = start + chance.integers(-60, span * 30, len(fresh)) * DAY
    people.employees[fresh] = chance.integers(1, 7 if plan.hard else 3, len(fresh))
    shells = m["burst_shell"]
    people.gone[shells] = people.born[shells] + chance.integers(150, 210, len(shells)) * DAY
    people.fate[shells] = 3
    ring = m["address_ring"]
    group = np.arange(len(ring)) // 8
    people.address[ring] = people.address[ring[group * 8]]
    people.rep[ring] = people.rep[ring[group * 8]]
    people.born[ring] = people.born[ring[group * 8]] + chance.integers(0, 90, len(ring)) * DAY
    bad = np.flatnonzero(np.isin(people.fate, (2, 3)))
    people.rep[m["linked_abnormal"]] = people.rep[chance.choice(bad, len(m["linked_abnormal"]))]
    people.rep[m["lapsed_owner"]] = people.rep[chance.choice(bad, len(m["lapsed_owner"]))]
    factory = m["ordinary_factory"]
    people.address[factory] = people.address[factory[np.arange(len(factory)) // 26 * 26]]
    people.born[m["fast_startup"]] = start + chance.integers(0, span * 30, len(m["fast_startup"])) * DAY
    people.industry[m["farm_processor"]] = INDUSTRIES.index("食品加工")
    people.industry[m["other_voucher"]] = INDUSTRIES.index("食品加工")
    people.industry[m["service_firm"]] = INDUSTRIES.index("软件和信息服务")
    np.minimum(people.gone, plan.first_day(plan.months), out=people.gone, where=~np.isnat(people.gone))


def _month_of(plan: Plan, days: np.ndarray) -> Ints:
    months = (days.astype("datetime64[M]") - plan.month(0)).astype(np.int64)
    return np.asarray(np.clip(months, 0, plan.months - 1))


def _trades(plan: Plan, people: People, found: Planted, chance: np.random.Generator) -> None:
    """Add what shells issue and what receivers take."""
    m = found.members
    rows: list[Floats] = []
    takers = m["receiver"]
    for kind, life, count, low, high in (
        ("burst_shell", 3, 25, 4_500_000, 9_500_000),
        ("address_ring", 6, 12, 900_000, 9_000_000),
        ("linked_abnormal", 8, 10, 900_000, 8_000_000),
        ("no_purchase", 12, 8, 900_000, 9_000_000),
    ):
        if plan.hard:
            high = 9_500_000
        who = m[kind]
        first = _month_of(plan, people.born[who] + 20 * DAY)
        for turn in range(3):
            taker = chance.choice(takers if turn == 0 else np.arange(people.count), len(who))
            amount = chance.uniform(low, high, len(who))
            near = np.full(len(who), 0.0 if plan.hard else float(kind == "burst_shell"))
            rows.append(np.column_stack([who, taker, first, np.minimum(first + life - 1, plan.months - 1),
                                         np.full(len(who), count / 3), amount, near]))  # fmt: skip
    factory = m["ordinary_factory"]
    first = _month_of(plan, people.born[factory] + 20 * DAY)
    for _ in range(6):
        taker = chance.integers(0, people.count, len(factory))
        rows.append(np.column_stack([factory, taker, first, np.full(len(factory), plan.months - 1),
                                     np.full(len(factory), 5.0), chance.uniform(4e5, 8e5, len(factory)),
                                     np.full(len(factory), -1.0)]))  # fmt: skip
    if plan.hard:
        cover = found.of("burst_shell", "no_purchase")
        rows.append(np.column_stack([chance.integers(0, people.count, len(cover)), cover,
                                     _month_of(plan, people.born[cover]), np.full(len(cover), plan.months - 1),
                                     np.full(len(cover), 3.0), chance.uniform(1e6, 8e6, len(cover)),
                                     np.zeros(len(cover))]))  # fmt: skip
    kept = [r[r[:, 0] != r[:, 1]] for r in rows]
    found.trades.extend(kept)


def _routes(plan: Plan, found: Planted, chance: np.random.Generator) -> None:
    """Lay chains of three to five hops and loops, with the amounts that travel along them."""
    path = 0
    chain, loop = found.members["chain"], found.members["loop"]
    place = 0
    while place + 4 <= len(chain):
        hops = min(int(chance.integers(3, 6)), len(chain) - place - 1)
        month, amount = int(chance.integers(0, plan.months)), int(chance.integers(3_000_000, 9_000_000))
        path += 1
        for hop in range(hops):
            at = min(plan.months - 1, month + hop // 3)
            found.paths.append((path, hop, int(chain[place + hop]), int(chain[place + hop + 1]), at, amount))
            amount = int(amount * chance.uniform(0.97, 1.03))
        place += hops + 1
    for place in range(0, len(loop) - 1, 2):
        month, amount = int(chance.integers(0, plan.months)), int(chance.integers(3_000_000, 9_000_000))
        path += 1
        a, b = int(loop[place]), int(loop[place + 1])
        found.paths.append((path, 0, a, b, month, amount))
        back = min(plan.months - 1, month + 1)
        found.paths.append((path, 1, b, a, back, int(amount * chance.uniform(0.985, 1.015))))


def truth_tables(plan: Plan, people: People, found: Planted) -> dict[str, Table]:
    """Return `truth` (who was planted as what, and what the bureau believes) and `truth_path`."""
    chance = plan.chance("truth")
    who = np.concatenate([found.members[k] for k in KINDS])
    kind = np.concatenate([np.full(len(found.members[k]), n) for n, k in enumerate(KINDS)])
    fraud = kind < len(FRAUDS)
    known = fraud & (chance.random(len(who)) >= 0.10)
    accused = chance.choice(people.count, max(1, len(who) // 50), replace=False)
    accused = np.setdiff1d(accused, who)
    order = np.lexsort((kind, who))
    none = np.full(len(accused), -1)
    flag = ("no", "yes")
    paths = np.array(found.paths, dtype=np.int64).reshape(-1, 6)
    return {
        "truth": {
            "tp_id": np.concatenate([who[order], accused]) + 1,
            "kind": Coded(np.concatenate([kind[order], none]), KINDS),
            "fraud": Coded(np.concatenate([fraud[order], none * 0]).astype(np.int64), flag),
            "labelled": Coded(np.concatenate([known[order], none * 0 + 1]).astype(np.int64), flag),
        },
        "truth_path": {
            "path_id": paths[:, 0],
            "hop": paths[:, 1],
            "seller": paths[:, 2] + 1,
            "buyer": paths[:, 3] + 1,
            "month": paths[:, 4],
            "amount": paths[:, 5],
        },
    }
