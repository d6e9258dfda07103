"""What a page costs the server (页面耗时), for every benchmark of pages: processor first, since machines are shared.

The processor time of a page is that of this process (Django, templates, SQLite) and, on PostgreSQL, that of the one
database process that serves it; both are read from the kernel, so that a busy machine does not change them. Wall
time is printed beside them.
"""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

GOAL_MS = 300
"""Server time of a list or board."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The best of several askings of one page (一页的耗时), in milliseconds."""

    path: str
    status: int
    cpu_ms: float
    database_ms: float
    wall_ms: float
    queries: int

    @property
    def spent_ms(self) -> float:
        """Processor time of the web process and the database together."""
        return self.cpu_ms + self.database_ms

    def line(self, limit: float = GOAL_MS) -> str:
        """Return it as one line of a table."""
        mark = "" if self.status == 200 and self.spent_ms < limit else f"  <-- over {limit:g}"
        parts = f"web {self.cpu_ms:6.1f}, database {self.database_ms:6.1f}; wall {self.wall_ms:7.1f}"
        return (
            f"{self.spent_ms:8.1f} ms  ({parts}) {self.queries:3} queries  {self.status}  {self.path}{mark}"
        )

    def data(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "path": self.path, "status": self.status, "cpu_ms": round(self.cpu_ms, 1),
            "database_ms": round(self.database_ms, 1), "wall_ms": round(self.wall_ms, 1), "queries": self.queries,
        }  # fmt: skip


def prepare(database: str, folder: Path | None = None, *, durable: bool = False) -> Any:
    """Make a store of its own, migrated, and set Django up; return the PostgreSQL server to stop, or None.

    Args:
        database: `sqlite` or `postgresql` (the embedded one).
        folder: where it lies; a temporary one without.
        durable: PostgreSQL syncs its log at each commit.
    """
    folder = folder or Path(tempfile.mkdtemp(prefix="taxops-bench-"))
    os.environ |= {
        "TAXOPS_DATA": str(folder / "data"),
        "TAXOPS_SECRET_KEY": "only-for-benchmarks-" + "0" * 40,
        "DJANGO_SETTINGS_MODULE": "taxops.project.settings",
    }
    server = None
    if database == "postgresql":
        from taxops.project.embedded import start

        server = start(folder / "postgres", durable=durable)
        os.environ["TAXOPS_DATABASE_URL"] = server.url("taxops")
    from taxops.project.boot import django_ready

    django_ready()
    from django.conf import settings
    from django.core.management import call_command

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    settings.WHITENOISE_AUTOREFRESH = True
    call_command("migrate", verbosity=0)
    return server


def settled() -> None:
    """Let PostgreSQL know what was filled in, as its own housekeeping would; plans on one process only."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("SET max_parallel_workers_per_gather = 0")


def client_of(person: Any, now: Any) -> Any:
    """Return a client that is signed in, with the web's clock stopped at `now`."""
    from django.test import Client
    from tests import factories

    from taxops.platform.identity.middleware import IdentityMiddleware

    IdentityMiddleware.clock = staticmethod(lambda: now)
    client = Client()
    factories.sign_in(client, person, now)
    return client


def ask(client: Any, path: str, times: int = 7) -> Cost:
    """Ask a page once to warm it, then `times`; return the cheapest."""
    from django.db import connection

    client.get(path)
    seen: list[str] = []

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        answer = client.get(path)
    pid = backend()
    took = []
    for _ in range(times):
        wall, cpu, theirs = time.perf_counter(), time.process_time(), spent(pid)
        client.get(path)
        own, ours = (time.process_time() - cpu) * 1000, time.perf_counter() - wall
        took.append((own, spent(pid) - theirs, ours * 1000))
    cpu_ms, database_ms, wall_ms = min(took, key=lambda one: one[0] + one[1])
    return Cost(path, answer.status_code, cpu_ms, database_ms, wall_ms, len(seen))


@cache
def backend() -> int | None:
    """Return the process id of the database process that serves us; None: the database is in this process."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def spent(pid: int | None) -> float:
    """Return the milliseconds of processor that a process has had (Linux)."""
    return 0.0 if pid is None else int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6
