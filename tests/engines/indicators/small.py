"""A small province that any test can fill (小省): six units, a handful of taxpayers, rows drawn by hypothesis."""

from __future__ import annotations

import tomllib
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from taxops.engines.indicators import Library, library_of, parse_definitions
from taxops.engines.warehouse import MemoryLake, shipped_schema

SCHEMA = shipped_schema()
UNITS = [(1, None, "province"), (11, 1, "city"), (12, 1, "city"), (111, 11, "county"), (112, 11, "county"),
         (121, 12, "county"), (1111, 111, "branch")]  # fmt: skip
LEAVES = [1111, 111, 112, 121, 12]
TAXPAYERS = [1, 2, 3, 4, 5]
DAY = date(2025, 6, 1)


@cache
def library() -> Library:
    """Return the battery."""
    return library_of(parse_definitions((Path(__file__).parent / "battery.toml").read_text(encoding="utf-8")))


def codes() -> list[str]:
    """Return the battery's codes."""
    text = (Path(__file__).parent / "battery.toml").read_text(encoding="utf-8")
    return [i["code"] for i in tomllib.loads(text)["indicator"]]


def orgs() -> list[dict[str, Any]]:
    """Return the units."""
    return [
        {"org_id": u, "parent_id": p, "code": str(u), "name": f"机关{u}", "level": level, "kind": "urban",
         "hall": True, "officers": 5}
        for u, p, level in UNITS
    ]  # fmt: skip


def oblig(
    number: int, tp: int, org: int, due: date, filed: date | None, tax: str = "VAT", **more: Any
) -> dict[str, Any]:
    """Return one filing obligation."""
    row = {"oblig_id": number, "tp_id": tp, "org_id": org, "tax": tax, "period": due.replace(day=1), "due": due,
           "obliged": True, "filed_on": filed, "decl_id": None}  # fmt: skip
    return {**row, **more}


def payment(number: int, org: int, on: date, amount: int, **more: Any) -> dict[str, Any]:
    """Return one payment."""
    row = {"pay_id": number, "liab_id": None, "tp_id": 1, "org_id": org, "tax": "VAT", "due": on - timedelta(days=3),
           "paid_on": on, "amount": amount, "late_fee": 0}  # fmt: skip
    return {**row, **more}


DAYS = st.integers(-200, 29).map(lambda n: DAY + timedelta(days=n))
ORG = st.sampled_from(LEAVES)
TP = st.sampled_from(TAXPAYERS)
MAYBE = st.one_of(st.none(), st.integers(-5, 40))


@st.composite
def lakes(draw: st.DrawFn) -> MemoryLake:
    """Return a province with rows of every table that the battery reads."""
    count = st.integers(0, 8)

    def many(build: Any, low: int = 0) -> list[dict[str, Any]]:
        return [build(n) for n in range(1, draw(count) + low + 1)]

    def one_oblig(n: int) -> dict[str, Any]:
        due, late = draw(DAYS), draw(MAYBE)
        return oblig(n, draw(TP), draw(ORG), due, None if late is None else due + timedelta(days=late),
                     draw(st.sampled_from(["VAT", "CIT"])), obliged=draw(st.booleans()))  # fmt: skip

    def one_payment(n: int) -> dict[str, Any]:
        on = draw(DAYS)
        more = {"due": on - timedelta(days=draw(st.integers(-3, 9))), "late_fee": draw(st.integers(0, 99))}
        return payment(n, draw(ORG), on, draw(st.integers(-900, 10**12)), **more)

    def one_ticket(n: int) -> dict[str, Any]:
        day = draw(DAYS)
        taken = datetime.combine(day, time(23, 50)) + timedelta(seconds=draw(st.integers(0, 900)))
        wait = draw(st.one_of(st.none(), st.integers(0, 5000)))
        return {"ticket_id": n, "org_id": draw(ORG), "item": "申报", "taken_at": taken, "closed_at": None,
                "called_at": None if wait is None else taken + timedelta(seconds=wait),
                "state": draw(st.sampled_from(["done", "cancelled"]))}  # fmt: skip

    def one_hit(n: int) -> dict[str, Any]:
        on = draw(DAYS)
        blocked = draw(st.one_of(st.none(), st.integers(0, 300)))
        return {"hit_id": n, "tp_id": draw(TP), "org_id": draw(ORG), "model": "m", "hit_on": on, "appealed": False,
                "upheld": False, "tier": draw(st.sampled_from(["high", "middle", "low"])),
                "confirmed": draw(st.sampled_from([True, True, False, None])), "first_inv_on": on,
                "blocked_on": None if blocked is None else on + timedelta(days=blocked)}  # fmt: skip

    events = draw(
        st.dictionaries(st.tuples(TP, DAYS), st.sampled_from(["normal", "suspended", "abnormal"]), max_size=6)
    )
    arrears = draw(
        st.dictionaries(st.tuples(TP, st.integers(1, 6)), st.tuples(ORG, st.integers(0, 500)), max_size=6)
    )
    survey = draw(st.dictionaries(ORG, st.tuples(st.integers(0, 40), st.integers(41, 50)), max_size=3))
    return MemoryLake(SCHEMA, {
        "org": orgs(),
        "tp": [
            {"tp_id": t, "valid_from": date(2020, 1, 1), "uscc": f"9122{t:014d}", "name": f"企业{t}",
             "org_id": draw(ORG),
             "vat_kind": draw(st.sampled_from(["general", "small"])), "individual": False, "industry": "F",
             "reg_date": date(2020, 1, 1), "status": draw(st.sampled_from(["normal", "abnormal"])), "addr_id": 1,
             "size": "small"}
            for t in TAXPAYERS
        ],
        "tp_status_event": [{"tp_id": t, "on": on, "status": s, "source": "x"} for (t, on), s in events.items()],
        "oblig": many(one_oblig, 4),
        "payment": many(one_payment, 4),
        "ticket": many(one_ticket),
        "hit": many(one_hit),
        "arrears_m": [
            {"tp_id": t, "tax": "VAT", "month": date(2025, m, 1), "org_id": o, "collectable": True, "opening": 0,
             "added": 0, "collected": 0, "balance": b}
            for (t, m), (o, b) in arrears.items()
        ],
        "ext_value": [
            {"dataset": "survey", "item": "satisfied", "org_id": o, "month": DAY, "version": 1, "value": n / q,
             "num": float(n), "den": float(q)}
            for o, (n, q) in survey.items()
        ],
    })  # fmt: skip
