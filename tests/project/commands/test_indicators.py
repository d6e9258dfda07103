"""`taxops indicators`: the shipped definitions are listed, run and explained from a warehouse."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from taxops.cli import main
from taxops.engines.warehouse import Batch, Store, load, shipped_schema
from tests.engines.indicators.small import oblig, orgs

DEFINITION = """
[[indicator]]
code = "T1"
name = "按期申报率"
kind = "ratio"
source = "oblig"
time = "due"
num = { where = "days_between(due, filed_on) <= $grace" }
den = {}
params = { grace = { value = 0, source = "试行办法" } }
business = "按期申报的户次。"
"""

pytestmark = pytest.mark.same_everywhere


@pytest.fixture
def given(tmp_path: Path) -> list[str]:
    due = date(2025, 6, 16)
    rows = [oblig(1, 1, 111, due, due), oblig(2, 1, 112, due, None)]
    load(Store(tmp_path / "w"), shipped_schema(), Batch("b", {"org": orgs(), "oblig": rows}))
    (tmp_path / "t.toml").write_text(DEFINITION, encoding="utf-8")
    return ["--warehouse", str(tmp_path / "w"), "--file", str(tmp_path / "t.toml")]


def test_list(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["indicators", "list", "--json"]) == 0
    assert {"C101", "C501"} <= {d["code"] for d in json.loads(capsys.readouterr().out)}
    (tmp_path / "bad.toml").write_text(DEFINITION.replace("filed_on)", "file_on)"), encoding="utf-8")
    assert main(["indicators", "list", "--file", str(tmp_path / "bad.toml")]) == 2
    assert "T1 的 num.where：第 1 行第 19 列" in capsys.readouterr().err


def test_run_and_explain(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["indicators", "run", "T1", "--period", "2025-06", "--org", "11", "--json", *given]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [(r["num"], r["den"], r["value"], r["state"]) for r in answer["results"]] == [
        (1, 2, 0.5, "trusted")
    ]
    assert answer["work"]["passes"] == 1
    assert main(["indicators", "run", "T1", "--period", "2025-06", *given]) == 0
    assert "扫描 0 次" in capsys.readouterr().out
    assert main(["indicators", "explain", "T1", "--period", "2025-06", "--org", "11", *given]) == 0
    text = capsys.readouterr().out
    for part in (
        "0.5（1 ÷ 2）",
        "重算：相同",
        "$grace = 0（试行办法）",
        "oblig：2025-06 第 1 版",
        "分子记录 1 条",
        "SELECT",
    ):
        assert part in text
    assert main(["indicators", "run", "T1", "--period", "2025-6", *given]) == 2
    assert main(["indicators", "explain", "T1", "--period", "2025-06", "--org", "9", *given]) == 2
