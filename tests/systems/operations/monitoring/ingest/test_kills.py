"""Processes that report are killed and race; what is stored is right, and nothing is there twice."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from django.db import connection

from taxops.engines.base import from_millis, to_millis
from taxops.engines.checks import Policy, Sighting
from taxops.engines.checks import outages as engine_outages
from taxops.systems.operations.monitoring.models import (
    BatchReceipt,
    Check,
    Outage,
    Prober,
    RawResult,
    StateChange,
)
from taxops.systems.operations.monitoring.rules.codes import VERDICTS
from tests.systems.operations.monitoring.conftest import MakeCheck, Reporter
from tests.systems.operations.monitoring.ingest.reporter_process import STEP_MS, code_at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
MODULE = "tests.systems.operations.monitoring.ingest.reporter_process"


@pytest.fixture
def spawned() -> Iterator[list[subprocess.Popen[str]]]:
    """Collect processes and end those that are left."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


class Shared:
    """The test's database as other processes see it; SQLite in memory is copied to a file, and back."""

    def __init__(self, folder: Path) -> None:
        self.name = str(connection.settings_dict["NAME"])
        self.file: Path | None = None
        if connection.vendor == "sqlite":
            self.file = folder / "shared.db"
            self.name = str(self.file)

    def hand_over(self) -> None:
        """Let other processes see what was stored so far."""
        if self.file is not None:
            connection.ensure_connection()
            with closing(sqlite3.connect(self.file)) as there:
                connection.connection.backup(there)

    def take_back(self) -> None:
        """See what they stored."""
        if self.file is not None:
            with closing(sqlite3.connect(self.file)) as there:
                there.backup(connection.connection)


@pytest.fixture
def shared(tmp_path: Path) -> Shared:
    """Return the database that processes share."""
    return Shared(tmp_path)


def _start(
    spawned: list[subprocess.Popen[str]],
    database: str,
    prober: Prober,
    boot: str,
    start_ms: int,
    checks: list[Check],
    batches: int,
    order: str = "",
) -> subprocess.Popen[str]:
    arguments = [
        database,
        str(prober.pk),
        boot,
        str(start_ms),
        json.dumps([c.pk for c in checks]),
        str(batches),
        order,
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", MODULE, *arguments], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    spawned.append(process)
    return process


def _expected(check: Check, start_ms: int, seconds: int) -> list[tuple[datetime, datetime | None, datetime]]:
    history = [Sighting(start_ms + s * STEP_MS, VERDICTS[code_at(check.pk, s)]) for s in range(seconds)]
    return [
        (
            from_millis(o.start_ms),
            None if o.end_ms is None else from_millis(o.end_ms),
            from_millis(o.detected_ms),
        )
        for o in engine_outages(history, Policy(check.confirm, check.recover))
    ]


def _hold(checks: list[Check], start_ms: int, seconds: int) -> None:
    """Assert that every interval is right and nothing is doubled."""
    for check in checks:
        found = Outage.objects.filter(check_row=check, withdrawn_at=None).order_by("started_at")
        assert [(o.started_at, o.ended_at, o.detected_at) for o in found] == _expected(
            check, start_ms, seconds
        )
        assert RawResult.objects.filter(check_id=check.pk).count() == seconds
        lines = StateChange.objects.filter(check_row=check, withdrawn_at=None).values_list("kind", "at_ms")
        assert max(Counter(lines).values()) == 1
    receipts = BatchReceipt.objects.values_list("prober_id", "boot", "seq")
    assert len(set(receipts)) == len(receipts)


def test_a_reporter_that_is_killed_again_and_again_leaves_every_interval_right(
    make_check: MakeCheck,
    reporter: Reporter,
    spawned: list[subprocess.Popen[str]],
    shared: Shared,
    now: datetime,
) -> None:
    checks = [make_check(interval_s=1, retry_interval_s=1) for _ in range(12)]
    start_ms, batches = to_millis(now), 40
    chance = random.Random(7)
    shared.hand_over()
    for _ in range(4):  # each life begins with the first batch: most are duplicates by then
        process = _start(spawned, shared.name, reporter.prober, "boot", start_ms, checks, batches)
        assert process.stdout is not None
        told = process.stdout.readline()
        if not told.strip():
            break
        time.sleep(chance.uniform(0.05, 0.6))
        process.send_signal(signal.SIGKILL)
        process.wait()
    last = _start(spawned, shared.name, reporter.prober, "boot", start_ms, checks, batches)
    last.communicate(timeout=240)
    assert last.returncode == 0
    shared.take_back()
    _hold(checks, start_ms, batches)


def test_probers_that_report_the_same_checks_at_once_neither_deadlock_nor_double(
    make_check: MakeCheck,
    reporter: Reporter,
    spawned: list[subprocess.Popen[str]],
    shared: Shared,
    now: datetime,
) -> None:
    checks = [make_check(interval_s=1, retry_interval_s=1) for _ in range(10)]
    start_ms, batches = to_millis(now), 25
    others = [Prober.objects.create(code=f"racer{i}", name=f"racer{i}") for i in range(2)]
    shared.hand_over()
    racing = [
        _start(spawned, shared.name, prober, "boot", start_ms, checks, batches, "random")
        for prober in [reporter.prober, *others]
    ]
    for process in racing:
        process.communicate(timeout=280)
        assert process.returncode == 0
    shared.take_back()
    _hold(checks, start_ms, batches)
