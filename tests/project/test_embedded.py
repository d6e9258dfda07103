"""The embedded PostgreSQL's first start, ended in its middle."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from taxops.engines.base import Unavailable
from taxops.project import embedded


def _binaries(folder: Path, initdb: str) -> Path:
    """Return a folder with an `initdb` of ours: it is called with `-D` and the folder to make."""
    folder.mkdir()
    script = folder / "initdb"
    script.write_text(f'#!/bin/sh\n[ "$1" = -D ] || exit 9\n{initdb}\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return folder


def test_a_first_start_that_ended_in_its_middle_is_made_anew(tmp_path: Path) -> None:
    data = tmp_path / "data"
    half = _binaries(tmp_path / "half", 'mkdir -p "$2"; echo 18 > "$2/PG_VERSION"; kill -9 $$')
    whole = _binaries(
        tmp_path / "whole", '[ -e "$2" ] && exit 8; mkdir "$2"; echo 18 > "$2/PG_VERSION"; touch "$2/whole"'
    )
    with pytest.raises(Unavailable, match="初始化失败"):
        embedded._make(data, half, None)
    assert not data.exists()
    (tmp_path / "data.making").mkdir()  # left by a start whose own process was killed too
    embedded._make(data, whole, None)
    assert sorted(p.name for p in data.iterdir()) == ["PG_VERSION", "whole"]
    assert not (tmp_path / "data.making").exists()


def test_what_initdb_said_is_told(tmp_path: Path) -> None:
    unhappy = _binaries(tmp_path / "unhappy", "echo 'no space left' >&2; exit 1")
    with pytest.raises(Unavailable, match="初始化失败") as refused:
        embedded._make(tmp_path / "data", unhappy, None)
    assert "no space left" in str(refused.value)
