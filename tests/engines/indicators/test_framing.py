"""Frames: every row stands exactly once, whatever is joined on."""

from __future__ import annotations

from datetime import date

from taxops.engines.indicators import Measure, Period
from taxops.engines.indicators.framing import Frame
from taxops.engines.indicators.slices import Part, Slice
from taxops.engines.warehouse import MemoryLake, open_engine

from .small import SCHEMA, oblig, orgs

JUNE = Period.parse("2025-06")
ONE = Slice(JUNE.first, JUNE.next, JUNE.first, JUNE.next)


def test_joins_keep_each_row_once() -> None:
    events = [
        {"tp_id": 1, "on": date(2025, 6, d), "status": s, "source": "x"}
        for d, s in ((1, "suspended"), (9, "normal"))
    ]
    hits = [
        {"hit_id": n, "tp_id": 1, "org_id": 1, "model": "m", "tier": "high", "hit_on": date(2025, 6, n),
         "appealed": False, "upheld": False}
        for n in (1, 2, 3)
    ]  # fmt: skip
    rows = [
        oblig(n, tp, 111, date(2025, 6, day), None)
        for n, (tp, day) in enumerate([(1, 5), (1, 9), (2, 5), (77, 5)])
    ]
    lake = MemoryLake(SCHEMA, {"org": orgs(), "oblig": rows, "tp_status_event": events, "hit": hits})
    part = Part(Measure(source="oblig", time="due", where="status_at(due) == 'normal' and org.name != 'x'",
                        filter="exists(hit where tp_id == this.tp_id and hit_on < this.due) or true"))  # fmt: skip
    with open_engine(lake) as engine:
        frame = Frame(engine, [part], ONE)
        condition = frame.condition(part)
        found = engine.rows(frame.rows.select(id=frame.rows.oblig_id, ok=condition))
    assert {r["id"]: r["ok"] for r in found} == {0: False, 1: True, 2: True, 3: True}
    assert len(found) == 4
