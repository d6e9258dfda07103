"""How long pages take on 90 days of history of 5,000 checks: server time and queries of every board, list, detail.

    ./run bench boards [--checks 5000] [--days 90] [--json]

History is written directly: outages and state changes of all checks, roll-ups of some (a page reads one check's).
Goal: each page under 300 ms of server time. Seconds depend on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

GOAL_MS = 300
ROOT = Path(__file__).resolve().parent.parent


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
        rows[0],
        systems[0],
        Outage.objects.order_by("-pk")[0],
    )


def measure(person: Any, paths: list[str], now: datetime) -> list[dict[str, Any]]:
    """Return milliseconds (the middle of three), those of CPU, and queries of each page.

    The embedded database works in this process, so on a busy machine the CPU's milliseconds are the page's own.
    """
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from tests import factories

    client = Client()
    factories.sign_in(client, person, now)
    found = []
    for path in paths:
        client.get(path)  # templates are read once
        took, cpu = [], []
        for _ in range(3):
            began, spent = time.perf_counter(), time.process_time()
            answer = client.get(path)
            took.append((time.perf_counter() - began) * 1000)
            cpu.append((time.process_time() - spent) * 1000)
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        found.append(
            {
                "path": path,
                "status": answer.status_code,
                "ms": round(sorted(took)[1], 1),
                "cpu_ms": round(sorted(cpu)[1], 1),
                "queries": len(queries),
            }
        )
    return found


def main() -> int:
    """Fill a store of its own, measure, print; 1 when a page is slower than the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checks", type=int, default=5_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TAXOPS_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "taxops.project.settings"
        sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command
        from django.test.utils import setup_test_environment

        setup_test_environment()
        settings.WHITENOISE_AUTOREFRESH = True
        call_command("migrate", verbosity=0)
        now = datetime.now(UTC)
        began = time.perf_counter()
        person, check, system, outage = fill(given.checks, given.days, now)
        filled = time.perf_counter() - began
        rows = measure(
            person,
            [
                "/operations/", "/operations/systems/", f"/operations/systems/{system.pk}/", "/operations/checks/",
                "/operations/checks/?shown=critical", f"/operations/checks/{check.pk}/",
                f"/operations/checks/{check.pk}/?tab=outages", "/operations/outages/",
                f"/operations/outages/{outage.pk}/", "/operations/windows/", "/operations/windows/calendar/",
                "/operations/probers/", "/operations/storage/", "/operations/dependencies/",
            ],
            now,
        )  # fmt: skip
    if given.json:
        print(
            json.dumps({"goal_ms": GOAL_MS, "filled_s": round(filled, 1), "pages": rows}, ensure_ascii=False)
        )
    else:
        print(
            f"{given.checks:,} checks, {given.days} days, filled in {filled:.0f} s; goal {GOAL_MS} ms a page"
        )
        for row in rows:
            mark = "" if row["ms"] < GOAL_MS and row["status"] == 200 else "  <-- over"
            spent = f"{row['ms']:>8.1f} ms {row['cpu_ms']:>8.1f} CPU-ms {row['queries']:>4} queries"
            print(f"{spent}  {row['status']}  {row['path']}{mark}")
    return int(any(row["ms"] >= GOAL_MS or row["status"] != 200 for row in rows))


if __name__ == "__main__":
    sys.exit(main())
