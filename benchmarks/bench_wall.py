"""What the wall board and the system page cost the server: 5,000 checks, 90 days of outages.

    ./run bench wall [--checks 5000] [--database postgresql] [--json]

A temporary database is filled in bulk; pages are asked through Django's test client, so that middleware, queries and
templates are in the figure and the network is not. `pages.py` says how the time is read.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT), str(ROOT / "benchmarks")]

from pages import GOAL_MS, ask, client_of, prepare, settled  # noqa: E402


def fill(checks: int, now: datetime) -> dict[str, Any]:
    """Store a province, 60 systems, the checks and about four outages a check; return whom and what to ask."""
    from taxops.engines.base import Scope, to_millis
    from taxops.platform.identity import services as identity
    from taxops.platform.identity.models import OrgUnit, Person
    from taxops.project.demo import seed
    from taxops.systems.operations.alerting.models import Alert
    from taxops.systems.operations.monitoring import services
    from taxops.systems.operations.monitoring.models import Check, CheckState, Outage

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
        Alert(outage=o, system=o.check_row.system, org_id=o.check_row.system.org_id, severity="major", title="中断",
              key=f"outage:{o.pk}", fingerprint=f"{o.pk:016d}", since_at=o.started_at, opened_at=now, last_at=now)
        for o in Outage.objects.filter(ended_at=None).select_related("check_row__system")
    )  # fmt: skip
    person = Person.objects.get(username="engineer")
    return {"person": person, "scope": identity.scope_for(person, now=now), "system": systems[0].pk}


def main() -> int:
    """Fill, ask, print; 1 when a page misses its goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checks", type=int, default=5000)
    parser.add_argument("--times", type=int, default=9)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    server = prepare(args.database)
    try:
        now = datetime.now(UTC)
        found = fill(args.checks, now)
        settled()
        client = client_of(found["person"], now)
        system = f"/operations/systems/{found['system']}/"
        pages = ("/operations/board/", "/operations/", system, f"{system}timeline/", "/operations/systems/")
        rows = [ask(client, page, args.times) for page in pages]
    finally:
        if server is not None:
            server.stop()
    if args.json:
        print(json.dumps({"checks": args.checks, "pages": [row.data() for row in rows]}, ensure_ascii=False))
    else:
        print(f"{args.database}：{args.checks} 个检查项，90 天中断；目标每页 < {GOAL_MS} 毫秒")
        for row in rows:
            print(row.line())
    return int(any(row.spent_ms >= GOAL_MS or row.status != 200 for row in rows))


if __name__ == "__main__":
    sys.exit(main())
