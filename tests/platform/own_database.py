"""A database of its own for tests whose actors are real processes: a SQLite file, or one in the server."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

_ROOT = Path(__file__).resolve().parents[2]
PREFACE = "import os, sys, json; from taxops.project.boot import django_ready; django_ready()\n"
CLERK = """
import contextlib, io
for line in sys.stdin:
    script, words = json.loads(line)
    sys.argv[1:], said = words, io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(script, {"sys": sys, "json": json, "os": os})
    print(json.dumps(said.getvalue()), flush=True)
"""


class OwnDatabase:
    """Starts processes that work on one fresh, migrated database."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.clerk: subprocess.Popen[str] | None = None
        self.env = {
            **os.environ,
            "TAXOPS_DATA": str(folder),
            "TAXOPS_DATABASE_URL": url,
            "PYTHONPATH": os.pathsep.join([str(_ROOT), str(_ROOT / "src")]),
        }

    def start(self, script: str, *args: object, stdin: int | None = None) -> subprocess.Popen[str]:
        """Start a script in a process with Django ready; its standard output is kept."""
        with (self.folder / "stderr.log").open("a") as log:  # a pipe nobody reads would block the process
            return subprocess.Popen(
                [sys.executable, "-c", PREFACE + script, *map(str, args)],
                env=self.env,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def complaints(self) -> str:
        """Return the end of what the processes wrote to standard error."""
        return (self.folder / "stderr.log").read_text()[-4000:]

    def run(self, script: str, *args: object) -> Any:
        """Run a script to its end and return what it printed as JSON on its last line, if anything.

        One process runs all of them, one after the other: starting Django for each costs a second.
        """
        if self.clerk is None or self.clerk.poll() is not None:
            self.clerk = self.start(CLERK, stdin=subprocess.PIPE)
        assert self.clerk.stdin is not None
        assert self.clerk.stdout is not None
        self.clerk.stdin.write(json.dumps([script, [str(arg) for arg in args]]) + "\n")
        self.clerk.stdin.flush()
        line = self.clerk.stdout.readline()
        assert line, self.complaints()
        lines = json.loads(line).strip().splitlines()
        return json.loads(lines[-1]) if lines else None

    def close(self) -> None:
        """End the process that ran the scripts."""
        if self.clerk is not None:
            self.clerk.kill()
            self.clerk.communicate(timeout=30)
            self.clerk = None


_MIGRATE = "from django.core.management import call_command; call_command('migrate', verbosity=0)"


def migrated_file(target: Path) -> None:
    """Put a migrated SQLite database at `target`; migrations run once for all workers of a test run."""
    common = Path(os.environ["TAXOPS_DATA"]).parent
    template = common / "migrated.db"
    with (common / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not template.exists():
            workshop = common / "migrating"
            workshop.mkdir(exist_ok=True)
            database = OwnDatabase(workshop, f"sqlite:///{workshop / 'new.db'}")
            database.run(_MIGRATE)
            database.run(
                "from django.db import connection; connection.cursor().execute('PRAGMA wal_checkpoint(TRUNCATE)')"
            )
            database.close()
            (workshop / "new.db").replace(template)
    shutil.copyfile(template, target)


@contextmanager
def own_database(folder: Path) -> Iterator[OwnDatabase]:
    """Make, migrate and in the end remove a database of the kind under test."""
    on_postgresql = os.environ.get("TAXOPS_DATABASE_URL", "").startswith("postgresql")
    if not on_postgresql:
        migrated_file(folder / "own.db")
    with bare_database(folder) as database:
        if on_postgresql:
            database.run(_MIGRATE)
        yield database


@contextmanager
def bare_database(folder: Path) -> Iterator[OwnDatabase]:
    """Make and in the end remove a database of the kind under test, with nothing in it yet."""
    url = os.environ.get("TAXOPS_DATABASE_URL", "")
    if not url.startswith("postgresql"):
        database = OwnDatabase(folder, f"sqlite:///{folder / 'own.db'}")
        try:
            yield database
        finally:
            database.close()
        return
    import psycopg
    from psycopg import sql

    name = f"own_{uuid.uuid4().hex[:12]}"
    parts = urlsplit(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            database = OwnDatabase(folder, urlunsplit(parts._replace(path=f"/{name}")))
            yield database
            database.close()
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
