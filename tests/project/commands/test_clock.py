"""`taxops clock replay` and its calendars: right as living through every minute is, and never a traceback."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taxops.cli import main
from taxops.engines.base import CHINA, TaxopsError
from taxops.engines.worktime import calendar_from_json
from taxops.project.commands.clock import answer
from tests.engines.worktime import oracle

pytestmark = pytest.mark.same_everywhere
MONDAY = datetime(2026, 6, 1, tzinfo=CHINA)
START = {"at": "2026-06-01 11:00", "kind": "start"}
CASE = {"calendar": "onsite7x12", "target_seconds": 7200, "events": [START], "now": "2026-06-01 15:00"}
OWN = {
    "split": {"windows": ["07:30-12:00", "14:30-24:00"]},
    "night": {"windows": [["00:00", "01:30"], ["22:00", "24:00"]]},
    "classes": {"windows": {"working": ["09:00-17:00"], "rest": ["10:00-11:00"]}},
    "period": {"windows": ["08:00-12:00"], "overrides": {"2026-06-02..2026-06-03": [["00:00", "24:00"]]}},
    "closed": {"windows": ["08:00-12:00"], "overrides": {"2026-06-02": []}},
}


def written(minute: int, how: str) -> str:
    """Return an instant as people write it: with China's offset, another, or none."""
    at = MONDAY + timedelta(minutes=minute)
    if how == "utc":
        return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return at.strftime("%Y-%m-%d %H:%M") if how == "naive" else at.isoformat()


def seconds(minute: int) -> int:
    return int((MONDAY + timedelta(minutes=minute)).timestamp())


kinds = st.sampled_from(["start", "pause", "resume", "stop", "reopen", "target"])
histories = st.lists(
    st.tuples(st.integers(0, 3 * 1440).map(lambda m: m // 15 * 15), kinds, st.integers(1, 2000)), max_size=9
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    histories, st.integers(0, 4 * 1440), st.sampled_from(sorted(OWN)), st.integers(1, 1500), st.booleans(),
    st.booleans(), st.sampled_from(["naive", "utc", "china"]),
)  # fmt: skip
def test_any_history_comes_to_what_living_through_it_does(
    history: list[tuple[int, str, int]],
    now: int,
    name: str,
    target: int,
    strict: bool,
    pausable: bool,
    how: str,
) -> None:
    """Pauses before the start, resuming without a pause, reopening, new targets, several at one instant."""
    rows = [(0, "start", 1), *sorted(history, key=lambda row: row[0])]
    case = {
        "calendar": OWN[name], "target_seconds": target * 60, "strict": strict, "pausable": pausable,
        "events": [
            {"at": written(m, how), "kind": kind, "arg": arg * 60 if kind == "target" else None}
            for m, kind, arg in rows
        ],
        "now": written(now, how),
    }  # fmt: skip
    elapsed, state, broken, deadline = oracle.replayed(
        [(seconds(m), kind, arg * 60) for m, kind, arg in rows], calendar_from_json(OWN[name]), seconds(now),
        target * 60, strict=strict, pausable=pausable,
    )  # fmt: skip
    assert answer(case) == {
        "elapsed_seconds": elapsed,
        "state": state,
        "breached": broken,
        "deadline": datetime.fromtimestamp(deadline, CHINA).isoformat() if deadline is not None else None,
    }


def ran(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | bytes) -> tuple[int, str, str]:
    path = tmp_path / "case.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    code = main(["clock", "replay", str(path), "--json"])
    found = capsys.readouterr()
    return code, found.out, found.err


def test_a_list_is_answered_by_a_list_even_an_empty_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(tmp_path, capsys, "[]")[:2] == (0, "[]\n")
    code, out, _ = ran(tmp_path, capsys, json.dumps([CASE]))
    assert (code, len(json.loads(out))) == (0, 1)
    code, out, _ = ran(tmp_path, capsys, b"\xef\xbb\xbf" + json.dumps(CASE).encode())
    assert (code, json.loads(out)["elapsed_seconds"]) == (0, 5400), "a byte order mark does no harm"
    code, out, err = ran(tmp_path, capsys, json.dumps([CASE, {**CASE, "target_seconds": 0}]))
    assert (code, out) == (2, "")
    assert "第 2 个时限" in err


def broken(**more: Any) -> dict[str, Any]:
    return {**CASE, **more}


def events(*more: Any) -> dict[str, Any]:
    return broken(events=[START, *more])


OTHERS: dict[str, Any] = {
    "nothing in it": {},
    "a number": 5,
    "null": None,
    "words": "start",
    "a list in a list": [[CASE]],
    "no events": broken(events=[]),
    "events as a table": broken(events={"at": "2026-06-01", "kind": "start"}),
    "an event that is a word": broken(events=["start"]),
    "an event without a time": broken(events=[{"kind": "start"}]),
    "only to come": broken(events=[{"at": "2026-06-02 08:00", "kind": "start"}]),
    "never started": broken(events=[{"at": "2026-06-01 11:00", "kind": "pause"}]),
    "an unknown kind": events({"at": "2026-06-01 12:00", "kind": "halt"}),
    "an unknown kind to come": events({"at": "2026-06-09 12:00", "kind": "halt"}),
    "a kind that is a list": events({"at": "2026-06-01 12:00", "kind": ["stop"]}),
    "out of order": events({"at": "2026-06-01 10:00", "kind": "stop"}),
    "out of order across zones": events({"at": "2026-06-01T02:59:59Z", "kind": "stop"}),
    "out of order to come": events(
        {"at": "2026-06-03 10:00", "kind": "stop"}, {"at": "2026-06-02 10:00", "kind": "reopen"}
    ),
    "a time that is a number": events({"at": 1780000000, "kind": "stop"}),
    "a time that is null": events({"at": None, "kind": "stop"}),
    "a day that is not": events({"at": "2026-02-30", "kind": "stop"}),
    "24:00": broken(now="2026-06-01T24:00"),
    "the year 1": broken(now="0001-01-01T00:00"),
    "the year 9999": broken(now="9999-12-31T23:59:59-08:00"),
    "beyond the table": broken(calendar="office5x8", now="2031-01-01"),
    "before the calendar": broken(events=[{"at": "1960-01-01", "kind": "start"}]),
    "no target": {k: v for k, v in CASE.items() if k != "target_seconds"},
    "target 0": broken(target_seconds=0),
    "target below 0": broken(target_seconds=-3600),
    "a target in words": broken(target_seconds="7200"),
    "half a second": broken(target_seconds=0.5),
    "target true": broken(target_seconds=True),
    "an endless target": broken(target_seconds=10**18),
    "a new target without one": events({"at": "2026-06-01 12:00", "kind": "target"}),
    "a new target in words": events({"at": "2026-06-01 12:00", "kind": "target", "arg": "60"}),
    "a new target below 0": events({"at": "2026-06-01 12:00", "kind": "target", "arg": -60}),
    "strict in words": broken(strict="false"),
    "pausable as a number": broken(pausable=1),
    "no such calendar": broken(calendar="nine2five"),
    "no such calendar file": broken(calendar="nine2five.json"),
    "a file name that cannot be": broken(calendar="x" * 5000),
    "a file name with nothing": broken(calendar="a\x00.json"),
    "calendar null": broken(calendar=None),
    "calendar a list": broken(calendar=["always"]),
    "a calendar of nothing": broken(calendar={}),
    "overlapping windows": broken(calendar={"windows": ["08:00-12:00", "11:59-13:00"]}),
    "windows backwards": broken(calendar={"windows": ["12:00-08:00"]}),
    "an empty window": broken(calendar={"windows": ["08:00-08:00"]}),
    "over midnight": broken(calendar={"windows": ["22:00-24:01"]}),
    "25 hours": broken(calendar={"windows": ["07:00-25:00"]}),
    "a window of three": broken(calendar={"windows": [["07:00", "08:00", "09:00"]]}),
    "windows in words": broken(calendar={"windows": "07:00-08:00"}),
    "windows null": broken(calendar={"windows": {"working": None}}),
    "never open": broken(calendar={"windows": []}),
    "overrides as a list": broken(calendar={"windows": ["07:00-08:00"], "overrides": [1, 2]}),
    "an override of no day": broken(calendar={"windows": ["07:00-08:00"], "overrides": {"2026-13-01": []}}),
    "overrides backwards": broken(calendar={"windows": [], "overrides": {"2026-06-02..2026-06-01": []}}),
    "days as a word": broken(calendar={"windows": ["07:00-08:00"], "days": "2027"}),
    "days without tables": broken(calendar={"windows": ["07:00-08:00"], "days": {"2027": 5}}),
    "days of no year": broken(calendar={"windows": ["07:00-08:00"], "days": {"²": {"rest": ["01-01"]}}}),
    "a make-up day in mid-week": broken(
        calendar={"windows": ["07:00-08:00"], "days": {"2027": {"work": ["01-06"]}}}
    ),
    "half a character": broken(calendar={"name": "\ud800", "windows": []}),
}


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_what_cannot_be_is_told_in_chinese(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = ran(tmp_path, capsys, json.dumps(OTHERS[name]))
    assert (code, out) == (2, "")
    told = json.loads(err)
    assert re.search("[\u4e00-\u9fff]", told["what"]), told
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "content",
    ["", "{", "[" * 100_000, "{'a': 1}", '{"a": ' + "9" * 5000 + "}", b"\xff\xfe\x00", b"\x00" * 40, "NaN", "1e999"],
    ids=["empty", "half", "deep", "quotes", "long number", "no utf-8", "zeros", "nan", "endless"],
)  # fmt: skip
def test_no_json_is_told_in_chinese(
    content: str | bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = ran(tmp_path, capsys, content)
    assert (code, out) == (2, "")
    assert re.search("[\u4e00-\u9fff]", json.loads(err)["what"])


def test_no_file_a_directory_and_no_words_at_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["clock", "replay", str(tmp_path / "missing.json")]) == 2
    assert "没有这个文件" in capsys.readouterr().err
    assert main(["clock", "replay", str(tmp_path)]) == 2
    assert "它是目录" in capsys.readouterr().err
    for words in (["clock"], ["clock", "replay"], ["clock", "rewind", "x"], ["worktime", "add", "always"]):
        with pytest.raises(SystemExit) as left:
            main(words)
        assert left.value.code == 2
        assert "错误：命令行参数不正确" in capsys.readouterr().err


odd: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["always", "start", "stop", "2026-06-01", "24:00", "07:00-08:00", "2026"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["at", "kind", "arg", "windows", "days", "overrides", "working", "rest", "name", "2027"]),
        inner, max_size=4,
    ),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["calendar", "target_seconds", "events", "now", "strict", "pausable"]), odd)
def test_any_other_thing_in_any_place_is_refused_or_computed(place: str, value: Any) -> None:
    try:
        found = answer({**CASE, place: value})
    except TaxopsError as error:
        assert re.search("[\u4e00-\u9fff]", error.what)
    else:
        assert found["state"] in ("running", "paused", "stopped")
