"""Several processes write the trail at once: it never forks and has no gap."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.platform.own_database import own_database

pytestmark = [pytest.mark.real, pytest.mark.slow]

WRITE = """
from datetime import datetime, UTC
import threading
from django.db import connection, transaction
from taxops.engines.base import Scope
from taxops.platform.audit.services import record
def work(who):
    for i in range(int(sys.argv[2])):
        with transaction.atomic():
            record(Scope(None, who), now=datetime.now(UTC), action="a.b", kind="k", object_id=i, after={"i": i})
            if i % 5 == 4:
                transaction.set_rollback(True)
    connection.close()
threads = [threading.Thread(target=work, args=(f"{sys.argv[1]}-{n}",)) for n in range(2)]
[t.start() for t in threads]
[t.join() for t in threads]
"""
VERIFY = """
from taxops.platform.audit.services import head, verify
from taxops.platform.audit.models import AuditEntry
broken = verify()
print(json.dumps([broken and broken.what, head().seq, AuditEntry.objects.count()]))
"""


def test_writers_in_many_processes_and_threads_make_one_chain(tmp_path: Path) -> None:
    with own_database(tmp_path) as database:
        writers = [database.start(WRITE, f"p{n}", 10) for n in range(3)]
        for writer in writers:
            writer.communicate(timeout=120)
            assert writer.returncode == 0, database.complaints()
        broken, head, count = database.run(VERIFY)
    assert broken is None
    assert head == count == 3 * 2 * 8


def test_a_writer_killed_in_between_leaves_the_chain_whole(tmp_path: Path) -> None:
    with own_database(tmp_path) as database:
        killed = [database.start(WRITE, f"k{n}", 100_000) for n in range(2)]
        steady = database.start(WRITE, "s", 15)
        steady.communicate(timeout=120)
        for writer in killed:
            writer.kill()
            writer.communicate(timeout=30)
        broken, head, count = database.run(VERIFY)
    assert broken is None
    assert head == count
    assert count >= 24
