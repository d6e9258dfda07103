"""What every test stands on: the database under test, a temporary data folder, a fixed clock."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import django
import pytest
from hypothesis import settings

ON_CI = bool(os.environ.get("CI"))


def _begin() -> None:
    """Choose data folder and database before Django reads its settings.

    The settings module is named here and not in pyproject.toml: pytest-django would read it before this
    file is loaded, and every choice below would come too late.

    `TAXOPS_TEST_DB=postgresql` starts an embedded PostgreSQL, once for all workers of a run;
    a full URL uses that server; anything else is SQLite. `TAXOPS_TEST_KEEP=1` leaves the files of the run.
    """
    os.environ["DJANGO_SETTINGS_MODULE"] = "taxops.project.settings"
    if os.environ.get("TAXOPS_TEST_READY"):
        return  # an xdist worker: the controller has chosen
    folder = Path(tempfile.mkdtemp(prefix="taxops-test-"))
    if not os.environ.get("TAXOPS_TEST_KEEP"):
        # said first, done last: when the server has ended
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["TAXOPS_TEST_READY"] = "1"
    # A folder of temporary files for this run alone: pytest closes the one that all runs share to others whenever
    # it starts, and so takes the way to its data from a PostgreSQL which another run is setting up just then.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))
    os.environ["TAXOPS_DATA"] = str(folder / "data")
    os.environ.setdefault("TAXOPS_SECRET_KEY", "only-for-tests-" + "0" * 40)
    wanted = os.environ.get("TAXOPS_TEST_DB", "sqlite")
    if wanted == "postgresql":
        from taxops.project.embedded import start

        server = start(folder / "postgres")
        atexit.register(server.stop)
        os.environ["TAXOPS_DATABASE_URL"] = server.url("taxops")
    elif "://" in wanted:
        os.environ["TAXOPS_DATABASE_URL"] = wanted
    else:
        os.environ.pop("TAXOPS_DATABASE_URL", None)


_begin()
gc.disable()  # until everything is collected: loading thousands of tests makes much and frees nothing
django.setup()


def pytest_collection_finish() -> None:
    """From here on the collector looks at what tests make, and never again at what was loaded for them."""
    gc.freeze()
    gc.enable()


# Forty examples of each property at every commit; `TAXOPS_EXAMPLES=1000` searches a night long. No deadline:
# a busy machine is not a wrong answer.
settings.register_profile("gate", max_examples=int(os.environ.get("TAXOPS_EXAMPLES") or 40), deadline=None)
settings.load_profile("gate")


@pytest.fixture(autouse=True, scope="session")
def _flush_past_the_audit_guards() -> Iterator[None]:
    """Let the flush after a transactional test empty the audit tables and the histories of cases too.

    The database refuses to delete them (triggers of `platform/audit` and `platform/casework`), and production
    has no switch for that. Here, for the flush alone, the test takes the triggers down as a database owner could.
    """
    from django.core.management.commands.flush import Command
    from django.db import connection

    flush = Command.handle

    def unguarded(self: Command, **options: object) -> object:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET session_replication_role = replica")
                try:
                    return flush(self, **options)
                finally:
                    cursor.execute("SET session_replication_role = DEFAULT")
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
                " AND (name LIKE 'audit_%' OR name LIKE 'casework_%')"
            )
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            try:
                return flush(self, **options)
            finally:
                for _, sql in triggers:
                    cursor.execute(sql)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Command, "handle", unguarded)
        yield


@pytest.fixture
def now() -> datetime:
    """Return the instant at which tests happen: Monday 2026-06-01 10:00 in China."""
    return datetime(2026, 6, 1, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of a real browser; on CI its absence is a failure, elsewhere a named skip."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        message = "没有浏览器（chromium），浏览器测试未运行；root 用户可先执行 ./run setup"
        if ON_CI:
            pytest.fail(message)
        pytest.skip(message)
    from playwright.sync_api import expect

    expect.set_options(timeout=20_000)  # five seconds are short where a whole demonstration starts beside
    return found


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """On CI nothing may be skipped silently: a skip without a reason of ours fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not ON_CI or reporter is None:
        return
    skipped = reporter.stats.get("skipped", [])
    if skipped:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.write_line(f"{len(skipped)} tests were skipped on CI, which is not allowed:", red=True)
        for report in skipped:
            reporter.write_line(f"  {report.nodeid}: {report.longrepr}")
