"""The stable command-line interface of calendars and clocks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from taxops.cli import main


def _json(capsys: pytest.CaptureFixture[str], *words: str) -> object:
    assert main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_add_and_measure(capsys: pytest.CaptureFixture[str]) -> None:
    added = _json(capsys, "worktime", "add", "onsite7x12", "2026-06-01T11:00", "7200")
    assert isinstance(added, dict)
    assert added["end"] == "2026-06-01T15:30:00+08:00"
    measured = _json(capsys, "worktime", "measure", "onsite7x12", "2026-06-01 11:00", "2026-06-01T07:00:00Z")
    assert isinstance(measured, dict)
    assert measured["seconds"] == 5400


def test_a_calendar_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "own.json"
    path.write_text(json.dumps({"windows": ["09:00-10:00"]}))
    found = _json(capsys, "worktime", "add", str(path), "2026-06-01 09:30", "3600")
    assert isinstance(found, dict)
    assert found["end"] == "2026-06-02T09:30:00+08:00"


def test_replay_answers_one_by_one_and_lists_by_lists(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = {
        "calendar": "onsite7x12",
        "target_seconds": 7200,
        "strict": True,
        "pausable": True,
        "events": [{"at": "2026-06-01 11:00", "kind": "start", "arg": None}],
        "now": "2026-06-01 15:00",
    }
    path = tmp_path / "case.json"
    path.write_text(json.dumps(case))
    expected = {
        "elapsed_seconds": 5400,
        "state": "running",
        "breached": False,
        "deadline": "2026-06-01T15:30:00+08:00",
    }
    assert _json(capsys, "clock", "replay", str(path)) == expected
    path.write_text(json.dumps([case, case]))
    assert _json(capsys, "clock", "replay", str(path)) == [expected, expected]


@pytest.mark.parametrize(
    ("_case", "words", "said"),
    [
        ("unknown calendar", ["worktime", "add", "nine2five", "2026-06-01", "60"], "没有名为"),
        ("no time", ["worktime", "add", "always", "昨天", "60"], "不是时间"),
        ("no seconds", ["worktime", "add", "always", "2026-06-01", "一小时"], "不是秒数"),
        ("negative", ["worktime", "add", "always", "2026-06-01", "--", "-5"], "不能为负"),
        ("backward", ["worktime", "measure", "always", "2026-06-02", "2026-06-01"], "早于"),
        ("thousands", ["worktime", "add", "always", "2026-06-01", "1_000"], "不是秒数"),
        ("endless", ["worktime", "add", "always", "2026-06-01", "9" * 5000], "不是秒数"),
        ("too far", ["worktime", "add", "onsite7x12", "2026-06-01", "9" * 12], "超出工作日历的范围"),
        ("the year 1", ["worktime", "measure", "always", "0001-01-01", "2026-06-01"], "超出"),
        ("24:00", ["worktime", "add", "always", "2026-06-01T24:00", "60"], "不是时间"),
        ("no calendar file", ["worktime", "add", "own.json", "2026-06-01", "60"], "没有这个文件"),
        ("no file", ["clock", "replay", "missing.json"], "无法读取"),
        ("unknown year", ["worktime", "add", "office5x8", "2027-01-04", "60"], "2027"),
    ],
)
def test_bad_input_is_told_in_chinese(
    _case: str, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert said in capsys.readouterr().err
