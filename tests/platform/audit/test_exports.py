"""What is carried away can be checked without us, and that it was taken is written down."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta

import pytest

from taxops.engines.base import Scope, TooLarge
from taxops.engines.ledger import Head, Link, verify
from taxops.platform.audit import exports, services
from taxops.platform.audit.models import AuditEntry

pytestmark = pytest.mark.django_db
AUDITOR = Scope(3, "总审计", {"audit.view": ("",)})


def _write(now: datetime) -> None:
    for number in range(5):
        services.record(
            Scope(7, "王芳"), now=now + timedelta(days=number), action="a.b", kind="k", object_id=number
        )


def test_an_export_verifies_by_itself_and_is_in_the_trail(now: datetime) -> None:
    _write(now)
    end = services.head()
    out = io.BytesIO()
    assert exports.write(AUDITOR, out, since=None, until=None, now=now) == 5
    rows = [json.loads(line) for line in out.getvalue().decode().splitlines()]
    links = [Link(r["seq"], r["prev_hash"], r["content"], r["hash"]) for r in rows]
    assert verify(links, Head(end.seq, end.hash)) is None
    last = AuditEntry.objects.get(seq=6)
    assert (last.action, last.actor_name, last.values_after) == ("audit.export", "总审计", {"count": 5})


def test_dates_narrow_an_export(now: datetime) -> None:
    _write(now)
    out = io.BytesIO()
    since, until = now + timedelta(days=1), now + timedelta(days=3)
    assert exports.write(AUDITOR, out, since=since, until=until, now=now) == 2


def test_too_many_are_refused_and_nothing_is_written_down(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(now)
    monkeypatch.setattr(exports, "MOST", 3)
    with pytest.raises(TooLarge, match="一次最多"):
        exports.write(AUDITOR, io.BytesIO(), since=None, until=None, now=now)
    assert AuditEntry.objects.count() == 5
