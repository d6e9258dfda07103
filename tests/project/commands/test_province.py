"""`taxops province generate` writes, tells and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from taxops.cli import main

pytestmark = pytest.mark.same_everywhere


def test_a_month_of_the_small_province(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "p"
    assert main(["province", "generate", "--months", "1", "--out", str(out), "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["rows"]["org"] == 319
    assert "2024-01" in told.err
    assert (out / "truth.parquet").exists()


def test_without_a_folder_it_goes_into_the_data_folder_and_says_what_is_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAXOPS_DATA", str(tmp_path))
    assert main(["province", "generate", "--months", "1", "--seed", "9"]) == 0
    told = capsys.readouterr().out
    assert (tmp_path / "province" / "tp").is_dir()
    assert f"taxops warehouse load {tmp_path / 'province'} --batch 样本9" in told


def test_a_month_that_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["province", "generate", "--start", "2024-13", "--out", str(tmp_path / "p")]) == 2
    assert "2024-13" in capsys.readouterr().err
