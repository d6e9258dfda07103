"""Cut off from the centre for an hour: everything arrives once and in order, also when killed while delivering."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from taxops.project.prober.outbox import body_of
from taxops.project.prober.spool import Spool
from tests.project.prober.centre import TOKEN, Centre

pytestmark = pytest.mark.real

BATCHES = 360  # an hour, ten seconds in a batch
CHECKS = 3
START_MS = int(time.time() * 1000) - 3_700_000  # results older than a week are given up


def fill(folder: Path) -> list[list[Any]]:
    """Leave an hour of results in a spool, as a prober does whose centre is away; return them in order."""
    spool = Spool(folder)
    told: list[list[Any]] = []
    for seq in range(1, BATCHES + 1):
        at_ms = START_MS + seq * 10_000
        rows = [[check, 1, at_ms + check, 0, 900, 0, None, None, None] for check in range(1, CHECKS + 1)]
        told += rows
        spool.put(
            "hour", seq, at_ms, len(rows), body_of("hour", seq, at_ms, [json.dumps(r) for r in rows], None)
        )
    assert spool.waiting == BATCHES
    assert spool.size < 1_000_000  # an hour of a small fleet is nothing on disk
    spool.close()
    return told


def start(centre: Centre, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "taxops.cli", "prober", "--url", centre.url, "--spool", str(folder)],
        env={**os.environ, "TAXOPS_PROBER_TOKEN": TOKEN},
        stderr=subprocess.DEVNULL,
    )


def test_an_hours_results_are_delivered_once_in_order_though_killed_twice(tmp_path: Path) -> None:
    told = fill(tmp_path / "spool")
    centre = Centre()
    take = centre.take

    def slowly(batch: dict[str, Any]) -> dict[str, Any]:
        time.sleep(0.0005)  # so that there is a middle to be killed in
        return take(batch)

    centre.take = slowly  # type: ignore[method-assign]
    try:
        for part in (0.2, 0.6):
            child = start(centre, tmp_path / "spool")
            centre.wait(lambda part=part: len(centre.batches) >= BATCHES * part, 60)  # type: ignore[misc]
            child.send_signal(signal.SIGKILL)
            child.wait()
        assert len(centre.batches) < BATCHES
        centre.drop_answers = 1  # and one answer is lost on the way
        child = start(centre, tmp_path / "spool")
        centre.wait(lambda: len([b for b in centre.batches if b[0] == "hour"]) == BATCHES, 60)
        child.send_signal(signal.SIGTERM)
        assert child.wait(10) == 0
    finally:
        centre.close()
    rows = [row for row in centre.rows if row[2] < START_MS + 3_650_000]
    assert rows == told  # nothing lost, nothing doubled, nothing out of its order
    assert [seq for boot, seq in centre.batches if boot == "hour"] == list(range(1, BATCHES + 1))
    assert centre.duplicates >= 1  # what was told twice was recognised
