"""The spool: in order, bounded, and whole after being killed."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from taxops.engines.base import BadInput
from taxops.project.prober.spool import Batch, Spool


def drain(spool: Spool) -> list[Batch]:
    found = []
    while (batch := spool.first()) is not None:
        found.append(batch)
        spool.done(batch)
    return found


def test_batches_come_out_in_order_and_once(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for seq in range(1, 4):
        spool.put("boot", seq, 1000 + seq, 2, f"body {seq}".encode())
    assert spool.waiting == 3
    spool.close()
    again = Spool(tmp_path)
    assert [(b.seq, b.body, b.rows) for b in drain(again)] == [
        (1, b"body 1", 2),
        (2, b"body 2", 2),
        (3, b"body 3", 2),
    ]
    assert (again.waiting, again.size) == (0, 0)


def test_when_it_is_full_the_oldest_go_and_are_counted(tmp_path: Path) -> None:
    spool = Spool(tmp_path, most_bytes=20_000)
    for seq in range(30):
        spool.put("b", seq, 1000, 10, os.urandom(2000))
    assert spool.size <= 20_000
    assert spool.dropped == (30 - spool.waiting) * 10
    first = spool.first()
    assert first is not None
    assert first.seq == 30 - spool.waiting


def test_what_is_too_old_goes(tmp_path: Path) -> None:
    spool = Spool(tmp_path, most_age_ms=1000)
    spool.put("b", 1, 0, 5, b"old")
    spool.put("b", 2, 5000, 1, b"new")
    assert [batch.seq for batch in drain(spool)] == [2]
    assert spool.dropped == 5


def test_a_refused_batch_is_put_aside(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    batch = spool.put("b", 1, 0, 1, b"x")
    spool.put("b", 2, 0, 1, b"y")
    spool.refuse(batch, "平台拒收")
    assert [b.seq for b in drain(spool)] == [2]
    assert spool.refused == 1


def test_small_states_are_kept(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.keep("check.7", {"place": {"offset": 12}})
    spool.close()
    assert Spool(tmp_path).recall("check.7") == {"place": {"offset": 12}}
    assert Spool(tmp_path).recall("none") is None


def test_the_file_is_the_owners_alone(tmp_path: Path) -> None:
    Spool(tmp_path)
    assert stat.S_IMODE((tmp_path / "spool.db").stat().st_mode) == 0o600


def test_a_damaged_file_is_put_aside(tmp_path: Path) -> None:
    (tmp_path / "spool.db").write_bytes(b"this is no database, it is a text" * 100)
    spool = Spool(tmp_path)
    spool.put("b", 1, 0, 1, b"x")
    assert (tmp_path / "spool.db.damaged").exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="暂存目录"):
        Spool(tmp_path / "file" / "below")


_WRITER = """
import sys
from pathlib import Path
from taxops.project.prober.spool import Spool
spool = Spool(Path(sys.argv[1]))
for seq in range(1, 100000):
    spool.put("boot", seq, seq, 1, b"x" * 500)
    print(seq, flush=True)
"""


def test_what_was_put_before_a_kill_is_there_after_it(tmp_path: Path) -> None:
    for _ in range(3):
        child = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(0.15)
        child.send_signal(signal.SIGKILL)
        told = [int(line) for line in child.stdout.read().splitlines() if line.strip().isdigit()]
        child.wait()
        spool = Spool(tmp_path)
        found = [batch.seq for batch in drain(spool)]
        spool.close()
        assert found == list(range(1, len(found) + 1))
        assert len(found) >= (max(told) if told else 1)
