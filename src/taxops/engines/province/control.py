"""Control, inspection and correction (风险防控、税务检查、纠正过错), and the data's own quality."""

from __future__ import annotations

import numpy as np

from .frauds import Planted
from .model import DAY, Bools, Coded, Days, Ints, Plan, Table, sigmoid
from .people import People
from .service import NEVER, days_of, finished, visitors


class _Month:
    """One month's draws: who, when, and how well their office works in an aspect."""

    def __init__(self, plan: Plan, people: People, number: int) -> None:
        self.plan, self.people, self.number = plan, people, number
        self.chance = plan.chance("control", number)
        self.base = (number + 1) * 10_000_000

    def who(self, share: float) -> Ints:
        """Return taxpayers drawn in proportion to `share` of all."""
        return visitors(self.plan, self.people, self.chance, self.number, share)

    def days(self, who: Ints) -> Days:
        """Return a day of the month for each."""
        return days_of(self.plan, self.number, self.chance, len(who))

    def good(self, who: Ints, aspect: int, level: float, slope: float = 1.0) -> Bools:
        """Return for whom the office does well; `level` is the logit of an average office."""
        care = self.people.diligence[self.people.office[who], aspect]
        return np.asarray(self.chance.random(len(who)) < sigmoid(level + slope * care))

    def head(self, key: str, who: Ints) -> Table:
        """Return the columns that every table begins with."""
        return {key: self.base + np.arange(len(who)), "tp_id": who + 1, "org_id": self.people.org[who]}

    def done(self, start: Days, limit: Days, good: Bools) -> Days:
        """Return the day of completion."""
        return finished(self.plan, self.chance, start, limit, good)


def controlled(plan: Plan, people: People, planted: Planted, number: int) -> dict[str, Table]:
    """Return one month's tables of risk tasks, hits, inspection, review, enforcement and data quality."""
    month = _Month(plan, people, number)
    return {**_risk(month, planted), **_inspection(month), **_correction(month), **_data(month)}


def _risk(m: _Month, planted: Planted) -> dict[str, Table]:
    who = m.who(0.006)
    limit = m.days(who)
    issued = limit - 20 * DAY
    done = m.done(issued, limit, m.good(who, 2, 3.2))
    closed = ~np.isnat(done)
    real = m.good(who, 2, 0.3, 0.7)
    said = np.where(real, 0, np.where(m.chance.random(len(who)) < 0.5, 1, 2))
    found = np.exp(m.chance.normal(13, 1.2, len(who))).astype(np.int64)
    task: Table = {
        **m.head("task_id", who),
        "kind": Coded(m.chance.integers(0, 3, len(who)), ("纳税评估", "风险提示", "税收疑点")),
        "issued_on": issued, "limit_on": limit, "done_on": done, "confirmed": closed & real,
        "tax_amount": np.where(closed & real, found, 0),
        "feedback": Coded(np.where(closed, said, -1), ("true_hit", "false_alarm", "unclear")),
    }  # fmt: skip
    people, plan = m.people, m.plan
    frauds = planted.of("burst_shell", "address_ring", "linked_abnormal", "no_purchase")
    begun = (people.born[frauds] + 20 * DAY).astype("datetime64[M]")
    ripe = frauds[begun == plan.month(m.number)]
    who = np.concatenate([ripe, m.who(0.002)])
    sure = np.arange(len(who)) < len(ripe)
    hit_on = np.minimum(m.days(who) + 5 * DAY, plan.first_day(m.number + 1) - DAY)
    workdays = np.where(
        m.good(who, 2, 2.2), m.chance.integers(0, 2, len(who)), m.chance.integers(2, 9, len(who))
    )
    blocked = np.where(m.chance.random(len(who)) < 0.6, hit_on + workdays * DAY, NEVER).astype(
        "datetime64[D]"
    )
    appeal = ~np.isnat(blocked) & ~sure & (m.chance.random(len(who)) < 0.25)
    first = people.born[who] + m.chance.integers(5, 40, len(who)) * DAY
    hit: Table = {
        **m.head("hit_id", who), "model": Coded(m.chance.integers(0, 4, len(who)), ("R1", "R2", "R3", "R6")),
        "tier": Coded(np.where(sure, 0, m.chance.integers(0, 3, len(who))), ("high", "middle", "low")),
        "hit_on": hit_on, "decided_on": hit_on + workdays * DAY, "decided_workdays": workdays,
        "confirmed": sure & m.good(who, 2, 1.8), "first_inv_on": np.minimum(first, hit_on), "blocked_on": blocked,
        "appealed": appeal, "upheld": appeal & (m.chance.random(len(who)) < 0.4),
    }  # fmt: skip
    return {"risk_task": task, "hit": hit, **_registers(m)}


def _registers(m: _Month) -> dict[str, Table]:
    """Return quota events of new taxpayers, comparison failures and samples of registration data."""
    people, plan = m.people, m.plan
    new = np.flatnonzero(people.born.astype("datetime64[M]") == plan.month(m.number))
    raised = m.who(0.003)
    who = np.concatenate([new, raised])
    at = np.concatenate(
        [np.minimum(people.born[new] + 6 * DAY, plan.first_day(m.number + 1) - DAY), m.days(raised)]
    )
    first = np.arange(len(who)) < len(new)
    screened = m.good(who, 2, 2.6)
    quota: Table = {
        **m.head("event_id", who), "at": at.astype("datetime64[s]") + np.timedelta64(36_000, "s"),
        "kind": Coded(np.where(first, 0, 1), ("first", "raise")),
        "before": np.where(first, 0, 2_500_000_00), "after": np.where(first, 750_000_00, 5_000_000_00),
        "screened_on": np.where(screened, at - DAY, NEVER).astype("datetime64[D]"),
    }  # fmt: skip
    who = m.who(0.008)
    found = m.days(who)
    good = m.good(who, 2, 2.5)
    compare: Table = {
        **m.head("fail_id", who), "found_on": found,
        "kind": Coded(m.chance.integers(0, 3, len(who)), ("销项比对", "进项比对", "优惠比对")),
        "cleared_on": np.where(good, m.done(found, found + 10 * DAY, good), NEVER).astype("datetime64[D]"),
    }  # fmt: skip
    who = m.who(0.008)
    sample: Table = {**m.head("sample_id", who), "sampled_on": m.days(who), "matched": m.good(who, 2, 2.9)}
    return {"quota_event": quota, "compare_fail": compare, "reg_sample": sample}


def _inspection(m: _Month) -> dict[str, Table]:
    who = m.who(0.002)
    limit = m.days(who)
    opened = limit - 90 * DAY
    closed = m.done(opened + 15 * DAY, limit, m.good(who, 3, 2.4))
    is_closed = ~np.isnat(closed)
    issue = is_closed & m.good(who, 3, 1.2)
    assessed = np.where(issue, np.exp(m.chance.normal(14, 1.3, len(who))), 0).astype(np.int64)
    paid = (assessed * np.where(m.good(who, 3, 1.6), 1.0, m.chance.random(len(who)))).astype(np.int64)
    move = issue & (m.chance.random(len(who)) < 0.12)
    move_limit = np.where(move, np.where(is_closed, closed, limit) + 10 * DAY, NEVER).astype("datetime64[D]")
    moved = np.where(m.good(who, 3, 2.0), move_limit - 3 * DAY, move_limit + 9 * DAY)
    return {
        "audit_case": {
            **m.head("case_id", who),
            "kind": Coded(m.chance.choice(4, len(who), p=[0.4, 0.4, 0.15, 0.05]),
                          ("selected", "random", "tip", "transfer")),
            "opened_on": opened, "limit_on": limit, "closed_on": closed, "has_issue": issue, "assessed": assessed,
            "paid": paid, "to_transfer": move, "transfer_limit_on": move_limit,
            "transferred_on": np.where(move, moved, NEVER).astype("datetime64[D]"),
        }
    }  # fmt: skip


def _correction(m: _Month) -> dict[str, Table]:
    who = m.who(0.0008)
    limit = m.days(who)
    opened = limit - 60 * DAY
    decided = m.done(opened + 10 * DAY, limit, m.good(who, 4, 3.0))
    suit = m.chance.random(len(who)) < 0.2
    against = ~m.good(who, 4, 1.9)
    wrong = np.where(suit, 5, m.chance.integers(1, 4, len(who)))
    right = np.where(suit, 6, np.where(m.chance.random(len(who)) < 0.8, 0, 4))
    review: Table = {
        **m.head("case_id", who), "kind": Coded(suit.astype(np.int64), ("reconsideration", "litigation")),
        "opened_on": opened, "limit_on": limit, "decided_on": decided,
        "outcome": Coded(np.where(np.isnat(decided), -1, np.where(against, wrong, right)),
                         ("upheld", "revoked", "changed", "illegal", "withdrawn", "lost", "won")),
    }  # fmt: skip
    who = m.who(0.02)
    kind = m.chance.choice(4, len(who), p=[0.3, 0.4, 0.25, 0.05])
    act: Table = {
        **m.head("act_id", who), "kind": Coded(kind, ("penalty", "levy", "permit", "coercion")), "on": m.days(who),
        "amount": np.exp(m.chance.normal(10, 1.5, len(who))).astype(np.int64),
        "outside_discretion": (kind == 0) & ~m.good(who, 4, 3.0),
    }  # fmt: skip
    who = m.who(0.0006)
    limit = m.days(who)
    head = m.head("fault_id", who)
    del head["tp_id"]
    fault: Table = {**head, "found_on": limit - 30 * DAY, "limit_on": limit,
                    "fixed_on": m.done(limit - 30 * DAY, limit, m.good(who, 4, 2.4))}  # fmt: skip
    who = m.who(0.003)
    head = m.head("doubt_id", who)
    del head["tp_id"]
    raised = m.days(who)
    good = m.good(who, 4, 2.3)
    verified = np.where(good, m.done(raised, raised + 20 * DAY, good), NEVER).astype("datetime64[D]")
    doubt: Table = {**head, "raised_on": raised, "verified_on": verified,
                    "confirmed": ~np.isnat(verified) & (m.chance.random(len(who)) < 0.3)}  # fmt: skip
    return {"review_case": review, "enforce_act": act, "fault": fault, "doubt": doubt}


def _data(m: _Month) -> dict[str, Table]:
    """Return the checks of the data itself, office by office, and vouchers other than invoices."""
    people, plan, chance = m.people, m.plan, m.chance
    leaf, offices = people.leaf, len(people.leaf)
    held = np.bincount(people.office, minlength=offices) * 20 + 20
    care = people.diligence[:, 2]
    field: Table = {
        "org_id": leaf, "month": np.full(offices, plan.first_day(m.number)),
        "dataset": Coded(np.zeros(offices, np.int64), ("tp",)),
        "filled": chance.binomial(held, sigmoid(3.0 + care)), "expected": held,
    }  # fmt: skip
    days = plan.first_day(m.number) + np.array([0, 7, 14, 21]) * DAY
    office = np.repeat(np.arange(offices), 4)
    due = np.tile(days, offices).astype("datetime64[s]") + np.timedelta64(6 * 3600, "s")
    ok = chance.random(len(office)) < sigmoid(3.0 + care[office])
    arrived = due + np.where(
        ok, -chance.integers(60, 3600, len(office)), chance.integers(60, 90_000, len(office))
    ).astype("timedelta64[s]")
    sync: Table = {
        "batch_id": m.base + np.arange(len(office)), "org_id": leaf[office],
        "system": Coded(np.tile(np.arange(4) % 2, offices), ("金税", "电子税务局")),
        "due_at": due, "arrived_at": arrived,
    }  # fmt: skip
    compared = chance.integers(200, 2_000, offices)
    recon: Table = {
        "org_id": leaf, "day": np.full(offices, days[1]),
        "pair": Coded(np.zeros(offices, np.int64), ("登记—电子税务局",)),
        "compared": compared, "matched": chance.binomial(compared, sigmoid(4.5 + care)),
    }  # fmt: skip
    who = np.flatnonzero(
        people.active(plan.first_day(m.number)) & people.general & (chance.random(people.count) < 0.15)
    )
    farm = np.isin(people.industry[who], (3,))
    kind = np.where(farm, 1, chance.choice([0, 2, 3], len(who), p=[0.1, 0.6, 0.3]))
    tax = np.exp(chance.normal(9.0, 1.0, len(who))) * np.where(kind == 1, 60, np.where(kind == 0, 80, 1))
    voucher: Table = {
        **m.head("voucher_id", who), "period": np.full(len(who), plan.first_day(m.number)),
        "kind": Coded(kind, ("customs", "farm", "passenger", "toll")), "tax": tax.astype(np.int64),
        "verified": chance.random(len(who)) < 0.98,
    }  # fmt: skip
    return {"field_check": field, "sync_batch": sync, "recon": recon, "other_voucher": voucher}


def external(plan: Plan, people: People, number: int) -> Table:
    """Return what others measure (外部数据): surveys, business climate, GDP, market registrations, forecasts."""
    chance = plan.chance("external", number)
    offices = len(people.leaf)
    mean = people.diligence.mean(axis=1)
    held = np.bincount(people.office, minlength=offices).astype(np.float64) + 1
    asked = np.full(offices, 50.0)
    rows: list[tuple[str, str, np.ndarray, np.ndarray, np.ndarray]] = []
    for dataset, item, level in (("survey", "satisfied", 2.6), ("hotline12345", "satisfied", 2.2)):
        happy = chance.binomial(50, sigmoid(level + people.diligence[:, 1])).astype(np.float64)
        rows.append((dataset, item, happy / asked, happy, asked))
    climate = np.clip(82 + 8 * mean + chance.normal(0, 2, offices), 0, 100)
    rows.append(("climate", "tax", climate, climate, np.ones(offices)))
    missing = chance.binomial(held.astype(np.int64), sigmoid(-4.0 - people.diligence[:, 2])).astype(
        np.float64
    )
    rows.append(("market", "unregistered", missing / held, missing, held))
    growth = 0.05 + 0.01 * chance.normal(0, 1, offices)
    rows.append(("gdp", "growth", growth, growth, np.ones(offices)))
    target = np.full(offices, 40.0)
    done = chance.binomial(40, sigmoid(2.6 + people.diligence[:, 3])).astype(np.float64)
    rows.append(("random_check", "done", done / target, done, target))
    words, items = sorted({r[0] for r in rows}), sorted({r[1] for r in rows})
    n = len(rows)
    return {
        "dataset": Coded(np.repeat([words.index(r[0]) for r in rows], offices), words),
        "item": Coded(np.repeat([items.index(r[1]) for r in rows], offices), items),
        "org_id": np.tile(people.leaf, n),
        "month": np.full(n * offices, plan.first_day(number)),
        "version": np.ones(n * offices, dtype=np.int64),
        "value": np.concatenate([r[2] for r in rows]),
        "num": np.concatenate([r[3] for r in rows]),
        "den": np.concatenate([r[4] for r in rows]),
    }
