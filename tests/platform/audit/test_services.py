"""Writing and checking the trail on the database under test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from taxops.engines.base import Conflict, Scope
from taxops.engines.crypto import generate_keypair
from taxops.engines.ledger import GENESIS, Break, digest
from taxops.platform.audit import services
from taxops.platform.audit.models import AuditEntry, AuditHead, AuditSeal

pytestmark = pytest.mark.django_db

WANG = Scope(actor_id=7, actor_name="王芳", address="10.1.2.3", via="page")


def write(now: datetime, n: int = 5) -> list[AuditEntry]:
    return [
        services.record(
            WANG,
            now=now + timedelta(minutes=i),
            action="check.edit",
            kind="check",
            object_id=i,
            label=f"检查 {i}",
            before={"limit": i, "name": "x"},
            after={"limit": i + 0.5, "name": "x"},
            org_path="100000/145000/",
        )
        for i in range(1, n + 1)
    ]


@contextmanager
def unguarded() -> Iterator[Any]:
    """Yield a cursor to which the database refuses nothing, as to an owner who took the triggers down."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for table in ("auditentry", "audithead", "auditseal"):
                cursor.execute(f"ALTER TABLE audit_{table} DISABLE TRIGGER USER")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit_%'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
        yield cursor


def test_an_entry_says_who_what_when_from_where(now: datetime) -> None:
    (entry,) = write(now, 1)
    entry.refresh_from_db()
    assert (entry.seq, entry.actor_id, entry.actor_name, entry.address, entry.via) == (
        1,
        7,
        "王芳",
        "10.1.2.3",
        "page",
    )
    assert (entry.action, entry.kind, entry.object_id, entry.label) == ("check.edit", "check", "1", "检查 1")
    assert entry.values_before == {"limit": 1}
    assert entry.values_after == {"limit": 1.5}
    assert entry.at == entry.entered_at == now + timedelta(minutes=1)
    assert entry.prev_hash == GENESIS


def test_a_late_entry_keeps_both_times(now: datetime) -> None:
    entry = services.record(WANG, now=now, at=now - timedelta(days=2), action="a.b", kind="k", object_id="1")
    assert (entry.entered_at - entry.at).days == 2


def test_entries_are_numbered_without_gaps_and_chained(now: datetime) -> None:
    entries = write(now)
    assert [entry.seq for entry in entries] == [1, 2, 3, 4, 5]
    assert [entry.prev_hash for entry in entries[1:]] == [entry.hash for entry in entries[:-1]]
    assert services.head().hash == entries[-1].hash
    assert services.verify() is None


def test_what_is_rolled_back_leaves_no_trace_and_no_gap(now: datetime) -> None:
    write(now, 2)
    with transaction.atomic():
        write(now, 1)
        transaction.set_rollback(True)
    write(now, 1)
    assert services.head().seq == 3
    assert services.verify() is None


def test_awkward_texts_are_kept_and_verify(now: datetime) -> None:
    scope = replace(WANG, actor_name="名" * 300, address="::1" * 50)
    services.record(
        scope,
        now=now,
        action="a.b",
        kind="k",
        object_id="1",
        label="零\x00字节与\ud800",
        after={"文": "零\x00\ud800", "大": 10**30, "小": 1e-300, "浮": 1e16, "零": -0.0},
    )
    assert services.verify() is None


def test_an_empty_trail_verifies() -> None:
    assert services.verify() is None


REFUSED = [
    "UPDATE audit_auditentry SET label = 'x' WHERE seq = 2",
    "UPDATE audit_auditentry SET seq = 99 WHERE seq = 2",
    "UPDATE audit_auditentry SET label = label",
    "DELETE FROM audit_auditentry WHERE seq = 5",
    "DELETE FROM audit_auditentry",
    "DELETE FROM audit_audithead",
    "UPDATE audit_audithead SET seq = 4",
    "UPDATE audit_audithead SET seq = 6, hash = 'f'",
    "UPDATE audit_audithead SET hash = 'f'",
    "INSERT INTO audit_audithead (id, seq, hash) VALUES (2, 0, 'x')",
]
INSERT = (
    "INSERT INTO audit_auditentry (seq, at, entered_at, actor_name, action, kind, object_id, label, before, after,"
    " org_path, address, via, request_id, prev_hash, hash)"
    " SELECT {seq}, at, entered_at, actor_name, action, kind, object_id, label, before, after,"
    " org_path, address, via, request_id, {prev}, 'f' FROM audit_auditentry WHERE seq = 5"
)


@pytest.mark.parametrize("statement", REFUSED)
def test_the_database_itself_refuses_to_change_the_trail(now: datetime, statement: str) -> None:
    write(now)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert services.verify() is None


@pytest.mark.parametrize(
    ("_case", "seq", "prev"),
    [
        ("a gap", 7, "hash"),
        ("a fork", 4, "prev_hash"),
        ("a wrong predecessor", 6, "'e'"),
        ("a second genesis", 0, f"'{GENESIS}'"),
    ],
)
def test_the_database_itself_refuses_gaps_and_forks(now: datetime, _case: str, seq: int, prev: str) -> None:
    write(now)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(INSERT.format(seq=seq, prev=prev))
    assert services.verify() is None


def test_the_database_refuses_emptying_and_replacing(now: datetime) -> None:
    write(now)
    statements = (
        ["TRUNCATE audit_auditentry", "TRUNCATE audit_audithead"]
        if connection.vendor == "postgresql"
        else ["INSERT OR REPLACE INTO audit_auditentry SELECT * FROM audit_auditentry WHERE seq = 2",
              "UPDATE OR REPLACE audit_auditentry SET seq = 1 WHERE seq = 2"]
    )  # fmt: skip
    for statement in statements:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.parametrize(
    ("statement", "seq", "reason"),
    [
        ("UPDATE audit_auditentry SET label = '改' WHERE seq = 3", 3, Break.ALTERED),
        ("UPDATE audit_auditentry SET actor_id = 8 WHERE seq = 1", 1, Break.ALTERED),
        ("UPDATE audit_auditentry SET before = '' WHERE seq = 5", 5, Break.ALTERED),
        ("UPDATE audit_auditentry SET at = entered_at WHERE seq = 2", None, None),
        ("DELETE FROM audit_auditentry WHERE seq = 2", 2, Break.MISSING),
        ("DELETE FROM audit_auditentry WHERE seq IN (2, 3)", 2, Break.MISSING),
        ("DELETE FROM audit_auditentry WHERE seq = 1", 1, Break.MISSING),
        ("DELETE FROM audit_auditentry WHERE seq >= 4", 4, Break.CUT),
        ("DELETE FROM audit_auditentry", 1, Break.CUT),
        ("UPDATE audit_audithead SET seq = 4", 5, Break.EXTRA),
        ("UPDATE audit_audithead SET hash = 'f'", 5, Break.REWRITTEN),
        ("DELETE FROM audit_audithead", 1, Break.EXTRA),
        ("UPDATE audit_auditentry SET seq = 0 WHERE seq = 5", 0, Break.ORDER),
        ("UPDATE audit_auditentry SET seq = 50 WHERE seq = 5", 5, Break.CUT),
    ],
)
def test_what_an_owner_does_behind_the_guards_is_named(
    now: datetime, statement: str, seq: int | None, reason: Break | None
) -> None:
    write(now)
    with unguarded() as cursor:
        cursor.execute(statement)
    broken = services.verify()
    assert (broken and broken.seq, broken and broken.reason) == (seq, reason)


def test_an_entry_rewritten_with_its_hash_is_named(now: datetime) -> None:
    entry = write(now)[2]
    entry.label = "改写"
    forged = digest(entry.seq, entry.prev_hash, services.content_of(entry))
    with unguarded() as cursor:
        cursor.execute("UPDATE audit_auditentry SET label = '改写', hash = %s WHERE seq = 3", [forged])
    broken = services.verify()
    assert broken is not None
    assert (broken.seq, broken.reason) == (3, Break.REWRITTEN)


def test_nothing_more_is_written_once_the_head_is_gone(now: datetime) -> None:
    write(now)
    with unguarded() as cursor:
        cursor.execute("DELETE FROM audit_audithead")
    with pytest.raises(Conflict, match="链头丢失"):
        write(now)


def test_a_chain_rewritten_whole_is_betrayed_by_a_seal(now: datetime) -> None:
    keys = generate_keypair()
    write(now)
    seal = services.seal(keys, now=now)
    assert seal is not None
    assert services.seal(keys, now=now) is None, "nothing new to seal"
    assert services.verify() is None
    previous = GENESIS
    with unguarded() as cursor:
        for entry in AuditEntry.objects.order_by("seq"):
            entry.actor_name = "别人"
            forged = digest(entry.seq, previous, services.content_of(entry))
            cursor.execute(
                "UPDATE audit_auditentry SET actor_name = '别人', prev_hash = %s, hash = %s WHERE seq = %s",
                [previous, forged, entry.seq],
            )
            previous = forged
        cursor.execute("UPDATE audit_audithead SET hash = %s", [previous])
    broken = services.verify()
    assert broken is not None
    assert (broken.seq, broken.reason) == (1, Break.SEAL)


def test_a_forged_seal_is_reported(now: datetime) -> None:
    write(now)
    services.seal(generate_keypair(), now=now)
    with unguarded() as cursor:
        cursor.execute("UPDATE audit_auditseal SET hash = %s", ["f" * 64])
    broken = services.verify()
    assert broken is not None
    assert (broken.seq, broken.reason) == (5, Break.SEAL)
    assert AuditSeal.objects.count() == 1


def test_an_anchor_kept_elsewhere_is_compared(now: datetime) -> None:
    entries = write(now)
    assert services.verify(anchors={3: entries[2].hash}) is None
    broken = services.verify(anchors={3: "f" * 64})
    assert broken is not None
    assert broken.reason == Break.SEAL


def test_progress_is_told_to_the_end(now: datetime) -> None:
    write(now)
    told: list[tuple[int, int]] = []
    services.verify(progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (5, 5)


def test_the_head_is_made_when_a_database_starts_empty(now: datetime) -> None:
    with unguarded() as cursor:
        cursor.execute("DELETE FROM audit_audithead")
    write(now, 1)
    assert AuditHead.objects.get().seq == 1
