"""Kind `oslog`: nothing is missed or counted twice, through rotation, restart, odd encodings and huge lines."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from taxops.engines.base import BadInput
from taxops.engines.checks import Result, Tools
from tests.engines.checks.kinds.ssh_server import SshServer
from tests.engines.checks.rude import look


class Follower:
    """Looks at one file again and again, as a prober does, with or without a restart between."""

    def __init__(self, path: Path, **params: Any) -> None:
        self.path = path
        self.params = params
        self.memory: dict[str, Any] = {}
        self.disk: dict[int, dict[str, Any]] = {}
        self.now = 1_780_279_200_000

    def restart(self) -> None:
        self.memory = {}

    def look(self, *conditions: str) -> Result:
        self.now += 10_000
        return look(
            "oslog", str(self.path), *(conditions or ("lines >= 0",)), memory=self.memory, wall_ms=self.now, check_id=7,
            tools=Tools(keep=self.disk.__setitem__, recall=lambda number: self.disk.get(number, {})),
            timeout_s=20.0, **self.params,
        )  # fmt: skip

    def counts(self) -> tuple[float, float]:
        result = self.look()
        assert result.verdict == "ok", result.message
        return result.metrics["lines"], result.metrics["matches"]


def append(path: Path, *lines: str, encoding: str = "utf-8") -> None:
    with path.open("ab") as file:
        file.write("".join(line + "\n" for line in lines).encode(encoding))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "app.log"
    append(path, "old ERROR before we came")
    return path


def test_only_what_is_new_is_counted(log: Path) -> None:
    follower = Follower(log, pattern="ERROR", ignore="harmless")
    assert follower.counts() == (0, 0)
    append(log, "INFO a", "ERROR b", "ERROR harmless c")
    result = follower.look("matches == 0")
    assert result.verdict == "critical"
    assert "最后一条：ERROR b" in result.message
    assert result.evidence["matches"] == ["ERROR b"]
    assert follower.counts() == (0, 0)


def test_reading_may_begin_at_the_start(log: Path) -> None:
    assert Follower(log, pattern="ERROR", from_start=True).counts() == (1, 1)


def test_a_line_is_counted_when_it_is_finished(log: Path) -> None:
    follower = Follower(log, pattern="ERROR")
    follower.counts()
    with log.open("ab") as file:
        file.write("ERROR 未".encode()[:-1])
    assert follower.counts() == (0, 0)
    with log.open("ab") as file:
        file.write("未".encode()[-1:] + b"\n")
    assert follower.counts() == (1, 1)


def test_a_restart_goes_on_where_it_was(log: Path) -> None:
    follower = Follower(log, pattern="ERROR")
    follower.counts()
    append(log, "ERROR while away")
    follower.restart()
    assert follower.counts() == (1, 1)


def test_the_rest_of_a_renamed_file_is_read_too(log: Path) -> None:
    follower = Follower(log, pattern="ERROR")
    follower.counts()
    append(log, "ERROR at the end of the old file")
    log.rename(log.with_name("app.log.1"))
    append(log, "ERROR in the new", "INFO")
    assert follower.counts() == (3, 2)
    assert follower.counts() == (0, 0)


def test_copy_and_truncate_is_seen(log: Path) -> None:
    follower = Follower(log, pattern="ERROR")
    follower.counts()
    shutil.copy(log, log.with_name("app.log.1"))
    log.write_bytes(b"")
    append(log, "ERROR x")
    assert follower.counts() == (1, 1)


def test_a_file_truncated_and_grown_beyond_the_old_place_is_seen(log: Path) -> None:
    follower = Follower(log, pattern="ERROR")
    follower.counts()
    log.write_bytes(b"")
    append(log, *[f"INFO a line long enough to pass the old place {n}" for n in range(20)], "ERROR x")
    assert follower.counts() == (21, 1)


def test_a_missing_file_is_critical_unless_permitted_and_found_when_it_comes(tmp_path: Path) -> None:
    path = tmp_path / "late.log"
    assert "不存在" in Follower(path).look().message
    follower = Follower(path, missing_ok=True, pattern="ERROR", from_start=True)
    assert follower.counts() == (0, 0)
    append(path, "ERROR first")
    assert follower.counts() == (1, 1)


@pytest.mark.parametrize(("written", "read"), [("utf-8", "auto"), ("gbk", "auto"), ("gbk", "gb18030")])
def test_chinese_is_matched_in_either_encoding(log: Path, written: str, read: str) -> None:
    follower = Follower(log, pattern="磁盘已满", encoding=read)
    follower.counts()
    append(log, "警告：磁盘已满，请处理", "正常", encoding=written)
    assert follower.counts() == (2, 1)


def test_a_huge_line_is_one_line_however_it_arrives(log: Path) -> None:
    follower = Follower(log, pattern="ERROR")
    follower.counts()
    with log.open("ab") as file:
        file.write(b"ERROR " + b"x" * 3_000_000)
    first = follower.counts()
    with log.open("ab") as file:
        file.write(b"x" * 1_000_000 + b" ERROR\nINFO next\n")
    second = follower.counts()
    assert (first[0] + second[0], first[1] + second[1]) == (2, 1)


def test_what_is_too_much_for_one_look_is_left_for_the_next(log: Path) -> None:
    follower = Follower(log, most_mib=1)
    follower.counts()
    with log.open("ab") as file:
        file.write((b"z" * 99 + b"\n") * 30_000)
    lines = 0.0
    for _ in range(4):
        result = follower.look()
        lines += result.metrics["lines"]
    assert (lines, result.metrics["behind"]) == (30_000, 0)


def test_silence_is_measured_from_the_last_new_line(log: Path) -> None:
    follower = Follower(log)
    append(log, "a")
    follower.counts()
    for _ in range(3):
        result = follower.look("silent_s < 25")
    assert result.verdict == "critical"
    assert result.metrics["silent_s"] == 30
    append(log, "b")
    assert follower.look("silent_s == 0 and lines_per_s == 0.1").verdict == "ok"


def test_whatever_happens_between_looks_nothing_is_missed_or_doubled(tmp_path: Path) -> None:
    choice = random.Random(7)
    path = tmp_path / "busy.log"
    append(path, "begin")
    follower = Follower(path, pattern="ERROR")
    follower.counts()
    written = seen = 0
    for number in range(60):
        action = choice.random()
        if action < 0.6:
            count = choice.randrange(1, 6)
            append(path, *[f"ERROR {number} {n}" for n in range(count)])
            written += count
        elif action < 0.75:
            for old in sorted(tmp_path.glob("busy.log.*"), reverse=True):
                old.rename(old.with_suffix(f".{int(old.suffix[1:]) + 1}"))
            path.rename(tmp_path / "busy.log.1")
            append(path, f"rotated {number}")
            seen += int(follower.counts()[1])
        elif action < 0.9:
            follower.restart()
        if choice.random() < 0.5:
            seen += int(follower.counts()[1])
    seen += int(follower.counts()[1])
    assert seen == written


def test_a_path_that_cannot_be_read_is_named(log: Path) -> None:
    assert "读取失败" in Follower(log / "below-a-file").look().message


def test_a_folder_is_no_log(tmp_path: Path) -> None:
    assert "不是普通文件" in Follower(tmp_path).look().message


@pytest.mark.parametrize(
    ("target", "params", "field"),
    [("app.log", {}, "target"), ("/a", {"pattern": "("}, "pattern"), ("/a", {"encoding": "ebcdic"}, "encoding"),
     ("/a", {"host": "x y"}, "host")],
)  # fmt: skip
def test_definitions_that_do_not_fit_are_refused(target: str, params: dict[str, str], field: str) -> None:
    with pytest.raises(BadInput) as error:
        look("oslog", target, **params)
    assert error.value.field == field


@pytest.mark.real
def test_a_log_behind_ssh_is_followed_through_rotation(log: Path, ssh_server: SshServer) -> None:
    follower = Follower(
        log, pattern="ERROR", host=f"127.0.0.1:{ssh_server.port}", host_key=ssh_server.host_key, username="ops",
        password="only-for-tests",
    )  # fmt: skip
    assert follower.counts() == (0, 0)
    append(log, "ERROR 一", "INFO")
    assert follower.counts() == (2, 1)
    append(log, "ERROR old")
    log.rename(log.with_name("app.log.1"))
    append(log, "ERROR new")
    assert follower.counts() == (2, 2)
    log.unlink()
    assert "不存在" in follower.look().message
