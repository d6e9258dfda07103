"""`taxops report daily` writes both files once, and says what is wrong with what was asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from taxops import cli
from taxops.systems.operations.monitoring.models import MonitoredSystem
from tests.systems.operations.deliverables.conftest import province, root, system, top

__all__ = ["province", "root", "system", "top"]
pytestmark = pytest.mark.django_db
DAY = "2025-06-02"


def test_it_writes_the_files_and_repeats_nothing(
    system: MonitoredSystem,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ["report", "daily", "--date", DAY, "--org", "145000", "--out", str(tmp_path / "out")]
    assert cli.main([*asked, "--json"]) == 0
    (made,) = json.loads(capsys.readouterr().out)
    assert (made["version"], made["new"]) == (1, True)
    kinds = {Path(name).suffix: Path(name).read_bytes()[:4] for name in made["files"]}
    assert kinds == {".docx": b"PK\x03\x04", ".pdf": b"%PDF"}
    assert cli.main(asked) == 0
    text = capsys.readouterr().out
    assert "数据没有变化" in text
    assert made["digest"] in text


@pytest.mark.parametrize(
    ("more", "words"),
    [(["--date", "昨天"], "不是日期"), (["--date", DAY, "--org", "zz"], "没有代码为「zz」的机构")],
)
def test_what_cannot_be_is_said_so(
    more: list[str],
    words: str,
    top: object,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["report", "daily", "--out", str(tmp_path), *more]) != 0
    assert words in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
