"""What the wall board and the system page cost the server: 5,000 checks, 90 days of outages.

    ./run bench wall [--checks 5000] [--json]

A temporary database (SQLite, or the one `TAXOPS_DATABASE_URL` names) is filled in bulk; pages are asked through
Django's test client, so that middleware, queries and templates are in the figure and the network is not.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

GOAL_MS = 300


def fill(checks: int, now: datetime) -> dict[str, Any]:
    """Store a province, 60 systems, the checks and about four outages a check; return whom and what to ask."""
    from taxops.engines.base import Scope, to_millis
    from taxops.platform.identity import services as identity
    from taxops.platform.identity.models import OrgUnit, Person
    from taxops.project.demo import seed
    from taxops.systems.operations.monitoring import services
    from taxops.systems.operations.monitoring.models import Alert, Check, CheckState, Outage

    seed.roles(now=now)
    seed.organisations(now=now)
    seed.persons(now=now, password="Bench-Wall-2026")
    root, random = Scope.system("基准", via="cli"), Random(1)
    orgs = list(OrgUnit.objects.filter(level__in=["province", "city"]).order_by("code"))
    systems = [
        services.create_system(root, now=now, code=f"s{n}", name=f"系统{n}", org_id=orgs[n % len(orgs)].pk)
        for n in range(60)
    ]
    made = Check.objects.bulk_create(
        Check(code=f"c{n}", system=systems[n % 60], name=f"检查项{n}", kind="tcp", target="127.0.0.1:9",
              created_at=now, updated_at=now, item="M05", silence_ms=10**12)
        for n in range(checks)
    )  # fmt: skip
    CheckState.objects.bulk_create(
        CheckState(check_row=check, phase=1, verdict=0, last_at_ms=to_millis(now), alive_from_ms=1)
        for check in made
    )
    rows = []
    for check in made:
        for _ in range(4):
            start = now - timedelta(seconds=random.randrange(3600, 90 * 86400))
            end = start + timedelta(seconds=random.randrange(60, 3000))
            rows.append(Outage(check_row=check, started_at=start, ended_at=end, detected_at=start, severity="major",
                               recovered_at=end, entered_at=now, cause="连接被拒绝"))  # fmt: skip
    rows += [
        Outage(check_row=check, started_at=now - timedelta(minutes=9), detected_at=now, severity="major",
               entered_at=now, cause="连接被拒绝")
        for check in made[::100]
    ]  # fmt: skip
    Outage.objects.bulk_create(rows, batch_size=2000, ignore_conflicts=True)
    CheckState.objects.filter(pk__in=[check.pk for check in made[::100]]).update(phase=3, verdict=2)
    Alert.objects.bulk_create(
        Alert(outage=o, system=o.check_row.system, severity="major", title="中断", opened_at=now)
        for o in Outage.objects.filter(ended_at=None).select_related("check_row__system")
    )
    person = Person.objects.get(username="engineer")
    return {"person": person, "scope": identity.scope_for(person, now=now), "system": systems[0].pk}


def ask(client: Any, path: str, times: int) -> dict[str, Any]:
    """Return queries, median and worst milliseconds of a page."""
    from django.db import connection

    client.get(path)
    seen: list[str] = []

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        assert client.get(path).status_code == 200, path
    took = []
    for _ in range(times):
        began = (
            time.process_time()
        )  # the database is in this process; other processes' load is not the page's
        client.get(path)
        took.append((time.process_time() - began) * 1000)
    return {"page": path, "queries": len(seen), "median_ms": round(statistics.median(took), 1),
            "worst_ms": round(max(took), 1)}  # fmt: skip


def main() -> int:
    """Fill, ask, print; 1 when a page misses its goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checks", type=int, default=5000)
    parser.add_argument("--times", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="taxops-wall-")
    os.environ.setdefault("TAXOPS_DATA", folder)
    os.environ["TAXOPS_DATA"] = folder
    os.environ["DJANGO_SETTINGS_MODULE"] = "taxops.project.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client

    from taxops.platform.identity.middleware import SESSION_KEY
    from taxops.platform.identity.models import PersonSession

    call_command("migrate", verbosity=0)
    now = datetime.now(UTC)
    found = fill(args.checks, now)
    client = Client()
    held = PersonSession.objects.create(person=found["person"], key="bench-wall", started_at=now, seen_at=now)
    session = client.session
    session[SESSION_KEY] = held.key
    session.save()
    pages = [
        "/operations/board/",
        "/operations/",
        f"/operations/systems/{found['system']}/",
        "/operations/systems/",
    ]
    rows = [ask(client, page, args.times) for page in pages]
    if args.json:
        print(json.dumps({"checks": args.checks, "pages": rows}, ensure_ascii=False))
    else:
        print(f"{args.checks} 个检查项，90 天中断；目标每页 < {GOAL_MS} 毫秒")
        for row in rows:
            print(
                f"  {row['page']:36} {row['queries']:3} 次查询  "
                f"中位 {row['median_ms']:7} 毫秒  最差 {row['worst_ms']} 毫秒"
            )
    return 0 if all(row["median_ms"] < GOAL_MS for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
