"""How fast lists and pages of cases are with 100,000 open ones, and how many clocks a core replays.

    ./run bench cases [--cases 100000] [--database postgresql]

Prints what each page costs the server (Django's whole answer, templates included, one process, warm, as processor
time: `pages.py` says how) against the limits: a list 300 ms, a case page 150 ms. The same rows, the same code and
the same pages as in production; only the rows are written in bulk.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT), str(ROOT / "benchmarks")]

from pages import GOAL_MS, ask, client_of, prepare, settled  # noqa: E402

LIST_MS, PAGE_MS = GOAL_MS, 150
NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)


def _fill(count: int) -> tuple[Any, int]:
    """Write people and cases; return an engineer and one case's id."""
    from tests import factories

    from taxops.engines.cases import Event, faces
    from taxops.engines.ledger import GENESIS
    from taxops.platform.casework import history, registry
    from taxops.platform.casework.models import Case, CaseClock, CaseEvent

    units = factories.province()
    counties = [unit for unit in units.values() if unit.level == "county"]
    everywhere = ["cases.view", "cases.open", "cases.handle", "cases.second"]
    engineer = factories.person("engineer", units["145000"], permissions=everywhere)
    kind = registry.current("request")
    registry.keep(kind, NOW)
    form = {
        "title": "无法打印发票",
        "requester": "张三",
        "channel": "web",
        "level": "normal",
        "kind": "question",
    }
    for start in range(0, count, 5000):
        cases, events, clocks = [], [], []
        for n in range(start, min(count, start + 5000)):
            opened = NOW - timedelta(minutes=n % 20000)
            due = opened + timedelta(hours=n % 50)
            cases.append(
                Case(
                    number=f"QQ{opened:%Y%m%d}-{n:06d}", type="request", title=f"无法打印发票 {n}",
                    org=counties[n % len(counties)], state="working", phase="open", level="normal", channel="web",
                    requester="张三", queue=("line1", "line2", "lead")[n % 3],
                    assignee_id=engineer.pk if n % 400 == 0 else None, opened_at=opened, updated_at=opened,
                    version=2, policy=kind.digest, data=form, due_at=due, due_sort=due,
                    due_label="解决时限", near_at=opened + timedelta(hours=n % 40), head=GENESIS,
                )
            )  # fmt: skip
        stored = Case.objects.bulk_create(cases)
        for case in stored:
            at = history.seconds(case.opened_at)
            said = {
                "type": "request",
                "state": "new",
                "policy": kind.digest,
                "queue": case.queue,
                "form": form,
            }
            move = {"step": "accept", "label": "受理", "from": "new", "to": "working", "form": {}}
            for seq, what, data in ((1, "open", said), (2, "move", move)):
                import json

                events.append(
                    CaseEvent(
                        case=case, seq=seq, kind=what, at=history.instant(at + seq), entered_at=case.opened_at,
                        actor_name="张三", data=json.dumps(data, ensure_ascii=False), prev_hash=GENESIS,
                        hash=GENESIS,
                    )
                )  # fmt: skip
            clocks.append(
                CaseClock(
                    case=case, code="resolve", label="解决时限", state="running", elapsed_s=0, target_s=14400,
                    deadline=case.due_at, computed_at=NOW, next_at=case.due_at,
                )
            )  # fmt: skip
        CaseEvent.objects.bulk_create(events)
        CaseClock.objects.bulk_create(clocks)
    history_of_one = [
        Event(1, "open", history.seconds(NOW), history.seconds(NOW), 1, "张三",
              {"type": "request", "state": "new", "policy": kind.digest, "form": form}),
    ]  # fmt: skip
    began, rounds = time.process_time(), 3000
    at = history.seconds(NOW) + 3600
    calendars = registry.calendars(units["145000"].path)
    for _ in range(rounds):
        faces(kind, history_of_one, calendars, at)
    print(
        f"引擎：每秒 {rounds * 3 / (time.process_time() - began):,.0f} 个事项时限（每个事项 3 个时限，含折叠）"
    )
    return engineer, Case.objects.order_by("-pk").values_list("pk", flat=True)[0]


def main() -> int:
    """Fill, ask, print; the exit code says whether every limit was kept."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    args = parser.parse_args()
    server = prepare(args.database)
    late = 0
    try:
        began = time.perf_counter()
        engineer, pk = _fill(args.cases)
        settled()
        print(f"{args.database}：{args.cases:,} 个在办事项，写入 {time.perf_counter() - began:.0f} 秒")
        client = client_of(engineer, NOW)
        for label, address, limit in (
            ("我的工作", "/operations/mine/", LIST_MS),
            ("事项列表", "/operations/cases/", LIST_MS),
            ("队列，先到期在前", "/operations/cases/?queue=line1&is_open=1&sort=due", LIST_MS),
            ("搜索，少见", "/operations/cases/?q=99999", LIST_MS),
            ("搜索，没有", "/operations/cases/?q=查无此词", LIST_MS),
            ("搜索，常见", "/operations/cases/?q=发票", LIST_MS),
            ("第 100 页", "/operations/cases/?page=100", LIST_MS),
            ("事项页", f"/operations/cases/{pk}/", PAGE_MS),
            ("历史", f"/operations/cases/{pk}/?tab=events", PAGE_MS),
        ):
            cost = ask(client, address)
            late += cost.spent_ms > limit or cost.status != 200
            print(f"{cost.line(limit)}  {label}")
    finally:
        if server is not None:
            server.stop()
    return int(late > 0)


if __name__ == "__main__":
    sys.exit(main())
