"""`taxops warehouse`: a delivery is loaded once, engines are put to the test, wrong input is named."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from taxops.cli import main
from taxops.engines.warehouse import shipped_schema
from taxops.engines.warehouse.backends.duck import DuckEngine
from taxops.engines.warehouse.batch import as_arrow
from tests.engines.indicators.small import orgs

pytestmark = pytest.mark.same_everywhere


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    folder = tmp_path / "delivery"
    (folder / "org").mkdir(parents=True)
    pq.write_table(as_arrow(shipped_schema().table("org"), orgs()), folder / "org" / "part.parquet")
    return folder


def test_load_twice_and_show(delivery: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--warehouse", str(tmp_path / "w")]
    totals = tmp_path / "totals.json"
    totals.write_text('{"org": {"rows": 7}}')
    assert main(["warehouse", "load", str(delivery), "--batch", "b1", "--totals", str(totals), *where]) == 0
    assert "清单第 1 版" in capsys.readouterr().out
    assert main(["warehouse", "load", str(delivery), "--batch", "b1", "--json", *where]) == 0
    assert json.loads(capsys.readouterr().out)["is_repeat"] is True
    assert main(["warehouse", "show", *where]) == 0
    assert "7 行" in capsys.readouterr().out


def test_wrong_deliveries_are_named(
    delivery: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--warehouse", str(tmp_path / "w")]
    totals = tmp_path / "totals.json"
    totals.write_text('{"org": {"rows": 8}}')
    assert main(["warehouse", "load", str(delivery), "--batch", "b1", "--totals", str(totals), *where]) == 2
    assert "rows 应为 8，实为 7" in capsys.readouterr().err
    assert main(["warehouse", "load", str(tmp_path / "nowhere"), "--batch", "b1", *where]) == 2
    assert main(["warehouse", "load", str(tmp_path), "--batch", "b1", *where]) == 2
    assert "没有以表名命名的数据" in capsys.readouterr().err
    totals.write_text("[]")
    assert main(["warehouse", "load", str(delivery), "--batch", "b1", "--totals", str(totals), *where]) == 2
    assert main(["warehouse", "show", *where]) == 0
    assert "是空的" in capsys.readouterr().out


def test_conform(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["warehouse", "conform", "--json"]) == 0
    monkeypatch.setattr(DuckEngine, "version", lambda _: "9.9.9")
    assert main(["warehouse", "conform", "--json", "--warehouse", str(tmp_path / "w")]) == 0
    assert '"9.9.9"' in (tmp_path / "w" / "clearances.json").read_text()
    capsys.readouterr()
    monkeypatch.undo()
    assert main(["warehouse", "conform", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True
    assert main(["warehouse", "conform", "--engine", "abacus"]) == 2
    assert "没有名为「abacus」" in capsys.readouterr().err
