"""The installation's sealing key: made once, kept private, clear words when it is broken."""

from __future__ import annotations

import threading
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from taxops.engines.base import Scope, Unavailable
from taxops.platform.audit import sealing, services


def test_the_key_is_made_once_and_readable_by_the_owner_only(tmp_path: Path) -> None:
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: found.append(sealing.key_pair(tmp_path).public)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert (tmp_path / sealing.FILE).stat().st_mode & 0o777 == 0o600
    assert [p.name for p in tmp_path.iterdir()] == [sealing.FILE]


def test_a_broken_key_is_told_in_chinese(tmp_path: Path) -> None:
    (tmp_path / sealing.FILE).write_text("not a key")
    with pytest.raises(Unavailable, match="封签密钥"):
        sealing.key_pair(tmp_path)


@pytest.mark.django_db
def test_sealing_twice_seals_once(tmp_path: Path, now: datetime, settings: Any) -> None:
    settings.CONFIG = SimpleNamespace(data=tmp_path)
    assert sealing.seal_now(now).seq == 0, "nothing to seal yet"
    services.record(Scope(7, "王芳"), now=now, action="a.b", kind="k", object_id=1)
    first, second = sealing.seal_now(now), sealing.seal_now(now)
    assert (first.seq, first.is_new, second.is_new) == (1, True, False)
    trusted = sealing.key_pair(tmp_path).public
    assert services.verify(trusted=trusted) is None
    broken = services.verify(trusted=bytes(64))
    assert broken is not None
    assert broken.reason.value == "seal"
