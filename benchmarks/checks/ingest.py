"""The real centre's ingest: batches as probers send them to the real address; 5,000 checks, twice a second each.

`python -m checks.ingest SECONDS` prints JSON: results a second by the clock (of the middle batch, and of all) and
by CPU, the database's own included (SQLite works in this process). `TAXOPS_DATABASE_URL` chooses another database,
to be thrown away.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
CHECKS, BATCH = 5_000, 2_500


def begin(folder: str) -> None:
    """Make a fresh database in the folder."""
    os.environ["TAXOPS_DATA"] = folder
    os.environ["DJANGO_SETTINGS_MODULE"] = "taxops.project.settings"
    os.environ.setdefault("TAXOPS_SECRET_KEY", "only-for-benchmarks-" + "0" * 40)
    import django

    django.setup()
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    setup_test_environment()
    call_command("migrate", verbosity=0)


def fill(now: datetime) -> tuple[list[int], str]:
    """Store the checks and a prober; return the checks' numbers and the prober's token."""
    from tests import factories

    from taxops.engines.base import Scope
    from taxops.systems.operations.monitoring import services
    from taxops.systems.operations.monitoring.models import Check, CheckState, MonitoredSystem

    top = factories.province()["145000"]
    born = now - timedelta(days=1)
    systems = MonitoredSystem.objects.bulk_create(
        MonitoredSystem(
            code=f"s{n}", name=f"系统 {n}", org=top, tree_from=born, created_at=born, updated_at=born
        )
        for n in range(40)
    )
    checks = Check.objects.bulk_create(
        (
            Check(
                code=f"c{n}", name=f"检查项 {n}", system=systems[n % 40], kind="http", interval_s=1,
                target="http://198.51.100.1/", created_at=born, updated_at=born, version_from_ms=0,
            )
            for n in range(CHECKS)
        ),
        batch_size=500,
    )  # fmt: skip
    CheckState.objects.bulk_create((CheckState(check_row=check) for check in checks), batch_size=1000)
    token, secret = factories.token(["probers.report"], top, now=now)
    services.register(Scope.system("基准"), now=now, code="bench", name="基准", token=token)
    return [check.pk for check in checks], secret


def measure(seconds: int) -> dict[str, Any]:
    """Return how many results a second are taken in, once every check was heard of."""
    from django.test import Client

    now = datetime.now(UTC)
    ids, secret = fill(now)
    client = Client(headers={"authorization": f"Bearer {secret}"})
    start_ms = int(now.timestamp() * 1000) - (seconds + 2) * 1000
    taken, seq, cpu = 0, 0, 0.0
    tooks: list[float] = []
    for second in range(seconds + 1):
        for half in (0, 500):
            at_ms = start_ms + second * 1000 + half
            for first in range(0, len(ids), BATCH):
                rows = [[pk, 1, at_ms, 0, 900, 0, None, None, None] for pk in ids[first : first + BATCH]]
                body = json.dumps({"boot": "b", "seq": seq, "sent_at_ms": at_ms + 500, "results": rows})
                seq += 1
                began, used = time.perf_counter(), time.process_time()
                answer = client.post("/api/v1/probers/results", body, content_type="application/json")
                took, used = time.perf_counter() - began, time.process_time() - used
                assert answer.status_code == 200, answer.content
                assert answer.json()["accepted"] == len(rows), answer.content
                if second:  # in the first, every check is news
                    taken, cpu = taken + len(rows), cpu + used
                    tooks.append(took)
    return {
        "taken": taken, "per_s": BATCH / statistics.median(tooks), "mean_per_s": taken / sum(tooks),
        "per_cpu_s": taken / cpu, "per_1000": 1000 * cpu / taken, "batch_max_ms": max(tooks) * 1000,
    }  # fmt: skip


def main() -> None:
    """Measure on a database of its own and print the figures as JSON."""
    sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
    with tempfile.TemporaryDirectory(prefix="taxops-bench-") as folder:
        begin(folder)
        print(json.dumps(measure(int(sys.argv[1]))))


if __name__ == "__main__":
    main()
