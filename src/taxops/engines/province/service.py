"""Serving taxpayers (纳税服务): items, tickets, windows, ratings, calls, complaints, entitlements."""

from __future__ import annotations

import numpy as np

from .model import DAY, Bools, Coded, Days, Ints, Plan, Table, sigmoid
from .people import People

NEVER = np.datetime64("NaT", "D")
ITEMS = ("申报纳税", "发票领用", "变更登记", "税收优惠备案", "退税申请", "证明开具", "跨区涉税", "社保费缴纳")
_LIMITS = np.array([0, 1, 1, 2, 10, 1, 0, 0])
POLICIES = ("小微企业所得税优惠", "小规模纳税人免征增值税", "六税两费减半", "研发费用加计扣除")


def visitors(plan: Plan, people: People, chance: np.random.Generator, number: int, share: float) -> Ints:
    """Return taxpayers who come in a month, with repetition; more in quarters' closing levy periods."""
    levy = 1.25 if int(plan.month(number).astype(int)) % 3 == 0 else 0.93
    there = np.flatnonzero(people.active(plan.first_day(number)))
    return np.asarray(chance.choice(there, max(len(people.leaf) // 2, int(share * levy * people.count))))


def days_of(plan: Plan, number: int, chance: np.random.Generator, count: int) -> Days:
    """Return days of the month; before the 16th (征期) three times as likely."""
    first = plan.first_day(number)
    length = int((plan.first_day(number + 1) - first) / DAY)
    weight = np.where(np.arange(length) < 15, 3.0, 1.0)
    return np.asarray(first + chance.choice(length, count, p=weight / weight.sum()) * DAY)


def finished(
    plan: Plan, chance: np.random.Generator, start: Days, limit: Days, good: Bools, slack: float = 0.15
) -> Days:
    """Return the day of completion: within the limit where `good`, else late; NaT when after the plan's end."""
    span = np.maximum(0, (limit - start) / DAY).astype(np.int64)
    early = start + (chance.random(len(start)) * (span + 1)).astype(np.int64) * DAY
    late = limit + np.minimum(chance.geometric(slack, len(start)), 200) * DAY
    done = np.where(good, early, late).astype("datetime64[D]")
    kept: Days = np.where(done >= plan.first_day(plan.months), NEVER, done).astype("datetime64[D]")
    return kept


def _at(chance: np.random.Generator, day: Days) -> Days:
    at: Days = day.astype("datetime64[s]") + chance.integers(30_600, 61_200, len(day)).astype(
        "timedelta64[s]"
    )
    return at


def served(plan: Plan, people: People, number: int) -> dict[str, Table]:
    """Return one month's `svc`, `ticket`, `rating`, `window_day`, `call`, `complaint`, `policy_result`."""
    chance = plan.chance("service", number)
    base = (number + 1) * 10_000_000
    tp = visitors(plan, people, chance, number, 0.28)
    care = people.diligence[people.office[tp], 1]
    count = len(tp)
    item = chance.choice(len(ITEMS), count, p=[0.3, 0.2, 0.08, 0.08, 0.06, 0.12, 0.06, 0.1])
    afar = chance.random(count) < sigmoid(1.9 + care)
    channel = np.where(afar, chance.integers(1, 5, count), 0)
    day = days_of(plan, number, chance, count)
    at = _at(chance, day)
    limit = day + _LIMITS[item] * DAY
    good = chance.random(count) < sigmoid(4.2 + care)
    ratable = chance.random(count) < 0.9
    ids = base + np.arange(count)
    svc: Table = {
        "svc_id": ids, "tp_id": tp + 1, "org_id": people.org[tp], "item": Coded(item, ITEMS),
        "channel": Coded(channel, ("hall", "web", "app", "terminal", "phone")), "at": at, "limit_on": limit,
        "done_on": finished(plan, chance, day, limit, good), "ratable": ratable,
    }  # fmt: skip
    hall = np.flatnonzero(channel == 0)
    tables = {"svc": svc, "ticket": _tickets(chance, people, tp[hall], item[hall], at[hall], ids[hall])}
    rated = np.flatnonzero(ratable & (chance.random(count) < sigmoid(-0.2 + 0.5 * care)))
    tables["rating"] = _ratings(plan, chance, people, tp[rated], ids[rated], at[rated])
    tables["window_day"] = _windows(plan, chance, people, number)
    tables |= _voices(plan, chance, people, number)
    if int(plan.month(number).astype(int)) % 3 == 2:
        tables["policy_result"] = _policies(plan, people, number)
    return tables


def _tickets(
    chance: np.random.Generator, people: People, tp: Ints, item: Ints, at: np.ndarray, ids: Ints
) -> Table:
    busy = np.exp(chance.normal(1.75 - 0.55 * people.diligence[people.office[tp], 1], 0.75))
    wait = np.minimum(busy * 60, 5_400).astype(np.int64)
    state = chance.choice(3, len(tp), p=[0.94, 0.035, 0.025])
    called = at + wait.astype("timedelta64[s]")
    closed = called + chance.integers(120, 1_500, len(tp)).astype("timedelta64[s]")
    nothing = np.datetime64("NaT", "s")
    return {
        "ticket_id": ids,
        "org_id": people.org[tp],
        "item": Coded(item, ITEMS),
        "taken_at": at,
        "called_at": np.where(state == 1, nothing, called),
        "closed_at": np.where(state == 0, closed, nothing),
        "state": Coded(state, ("done", "cancelled", "passed")),
    }


def _ratings(
    plan: Plan, chance: np.random.Generator, people: People, tp: Ints, svc: Ints, at: np.ndarray
) -> Table:
    care = people.diligence[people.office[tp], 1]
    bad = chance.random(len(tp)) < sigmoid(-4.6 - care)
    score = np.where(bad, chance.integers(1, 3, len(tp)), np.where(chance.random(len(tp)) < 0.03, 3, 4))
    score = np.where((score == 4) & (chance.random(len(tp)) < 0.7), 5, score)
    day = at.astype("datetime64[D]")
    limit = day + 15 * DAY
    done = finished(plan, chance, day, limit, chance.random(len(tp)) < sigmoid(2.7 + care))
    return {
        "rating_id": svc,
        "svc_id": svc,
        "org_id": people.org[tp],
        "at": at + np.timedelta64(600, "s"),
        "score": score.astype(np.int64),
        "bad": bad,
        "limit_on": np.where(bad, limit, NEVER),
        "closed_on": np.where(bad, done, NEVER),
    }


def _windows(plan: Plan, chance: np.random.Generator, people: People, number: int) -> Table:
    """Return what each window should and did stand open; three windows an office, on weekdays."""
    days = np.arange(plan.first_day(number), plan.first_day(number + 1))
    work = days[np.is_busday(days)][::3]  # every third day is kept: a sample, as the supervision takes
    offices = len(people.leaf)
    office = np.repeat(np.arange(offices), 3 * len(work))
    window = np.tile(np.repeat(np.arange(1, 4), len(work)), offices)
    share = np.clip(sigmoid(2.3 + people.diligence[office, 1] + chance.normal(0, 0.8, len(office))), 0, 1)
    return {
        "org_id": people.leaf[office],
        "window": window,
        "day": np.tile(work, 3 * offices),
        "open_minutes": (420 * share).astype(np.int64),
        "configured_minutes": np.full(len(office), 420, dtype=np.int64),
    }


def _voices(plan: Plan, chance: np.random.Generator, people: People, number: int) -> dict[str, Table]:
    """Return calls of the hotline and complaints."""
    base = (number + 1) * 10_000_000
    tp = visitors(plan, people, chance, number, 0.05)
    care = people.diligence[people.office[tp], 1]
    day = days_of(plan, number, chance, len(tp))
    offered = chance.random(len(tp)) < 0.8
    answered = offered & (chance.random(len(tp)) < sigmoid(2.4 + 0.5 * care))
    call: Table = {
        "call_id": base + np.arange(len(tp)), "org_id": people.org[tp], "at": _at(chance, day),
        "offered": offered, "answered": answered,
        "transferred": answered & (chance.random(len(tp)) < sigmoid(-2.2 - 0.5 * care)),
        "repeated": answered & (chance.random(len(tp)) < sigmoid(-2.5 - 0.5 * care)),
        "wait_seconds": np.exp(chance.normal(3.2, 0.8, len(tp))).astype(np.int64),
    }  # fmt: skip
    who = visitors(plan, people, chance, number, 0.0012)
    unhappy = chance.random(len(who)) < sigmoid(0.3 - people.diligence[people.office[who], 1])
    who = who[unhappy]
    day = days_of(plan, number, chance, len(who))
    limit = day + 10 * DAY
    good = chance.random(len(who)) < sigmoid(2.6 + people.diligence[people.office[who], 1])
    complaint: Table = {
        "complaint_id": base + np.arange(len(who)), "tp_id": who + 1, "org_id": people.org[who],
        "at": _at(chance, day), "kind": Coded(chance.integers(0, 3, len(who)), ("服务态度", "服务质效", "侵害权益")),
        "limit_on": limit, "closed_on": finished(plan, chance, day, limit, good),
    }  # fmt: skip
    return {"call": call, "complaint": complaint}


def _policies(plan: Plan, people: People, number: int) -> Table:
    """Return who is entitled to a preference and who enjoys it, once a quarter for a tenth of taxpayers."""
    chance = plan.chance("policy", number)
    there = np.flatnonzero(people.active(plan.first_day(number)))
    who = np.sort(chance.choice(there, len(there) // 10, replace=False))
    policy = np.where(
        people.general[who], chance.choice([0, 2, 3], len(who)), chance.choice([0, 1, 2], len(who))
    )
    entitled = chance.random(len(who)) < 0.8
    enjoys = chance.random(len(who)) < sigmoid(3.3 + people.diligence[people.office[who], 1])
    worth = np.minimum(np.exp(chance.normal(11.5, 1.2, len(who))), 1e9).astype(np.int64)
    return {
        "tp_id": who + 1,
        "policy": Coded(policy.astype(np.int64), POLICIES),
        "period": np.full(len(who), plan.first_day(number)),
        "org_id": people.org[who],
        "entitled": entitled,
        "enjoyed": enjoys | (~entitled & (chance.random(len(who)) < 0.01)),
        "entitled_amount": np.where(entitled, worth, 0),
        "enjoyed_amount": np.where(enjoys, worth, 0),
    }
