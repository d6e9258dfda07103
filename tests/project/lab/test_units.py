"""Parts of the keeper: how it hears its processes."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from taxops.engines.base import Unavailable
from taxops.project.lab import units
from taxops.project.lab.plan import Lab


def _told(folder: Path, script: str) -> units.Told:
    (folder / "logs").mkdir()
    told = units.Told(cast("Lab", SimpleNamespace(folder=folder)), "dns")
    told.argv = [sys.executable, "-c", script]
    told.begin()
    return told


def test_lines_that_come_in_one_piece_are_all_heard(tmp_path: Path) -> None:
    told = _told(tmp_path, "import os, sys; os.write(1, b'ready\\nmode lag\\n'); sys.stdin.read()")
    told.expect("ready")
    told.expect("mode lag")
    told.kill()


def test_a_process_that_ends_is_told_not_waited_for(tmp_path: Path) -> None:
    told = _told(tmp_path, "import os; os.write(1, b'read'); os.write(1, b'y\\n')")
    told.expect("ready")
    with pytest.raises(Unavailable, match="没有就绪"):
        told.expect("mode lag")
