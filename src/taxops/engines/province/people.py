"""Offices, taxpayers, people and addresses (机构、纳税人、人员、地址) of a generated province."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .model import DAY, NO_INT, Bools, Coded, Days, Floats, Ints, Plan, Table, pick

INDUSTRIES = (
    "批发业", "零售业", "通用制造", "食品加工", "农业", "建筑业", "道路运输", "软件和信息服务",
    "商务服务", "住宿餐饮", "医药制造", "汽车零部件", "钢材贸易", "电子元件", "居民服务", "房地产",
)  # fmt: skip
_ODDS = (16, 22, 5, 3, 4, 7, 4, 5, 9, 8, 1.5, 3, 3, 2.5, 6, 1)
GOODS_SECTOR = (1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0)
"""Whether an industry sells goods (货物) and not services."""
_PLACES = (
    "春城", "江源", "北国", "松江", "长白", "龙潭", "吉兴", "辉南", "珲春", "净月",
    "东泰", "汇川", "恒远", "宏图", "新源", "金穗", "瑞丰", "天成", "永信", "佳和",
)  # fmt: skip
_MARKS = (
    "盛达", "华泰", "启明", "远航", "顺达", "众诚", "德润", "百川", "鼎盛", "云帆",
    "嘉禾", "博雅", "万象", "同创", "晨光", "益民", "万和", "凯旋", "利源", "安康",
)  # fmt: skip
_TRADES = (
    "商贸", "百货", "机械", "食品", "农业发展", "建筑工程", "物流", "科技", "企业服务", "餐饮管理",
    "医药", "汽车零部件", "钢材", "电子", "生活服务", "置业",
)  # fmt: skip
AGENCIES = 120
INCUBATORS = 12


@dataclass(frozen=True, slots=True)
class People:
    """Who lives in the province; arrays have one row a taxpayer, in the order of their ids.

    Args:
        leaf: codes of the offices that hold taxpayers.
        office: position of each taxpayer's office in `leaf`.
        diligence: offices × aspects (征服控查纠), around 0: how well an office works.
        size: monthly turnover in 分, heavy-tailed.
        general: general VAT taxpayers (一般纳税人).
        industry: position in `INDUSTRIES`.
        born: registration date.
        gone: from then on not normal; NaT: never.
        fate: 0 normal, 1 停业, 2 非正常, 3 走逃, 4 注销.
        honesty: how punctual the taxpayer is, around 0.
        address: address id. agent: person id of the bookkeeping agency's clerk, 0 none. rep: legal representative.
        employees: insured employees.
    """

    leaf: Ints
    office: Ints
    diligence: Floats
    size: Floats
    general: Bools
    industry: Ints
    born: Days
    gone: Days
    fate: Ints
    honesty: Floats
    address: Ints
    agent: Ints
    rep: Ints
    phone: Ints
    employees: Ints
    incubator: Ints

    @property
    def count(self) -> int:
        """Return the number of taxpayers (户数)."""
        return len(self.office)

    @property
    def org(self) -> Ints:
        """Return each taxpayer's office code."""
        return np.asarray(self.leaf[self.office])

    def active(self, day: np.datetime64) -> Bools:
        """Return who is registered and normal on that day."""
        return np.asarray((self.born <= day) & (np.isnat(self.gone) | (self.gone > day)))


def settle(plan: Plan) -> People:
    """Return the province's taxpayers with their people and addresses."""
    count, chance = plan.taxpayers, plan.chance("people")
    leaf, office, diligence = _offices(plan, count)
    industry = chance.choice(len(INDUSTRIES), size=count, p=np.array(_ODDS) / sum(_ODDS)).astype(np.int64)
    size = np.exp(chance.normal(15.6, 1.7, count))  # 分 a month: median about 6 万元
    general = size > np.exp(chance.normal(17.6, 0.5, count))
    start, end = plan.first_day(0), plan.first_day(plan.months)
    new = chance.random(count) < 0.12
    span = int((end - start) / DAY)
    born = start - (30 + chance.exponential(1900, count)).astype(np.int64) * DAY
    born = np.where(new, start + chance.integers(0, max(1, span - 30), count) * DAY, born)
    born = np.maximum(born, np.datetime64("1994-09-01"))
    leaving = chance.random(count) < 0.07 * plan.months / 24
    gone = np.where(leaving, np.maximum(start + chance.integers(0, span, count) * DAY, born + 60 * DAY),
                    np.datetime64("NaT"))  # fmt: skip
    fate = np.where(leaving, chance.choice([1, 2, 3, 4], size=count, p=[0.25, 0.3, 0.05, 0.4]), 0)
    rep = np.arange(1, count + 1, dtype=np.int64)
    serial = chance.random(count) < 0.08
    rep[serial] = chance.integers(1, max(2, count // 3), serial.sum())
    agency = chance.integers(1, AGENCIES + 1, count)
    agent = np.where(chance.random(count) < 0.55, count + agency, 0).astype(np.int64)
    address = np.arange(1, count + 1, dtype=np.int64)
    shared = chance.random(count) < 0.15
    address[shared] = chance.integers(1, count + 1, shared.sum())
    housed = chance.random(count) < 0.035
    incubator = np.where(housed, chance.integers(1, INCUBATORS + 1, count), 0).astype(np.int64)
    address[housed] = count + incubator[housed]
    employees = np.maximum(1, (size / 3e6 * np.exp(chance.normal(0, 0.7, count))).astype(np.int64))
    phone = np.where(agent > 0, agent, rep)
    return People(
        leaf, office, diligence, size, general, industry, born.astype("datetime64[D]"),
        gone.astype("datetime64[D]"), fate.astype(np.int64), chance.normal(0, 1, count), address, agent, rep,
        phone, np.minimum(employees, 20_000), incubator,
    )  # fmt: skip


def _offices(plan: Plan, count: int) -> tuple[Ints, Ints, Floats]:
    """Return the offices that hold taxpayers, each taxpayer's office, and how diligent offices are."""
    chance = plan.chance("offices")
    holding = [u for u in plan.units if u.level in {"county", "branch"}]
    above = {u.code: u.parent for u in plan.units}
    weights = np.exp(chance.normal(0, 0.6, len(holding)))
    counties = {u.code: np.exp(chance.normal(0, 0.8)) for u in plan.units if u.level == "county"}
    county_of = [u.code if u.level == "county" else (u.parent or 0) for u in holding]
    weights *= np.array([counties.get(c, 1.0) for c in county_of])
    office = np.sort(chance.choice(len(holding), size=count, p=weights / weights.sum())).astype(np.int64)
    cities = {u.code: chance.normal(0, 0.25, 5) for u in plan.units if u.level == "city"}
    local = {u.code: chance.normal(0, 0.35, 5) for u in plan.units if u.level == "county"}
    none = np.zeros(5)
    rows = [cities.get(above.get(c) or 0, none) + local.get(c, none) + chance.normal(0, 0.12, 5)
            for c in county_of]  # fmt: skip
    return np.array([u.code for u in holding], dtype=np.int64), office, np.array(rows)


KINDS = ("urban", "rural", "development", "direct")


def org_table(plan: Plan, people: People) -> Table:
    """Return the table `org`: the tree with officers by the number of taxpayers below."""
    chance = plan.chance("officers")
    position = {unit.code: n for n, unit in enumerate(plan.units)}
    held = np.zeros(len(plan.units))
    np.add.at(held, [position[int(c)] for c in people.leaf],
              np.bincount(people.office, minlength=len(people.leaf)))  # fmt: skip
    officers = np.ceil(held / chance.uniform(90, 190, len(held)) * 60_000 / plan.taxpayers) + 3
    levels = ("province", "city", "county", "branch")
    kind = np.array([3 if u.level in levels[:2] else 0 if u.name.count("区") else 1 for u in plan.units])
    return {
        "org_id": np.array([u.code for u in plan.units], dtype=np.int64),
        "parent_id": np.array([NO_INT if u.parent is None else u.parent for u in plan.units], dtype=np.int64),
        "code": Coded(np.arange(len(plan.units)), [str(u.code) for u in plan.units]),
        "name": Coded(np.arange(len(plan.units)), [u.name for u in plan.units]),
        "level": Coded(np.array([levels.index(u.level) for u in plan.units]), levels),
        "kind": Coded(kind, KINDS),
        "hall": np.array([u.level != "province" for u in plan.units]),
        "officers": officers.astype(np.int64),
    }


def names(plan: Plan, people: People) -> Coded:
    """Return believable, invented names of companies."""
    chance = plan.chance("names")
    n = people.count
    first, second = chance.integers(0, len(_PLACES), n), chance.integers(0, len(_MARKS), n)
    form = np.where(people.general | (chance.random(n) < 0.45), 0, 1)
    key = ((first * len(_MARKS) + second) * len(_TRADES) + people.industry) * 2 + form
    kinds, codes = np.unique(key, return_inverse=True)
    words = []
    for k in kinds.tolist():
        k, ending = divmod(k, 2)
        k, trade = divmod(k, len(_TRADES))
        place, mark = divmod(k, len(_MARKS))
        words.append(f"{_PLACES[place]}{_MARKS[mark]}{_TRADES[trade]}{('有限公司', '经营部')[ending]}")
    return Coded(codes.astype(np.int64), words)


FATES = ("normal", "suspended", "abnormal", "fled", "cancelled")
GRADES = ("A", "B", "M", "C", "D")


def taxpayer_table(plan: Plan, people: People) -> Table:
    """Return the table `tp`, slowly changing: a second row from the day on which the status changed."""
    chance = plan.chance("tp")
    n = people.count
    ids = np.arange(1, n + 1, dtype=np.int64)
    grade = pick(chance, GRADES, (14, 46, 26, 9, 5), n)
    size_word = np.digitize(people.size, np.exp([15.0, 17.0, 19.0])).astype(np.int64)
    ended = ~np.isnat(people.gone)
    rows = np.concatenate([ids - 1, np.flatnonzero(ended)])
    changed = np.arange(len(rows)) >= n
    valid_from = np.where(changed, people.gone[rows], people.born[rows])
    valid_to = np.where(changed, np.datetime64("NaT"), people.gone[rows])
    order = np.lexsort((changed, rows))
    rows, changed = rows[order], changed[order]
    label = names(plan, people)
    return {
        "tp_id": ids[rows],
        "valid_from": valid_from[order].astype("datetime64[D]"),
        "valid_to": valid_to[order].astype("datetime64[D]"),
        "uscc": Coded(rows, [f"9122{k:014d}" for k in range(1, n + 1)]),
        "name": label.take(rows),
        "org_id": people.org[rows],
        "individual": label.take(rows).ends("经营部"),
        "vat_kind": Coded(people.general[rows].astype(np.int64), ("small", "general")),
        "industry": Coded(people.industry[rows], INDUSTRIES),
        "reg_date": people.born[rows],
        "status": Coded(np.where(changed, people.fate[rows], 0), FATES),
        "addr_id": people.address[rows],
        "phone": Coded(people.phone[rows], [f"1990{k:07d}" for k in range(n + AGENCIES + 1)]),
        "credit_grade": grade.take(rows),
        "size": Coded(size_word[rows], ("micro", "small", "medium", "large")),
        "agency_id": np.where(people.agent[rows] > 0, people.agent[rows], NO_INT),
    }


def status_table(people: People) -> Table:
    """Return the table `tp_status_event`: registrations and what became of taxpayers."""
    ended = np.flatnonzero(~np.isnat(people.gone))
    ids = np.concatenate([np.arange(people.count), ended])
    day = np.concatenate([people.born, people.gone[ended]])
    status = np.concatenate([np.zeros(people.count, dtype=np.int64), people.fate[ended]])
    order = np.lexsort((day, ids))
    return {
        "tp_id": ids[order] + 1,
        "on": day[order],
        "status": Coded(status[order], FATES),
        "source": Coded((status[order] > 0).astype(np.int64), ("登记", "核实")),
    }


def person_tables(people: People) -> dict[str, Table]:
    """Return `person`, `tp_person` and `addr`; numbers are kept as hashes only."""
    n = people.count
    total = n + AGENCIES
    mix = (np.arange(1, total + 1, dtype=np.int64) * 2654435761) % (2**61 - 1)
    role_words = ("rep", "finance", "clerk", "agent")
    finance = np.where(people.agent > 0, people.agent, people.rep)
    ids = np.arange(1, n + 1, dtype=np.int64)
    tp = np.concatenate([ids, ids, ids, ids[people.agent > 0]])
    role = np.concatenate([np.full(n, 0), np.full(n, 1), np.full(n, 2), np.full((people.agent > 0).sum(), 3)])
    person = np.concatenate([people.rep, finance, people.phone, people.agent[people.agent > 0]])
    places = n + INCUBATORS + 64
    kind = np.zeros(places, dtype=np.int64)
    kind[n : n + INCUBATORS] = 1
    kind[n + INCUBATORS :] = 2
    return {
        "person": {
            "person_id": np.arange(1, total + 1, dtype=np.int64),
            "id_hash": Coded(np.arange(total), [f"{k:016x}" for k in mix.tolist()]),
            "phone_hash": Coded(np.arange(total), [f"{k // 7:016x}" for k in mix.tolist()]),
        },
        "tp_person": {
            "tp_id": tp,
            "role": Coded(role.astype(np.int64), role_words),
            "person_id": person,
            "valid_from": people.born[tp - 1],
            "valid_to": np.full(len(tp), np.datetime64("NaT"), dtype="datetime64[D]"),
        },
        "addr": {
            "addr_id": np.arange(1, places + 1, dtype=np.int64),
            "text": Coded(
                np.arange(places),
                [f"{_PLACES[k % 20]}街{k % 997 + 1}号{k % 31 + 1:02d}室" for k in range(places)],
            ),
            "cluster_kind": Coded(kind - 1, ("incubator", "market")),
        },
    }
