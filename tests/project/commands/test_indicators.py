"""`taxops indicators`: the shipped definitions are listed, run and explained from a warehouse."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from taxops.cli import main
from taxops.engines.warehouse import Batch, Store, load, shipped_schema
from taxops.engines.warehouse.backends.duck import DuckEngine
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


RING = """
[[indicator]]
code = "{one}"
name = "{one}"
kind = "derived"
of = {{ a = "{other}" }}
expr = {{ num = "a" }}
"""
EXPERT = """
[[indicator]]
code = "T2"
name = "T2"
kind = "ratio"
sql = "{sql}"
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (RING.format(one="R1", other="R2") + RING.format(one="R2", other="R1"), "R1 → R2 → R1"),
        (DEFINITION.replace('time = "due"\n', ""), "扫描申报义务的全部数据"),
        (EXPERT.format(sql="delete from inv"), "只能是一条 SELECT"),
        (EXPERT.format(sql="select org_id as subject, 1 as num, 1 as den from inv"), "扫描"),
    ],
    ids=["cycle", "scans everything", "writes", "sql scans everything"],
)
def test_a_definition_that_cannot_be_is_refused_before_anything_runs(
    text: str, said: str, given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "t.toml").write_text(text, encoding="utf-8")
    assert main(["indicators", "run", "--period", "2025-06", *given]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "w" / "states").exists()


def test_no_data_and_no_rows_are_not_zero(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["indicators", "run", "T1", "--period", "2024-01", "--json", *given]) == 0
    empty = json.loads(capsys.readouterr().out)["results"]
    assert {(r["value"], r["state"]) for r in empty} == {(None, "missing")}
    assert main(["indicators", "run", "T1", "--period", "2025-06", "--org", "121", *given]) == 0
    assert "不适用：分母为 0" in capsys.readouterr().out  # a county without a single obligation


def test_an_engine_that_is_not_there_or_not_cleared(
    given: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["indicators", "run", "T1", "--period", "2025-06", "--engine", "abacus", *given]) == 2
    monkeypatch.setattr(DuckEngine, "version", lambda _: "9.9.9")
    assert main(["indicators", "run", "T1", "--period", "2025-06", *given]) != 0
    assert "DuckDB 9.9.9 没有通过现行的一致性检验" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["run", "ZZ9", "--period", "2025-06"], ["ZZ9"]),
        (["run", "T1", "--period", "六月"], ["「六月」不是统计期"]),
        (["run", "T1", "--period", "²025-06"], ["不是统计期"]),
        (["run", "T1", "--period", "2199-01"], ["2199-01 还没有开始"]),
        (["explain", "T1", "--period", "2199Q1", "--org", "11"], ["2199Q1 还没有开始"]),
        (["run", "T1", "--period", "2025-06", "--org", "999"], ["999"]),
        (["run", "T1", "--period", "2025-06", "--engine", "abacus"], ["abacus"]),
        (["explain", "ZZ9", "--period", "2025-06", "--org", "11"], ["ZZ9"]),
        (["explain", "T1", "--period", "2025-06", "--org", "999"], ["999"]),
        (["list", "--file", "/nowhere/x.toml"], ["无法读取"]),
    ],
)
def test_a_wrong_question_has_the_same_shape_everywhere(
    given: list[str], capsys: pytest.CaptureFixture[str], asked: list[str], words: list[str]
) -> None:
    rest = given[2:] if asked[0] == "list" else given
    assert main(["indicators", *asked, *rest]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.startswith("错误：")) == ("", True)
    assert all(word in told.err for word in words), told.err
    assert main(["indicators", *asked, *rest, "--json"]) == 2
    assert set(json.loads(capsys.readouterr().err)) >= {"code", "what", "todo"}


@pytest.mark.parametrize("form", [["run", "T1"], ["explain", "T1", "--org", "11"]])
def test_without_a_warehouse_or_data_it_says_so(
    given: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path, form: list[str]
) -> None:
    nowhere = ["--warehouse", str(tmp_path / "none"), "--file", str(tmp_path / "t.toml")]
    assert main(["indicators", *form, "--period", "2025-06", *nowhere, "--json"]) == 2
    found = json.loads(capsys.readouterr().err)
    assert (found["code"], "数据仓库里还没有数据" in found["what"]) == ("unavailable", True)
    assert not (tmp_path / "none").exists(), "asking makes no folder"
    assert main(["indicators", *form, "--period", "2024-02", "--json", *given]) == 0
    answer = json.loads(capsys.readouterr().out)
    states = {r["state"] for r in answer["results"]} if form[0] == "run" else {answer["result"]["state"]}
    assert states <= {"missing", "na"}, "a period without data says so, unit by unit"
