"""The preparing step knows the lab's addresses whether or not a keeper runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from taxops.engines.base import Unavailable
from taxops.project import prepare


def test_without_a_keeper_the_addresses_are_chosen_once(tmp_path: Path) -> None:
    first = prepare._lab(tmp_path / "lab", runs=False)
    again = prepare._lab(tmp_path / "lab", runs=False)
    assert first.services["acceptance"].target == again.services["acceptance"].target


def test_a_keeper_that_does_not_come_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepare, "LAB_LIMIT_S", 0.1)
    with pytest.raises(Unavailable, match="实验室没有启动"):
        prepare._lab(tmp_path / "lab", runs=True)
