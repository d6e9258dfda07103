"""Filing and paying (申报与缴款): obligations, returns, liabilities, payments, arrears and refunds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .market import Traded
from .model import DAY, NO_INT, Bools, Coded, Days, Ints, Plan, Table, sigmoid
from .people import People

TAXES = ("VAT", "CIT")
NEVER = np.datetime64("NaT", "D")


@dataclass(slots=True)
class Books:
    """What is carried from month to month (结转): input tax, ids, unpaid liabilities.

    Args:
        credit: input tax carried forward (留抵) in 分.
        quarter_sold: sales since the quarter began; quarter_tax: VAT of small taxpayers since then.
        next_id: of obligations and liabilities.
        open: unpaid or late liabilities as columns `tp, tax, due, paid, amount, collectable`.
    """

    credit: Ints
    quarter_sold: Ints
    quarter_tax: Ints
    next_id: int = 1
    open: tuple[Ints, Ints, Days, Days, Ints, Bools] | None = None


def open_books(people: People) -> Books:
    """Return empty books."""
    zero = np.zeros(people.count, dtype=np.int64)
    return Books(zero.copy(), zero.copy(), zero.copy())


def due_day(plan: Plan, number: int) -> np.datetime64:
    """Return the day by which the n-th month's returns are due: the 15th of the next, later in long holidays."""
    month = int(plan.month(number + 1).astype(int)) % 12
    return plan.first_day(number + 1) + {1: 19, 4: 17, 9: 23}.get(month, 14) * DAY


def file_month(plan: Plan, people: People, books: Books, traded: Traded, number: int) -> dict[str, Table]:
    """Return the tables of returns for the n-th month's period."""
    chance = plan.chance("filing", number)
    first, due = plan.first_day(number), due_day(plan, number)
    closing = int(plan.month(number).astype(int)) % 3 == 2
    books.quarter_sold += traded.sold
    vat = traded.output_tax - np.where(people.general, traded.input_tax + books.credit, 0)
    left = np.where(people.general, np.maximum(-vat, 0), 0)
    books.credit = np.minimum(left, 10**12)
    books.quarter_tax += np.where(people.general, 0, traded.output_tax)
    payable = np.where(people.general, np.maximum(vat, 0), books.quarter_tax)
    known = people.born <= plan.first_day(number + 1)
    gone = ~np.isnat(people.gone) & (people.gone <= due)
    kept = known & ~(gone & (people.fate == 4))
    files = [np.flatnonzero(kept & (people.general | closing)), np.flatnonzero(kept & closing)]
    profit = (books.quarter_sold * chance.uniform(-0.01, 0.09, people.count)).astype(np.int64)
    cit = np.maximum(profit, 0) // 20
    who = np.concatenate(files)
    tax = np.concatenate([np.full(len(f), n) for n, f in enumerate(files)]).astype(np.int64)
    amount = np.where(tax == 0, payable[who], cit[who])
    ids = books.next_id + np.arange(len(who))
    books.next_id += len(who)
    obliged = ~(gone[who])
    filed = _filed(plan, people, chance, who, due, obliged)
    oblig: Table = {
        "oblig_id": ids,
        "tp_id": who + 1,
        "org_id": people.org[who],
        "tax": Coded(tax, TAXES),
        "period": np.full(len(who), first),
        "due": np.full(len(who), due),
        "obliged": obliged,
        "filed_on": filed,
        "decl_id": np.where(np.isnat(filed), NO_INT, ids),
    }
    done = np.flatnonzero(~np.isnat(filed))
    tables = {
        "oblig": oblig,
        **_returns(people, chance, done, oblig, amount, traded, books, left, profit),
    }
    tables |= _liabilities(plan, people, books, chance, done, oblig, amount)
    if closing:
        books.quarter_sold[:] = 0
        books.quarter_tax[:] = 0
    return tables


def _filed(
    plan: Plan, people: People, chance: np.random.Generator, who: Ints, due: np.datetime64, obliged: Bools
) -> Days:
    """Return the day of filing; NaT for never."""
    care = people.diligence[people.office[who], 0] + 0.5 * people.honesty[who]
    punctual = chance.random(len(who)) < sigmoid(4.1 + care)
    early = due - np.minimum(chance.geometric(0.22, len(who)) - 1, 13) * DAY
    late = due + np.minimum(chance.geometric(0.06, len(who)), 300) * DAY
    never = ~punctual & (chance.random(len(who)) < sigmoid(-1.6 - care))
    filed = np.where(punctual, early, late).astype("datetime64[D]")
    end = plan.first_day(plan.months)
    return np.asarray(np.where(never | ~obliged | (filed >= end), NEVER, filed).astype("datetime64[D]"))


def _returns(
    people: People, chance: np.random.Generator, done: Ints, oblig: Table, amount: Ints,
    traded: Traded, books: Books, left: Ints, profit: Ints,
) -> dict[str, Table]:  # fmt: skip
    """Return declarations and the two wide returns."""
    tp = np.asarray(oblig["tp_id"])[done] - 1
    filed = np.asarray(oblig["filed_on"])[done]
    tax = oblig["tax"].codes[done] if isinstance(oblig["tax"], Coded) else done
    ids = np.asarray(oblig["decl_id"])[done]
    online = sigmoid(3.2 + people.diligence[people.office[tp], 1])
    channel = np.where(chance.random(len(tp)) < online, chance.integers(1, 5, len(tp)), 0)
    second = chance.integers(8 * 3600, 22 * 3600, len(tp)).astype("timedelta64[s]")
    shared = {"tp_id": tp + 1, "org_id": people.org[tp], "period": np.asarray(oblig["period"])[done]}
    general = (tax == 0) & people.general[tp]
    v, c = np.flatnonzero(tax == 0), np.flatnonzero(tax == 1)
    return {
        "decl": {
            "decl_id": ids, "tp_id": shared["tp_id"], "org_id": shared["org_id"], "tax": Coded(tax, TAXES),
            "period": shared["period"], "filed_at": filed.astype("datetime64[s]") + second,
            "channel": Coded(channel.astype(np.int64), ("hall", "web", "app", "terminal", "agent")),
            "amount": amount[done], "amended": chance.random(len(tp)) < 0.015,
        },
        "vat_return": {
            "decl_id": ids[v], **{k: x[v] for k, x in shared.items()},
            "sales": np.where(general[v], traded.sold[tp[v]], books.quarter_sold[tp[v]]),
            "output_tax": np.where(general[v], traded.output_tax[tp[v]], books.quarter_tax[tp[v]]),
            "input_tax": np.where(general[v], traded.input_tax[tp[v]], 0),
            "transfer_out": np.zeros(len(v), dtype=np.int64), "payable": amount[done][v],
            "credit_left": left[tp[v]],
        },
        "cit_return": {
            "decl_id": ids[c], **{k: x[c] for k, x in shared.items()}, "revenue": books.quarter_sold[tp[c]],
            "profit": profit[tp[c]], "taxable": np.maximum(profit[tp[c]], 0), "payable": amount[done][c],
        },
    }  # fmt: skip


def _liabilities(
    plan: Plan,
    people: People,
    books: Books,
    chance: np.random.Generator,
    done: Ints,
    oblig: Table,
    amount: Ints,
) -> dict[str, Table]:
    """Return what is owed, what was paid when, and keep the late ones for the month-end balances."""
    owing = done[amount[done] > 0]
    tp = np.asarray(oblig["tp_id"])[owing] - 1
    due = np.asarray(oblig["due"])[owing]
    filed = np.asarray(oblig["filed_on"])[owing]
    value = amount[owing]
    care = people.diligence[people.office[tp], 0] + 0.6 * people.honesty[tp]
    prompt = (chance.random(len(tp)) < sigmoid(3.9 + care)) & (filed <= due)
    late = np.maximum(due, filed) + np.minimum(chance.geometric(0.035, len(tp)), 500) * DAY
    never = ~prompt & (chance.random(len(tp)) < sigmoid(-1.2 - care))
    end = plan.first_day(plan.months)
    paid = np.where(prompt, np.minimum(due, filed + chance.integers(0, 3, len(tp)) * DAY), late)
    paid = np.where(never | (paid >= end), NEVER, paid).astype("datetime64[D]")
    part = np.where(~prompt & (chance.random(len(tp)) < 0.3), value * 3 // 10, 0)
    by_due = np.where(prompt, value, np.where(filed <= due, part, 0))
    tax = oblig["tax"].codes[owing] if isinstance(oblig["tax"], Coded) else owing
    ids = np.asarray(oblig["oblig_id"])[owing]
    base: Table = {"tp_id": tp + 1, "org_id": people.org[tp], "tax": Coded(tax, TAXES)}
    liability: Table = {
        "liab_id": ids, **base, "period": np.asarray(oblig["period"])[owing], "due": due, "amount": value,
        "paid_by_due": by_due, "paid_full_on": paid,
    }  # fmt: skip
    early = np.flatnonzero(by_due > 0)
    rest = np.flatnonzero((by_due < value) & ~np.isnat(paid))
    rows = np.concatenate([early, rest])
    first = np.arange(len(rows)) < len(early)
    when = np.where(
        first, np.minimum(due[rows], np.where(np.isnat(paid[rows]), due[rows], paid[rows])), paid[rows]
    )
    share = np.where(first, by_due[rows], (value - by_due)[rows])
    days = np.maximum(0, (when - due[rows]) / DAY).astype(np.int64)
    collects = chance.random(len(rows)) < sigmoid(2.0 + people.diligence[people.office[tp[rows]], 0])
    fee = np.where(collects, share * 5 * days // 10_000, 0)
    payment: Table = {
        "pay_id": ids[rows] * 2 + ~first, "liab_id": ids[rows], "tp_id": tp[rows] + 1, "org_id": people.org[tp[rows]],
        "tax": Coded(tax[rows], TAXES), "due": due[rows], "paid_on": when.astype("datetime64[D]"),
        "amount": share, "late_fee": fee,
    }  # fmt: skip
    owed = np.flatnonzero(by_due < value)
    fresh = (
        tp[owed],
        tax[owed],
        due[owed],
        paid[owed],
        (value - by_due)[owed],
        chance.random(len(owed)) < 0.9,
    )
    old = books.open
    books.open = fresh if old is None else tuple(np.concatenate(z) for z in zip(old, fresh, strict=True))  # type: ignore[assignment]
    return {"liability": liability, "payment": payment}


def arrears_month(plan: Plan, people: People, books: Books, number: int) -> Table:
    """Return month-end balances (欠税月末余额) per taxpayer and tax, and forget what is settled."""
    first, last = plan.first_day(number), plan.first_day(number + 1)
    if books.open is None:
        zero = np.zeros(0, dtype=np.int64)
        books.open = (zero, zero, zero.astype("datetime64[D]"), zero.astype("datetime64[D]"), zero, zero == 1)
    tp, tax, due, paid, amount, collectable = books.open
    seen = (due < last) & (np.isnat(paid) | (paid >= first))
    key = tp[seen] * 2 + tax[seen]
    kinds, place = np.unique(key, return_inverse=True)
    d, p, a = due[seen], paid[seen], amount[seen]
    settled = ~np.isnat(p) & (p < last)
    sums = [
        np.rint(np.bincount(place, weights=np.where(mask, a, 0), minlength=len(kinds))).astype(np.int64)
        for mask in (d < first, d >= first, settled, ~settled)
    ]
    can = np.bincount(place, weights=collectable[seen], minlength=len(kinds)) > 0
    keep = np.isnat(paid) | (paid >= last)
    books.open = (tp[keep], tax[keep], due[keep], paid[keep], amount[keep], collectable[keep])
    return {
        "tp_id": kinds // 2 + 1,
        "tax": Coded(kinds % 2, TAXES),
        "month": np.full(len(kinds), first),
        "org_id": people.org[kinds // 2],
        "collectable": can,
        "opening": sums[0],
        "added": sums[1],
        "collected": sums[2],
        "balance": sums[3],
    }


def refunds(plan: Plan, people: People, books: Books, number: int) -> Table:
    """Return refunds (退税) whose limit lies in the n-th month; 留抵 by those with much credit."""
    chance = plan.chance("refunds", number)
    rich = np.flatnonzero(people.general & (books.credit > 2_000_000) & people.active(plan.first_day(number)))
    credit = (
        chance.choice(rich, min(len(rich), max(2, people.count // 400)), replace=False) if len(rich) else rich
    )
    other = chance.integers(0, people.count, max(8, people.count // 250))
    who = np.concatenate([credit, other])
    kind = np.concatenate([np.zeros(len(credit)), chance.integers(1, 4, len(other))]).astype(np.int64)
    amount = np.concatenate(
        [books.credit[credit] // 2, np.exp(chance.normal(12, 1, len(other))).astype(np.int64)]
    )
    limit = plan.first_day(number) + chance.integers(0, 28, len(who)) * DAY
    applied = limit - np.where(kind == 3, 30, 14) * DAY
    good = chance.random(len(who)) < sigmoid(3.0 + people.diligence[people.office[who], 0])
    done = np.where(
        good, applied + chance.integers(2, 13, len(who)) * DAY, limit + chance.geometric(0.1, len(who)) * DAY
    )
    done = np.where(done >= plan.first_day(plan.months), NEVER, done).astype("datetime64[D]")
    books.credit[credit] -= amount[: len(credit)]
    base = (number + 1) * 10_000_000
    return {
        "refund_id": base + np.arange(len(who)),
        "tp_id": who + 1,
        "org_id": people.org[who],
        "kind": Coded(kind, ("credit", "export", "overpaid", "wrongful")),
        "applied_on": applied,
        "limit_on": limit,
        "done_on": done,
        "amount": amount.astype(np.int64),
    }
