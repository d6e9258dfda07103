"""How long pages take on 90 days of history of 5,000 checks: server time and queries of every board, list, detail.

    ./run bench boards [--checks 5000] [--days 90] [--alerts 5000] [--database postgresql] [--json]

History is written directly: outages and state changes of all checks, roll-ups of some (a page reads one check's),
and open alerts in groups of a system each, a few of them of checks that flap.
Goal: each page under 300 ms of server time, read as processor time (`pages.py` says how).
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT), str(ROOT / "benchmarks")]

from pages import GOAL_MS, ask, client_of, prepare, settled  # noqa: E402


def fill(checks: int, days: int, now: datetime) -> Any:
    """Store a province with its systems, checks and history; return somebody who may see it all."""
    from tests import factories

    from taxops.systems.operations.monitoring.models import (
        Check,
        CheckState,
        ControlRoom,
        MonitoredSystem,
        Outage,
        Rollup5m,
        StateChange,
    )

    rng = random.Random(1)
    units = factories.province()
    top = units["145000"]
    orgs = [unit for unit in units.values() if unit.level != "hall"]
    born = now - timedelta(days=days)
    systems = MonitoredSystem.objects.bulk_create(
        MonitoredSystem(
            code=f"s{n}",
            name=f"系统 {n}",
            org=orgs[n % len(orgs)],
            tree_from=born,
            created_at=born,
            updated_at=born,
        )
        for n in range(40)
    )
    rows = Check.objects.bulk_create(
        (
            Check(
                code=f"c{n}", name=f"检查项 {n}", system=systems[n % 40], kind="http",
                target=f"http://198.51.100.{n % 250}/", created_at=born, updated_at=born,
                item=f"M{1 + n % 20:02d}",
            )
            for n in range(checks)
        ),
        batch_size=500,
    )  # fmt: skip
    now_ms = int(now.timestamp() * 1000)
    CheckState.objects.bulk_create(
        (
            CheckState(check_row=row, phase=1, verdict=0, last_at_ms=now_ms - 20_000, duration_us=900)
            for row in rows
        ),
        batch_size=1000,
    )
    outages: list[Any] = []
    lines: list[Any] = []
    for row in rows:
        for _ in range(max(1, days // 15)):  # an outage a fortnight, each with four lines of history
            start = born + timedelta(seconds=rng.randrange(days * 86_400 - 7_200))
            end = start + timedelta(seconds=rng.randrange(60, 5_400))
            outages.append(
                Outage(
                    check_row=row, started_at=start, ended_at=end, recovered_at=end, detected_at=start,
                    severity="major", cause="连接超时", entered_at=start,
                )
            )  # fmt: skip
            for kind, at in (("outage_opened", start), ("outage_closed", end)):
                at_ms = int(at.timestamp() * 1000)
                lines.append(
                    StateChange(check_row=row, kind=kind, at_ms=at_ms, known_ms=at_ms, entered_at=at)
                )
    unique = {(o.check_row_id, o.started_at): o for o in outages}
    Outage.objects.bulk_create(unique.values(), batch_size=1000)
    StateChange.objects.bulk_create(lines, batch_size=1000)
    last = now_ms // 300_000
    for row in rows[:5]:
        Rollup5m.objects.bulk_create(
            (
                Rollup5m(
                    check_id=row.pk, slot=last - n, n=5, n_ok=5, n_warning=0, n_critical=0, n_unknown=0, n_suspect=0,
                    duration_sum_us=5_000, duration_max_us=2_000, duration_min_us=500, duration_p95_us=1_900,
                )
                for n in range(days * 288)
            ),
            batch_size=2000,
        )  # fmt: skip
    ControlRoom.objects.update_or_create(pk=1, defaults={"rolled_to": last})
    return (
        factories.person("bench", top, "bureau_admin"),
        rows,
        systems[0],
        Outage.objects.order_by("-pk")[0],
    )


def alarm(count: int, checks: list[Any], now: datetime) -> Any:
    """Store so many open alerts, an hour's, told in groups of a system each; return one."""
    from taxops.systems.operations.alerting.models import Alert

    rows = []
    for n in range(count):
        check, flaps = checks[n % len(checks)], n % 1000 == 999
        labels = {"source": "monitoring", "level": "check", "system": check.system.code, "check": check.code}
        rows.append(
            Alert(
                key=f"flapping-{n}" if flaps else f"bench-{n}", fingerprint=f"{n:016x}", source="monitoring",
                labels={**labels, "flapping": check.code} if flaps else labels, system=check.system,
                org_id=check.system.org_id, severity=("critical", "major", "minor")[n % 3], title=f"{check.name} 中断",
                summary="连接超时", group_key=check.system.code, since_at=now - timedelta(minutes=n % 60),
                opened_at=now - timedelta(minutes=n % 60), last_at=now,
            )
        )  # fmt: skip
    Alert.objects.bulk_create(rows, batch_size=500)
    return rows[-1]


def main() -> int:
    """Fill a store of its own, measure, print; 1 when a page is slower than the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checks", type=int, default=5_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--alerts", type=int, default=5_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    server = prepare(given.database)
    try:
        now = datetime.now(UTC)
        began = time.perf_counter()
        person, checks, system, outage = fill(given.checks, given.days, now)
        check, alert = checks[0], alarm(given.alerts, checks, now)
        filled = time.perf_counter() - began
        settled()
        client = client_of(person, now)
        home = "/operations"
        rows = [
            ask(client, path)
            for path in (
                f"{home}/", f"{home}/board/", f"{home}/systems/", f"{home}/systems/{system.pk}/",
                f"{home}/systems/{system.pk}/timeline/", f"{home}/checks/", f"{home}/checks/?shown=critical",
                f"{home}/checks/?q=4321", f"{home}/checks/{check.pk}/", f"{home}/checks/{check.pk}/?tab=outages",
                f"{home}/outages/", f"{home}/outages/{outage.pk}/", f"{home}/windows/", f"{home}/windows/calendar/",
                f"{home}/probers/", f"{home}/storage/", f"{home}/dependencies/", f"{home}/coverage/",
                f"{home}/alerts/", f"{home}/alerts/?view=flat", f"{home}/alerts/?mine=1", f"{home}/alerts/?q=4321",
                f"{home}/alerts/?state=open&severity=critical", f"{home}/alerts/?open={alert.pk}",
                f"{home}/alerts/{alert.pk}/", f"{home}/silences/", f"{home}/routes/", f"{home}/items/",
                f"{home}/duties/", f"{home}/drift/", f"{home}/blueprints/",
            )
        ]  # fmt: skip
    finally:
        if server is not None:
            server.stop()
    if given.json:
        pages = [row.data() for row in rows]
        print(
            json.dumps({"goal_ms": GOAL_MS, "filled_s": round(filled, 1), "pages": pages}, ensure_ascii=False)
        )
    else:
        print(
            f"{given.database}: {given.checks:,} checks, {given.days} days, filled in {filled:.0f} s; goal {GOAL_MS} ms"
        )
        for row in rows:
            print(row.line())
    return int(any(row.spent_ms >= GOAL_MS or row.status != 200 for row in rows))


if __name__ == "__main__":
    sys.exit(main())
