"""Kind `file`: real files of this machine and behind a real SSH login."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from taxops.engines.base import BadInput
from taxops.engines.checks.kinds.folder_listing import place_of, read_remote
from taxops.engines.checks.wire import Failed
from tests.engines.checks.kinds.ssh_server import SshServer
from tests.engines.checks.rude import look

NO_HOST = {"host": None}


def made(folder: Path, name: str, text: str = "x", age_s: float = 0) -> Path:
    path = folder / name
    path.write_text(text)
    when = time.time() - age_s
    os.utime(path, (when, when))
    return path


def test_the_newest_of_a_pattern_is_judged_by_age_size_and_count(tmp_path: Path) -> None:
    made(tmp_path, "a 1.csv", "12345", 7200)
    made(tmp_path, "b.csv", "123", 630)
    made(tmp_path, "c.txt", age_s=0)
    result = look(
        "file", f"{tmp_path}/*.csv", "age_s < 1h", "oldest_s > 1h", "count == 2 and total_size == 8"
    )
    late = look("file", f"{tmp_path}/*.csv", "age_s < 5m")
    assert result.verdict == "ok", result.message
    assert result.message.startswith("2 个文件，最新的 b.csv 在 10 分")
    assert result.message.endswith("3 字节。")
    assert late.verdict == "critical"


def test_a_missing_file_is_critical_unless_none_is_good(tmp_path: Path) -> None:
    assert f"没有找到文件 {tmp_path}/gone.csv" in look("file", f"{tmp_path}/gone.csv").message
    assert look("file", f"{tmp_path}/*.err", "count == 0", missing_ok=True).verdict == "ok"
    assert "文件夹" in look("file", "/no-such-folder/*").message


def test_what_must_stand_in_the_newest_is_looked_for_in_either_encoding(tmp_path: Path) -> None:
    made(tmp_path, "old.log", "全部完成", 100)
    (tmp_path / "new.log").write_bytes("第一行\n传输完成 37\n".encode("gbk"))
    assert look("file", f"{tmp_path}/*.log", "matches == 1", pattern="传输完成 \\d+").verdict == "ok"
    missing = look("file", f"{tmp_path}/*.log", pattern="全部完成")
    assert "文件 new.log 中没有「全部完成」" in missing.message


def test_the_same_over_ssh_with_the_clock_of_the_other_side(tmp_path: Path) -> None:
    made(tmp_path, "名 称.csv", "12345", 3700)
    server = SshServer()
    try:
        given = {"host": f"127.0.0.1:{server.port}", "username": "ops", "password": "only-for-tests",
                 "host_key": server.host_key, "timeout_s": 20.0}  # fmt: skip
        found = look("file", f"{tmp_path}/*.csv", "age_s > 1h and size == 5", pattern="123", **given)  # type: ignore[arg-type]
        single = look("file", f"{tmp_path}/名 称.csv", "count == 1", **given)  # type: ignore[arg-type]
        none = look("file", f"{tmp_path}/none.csv", **given)  # type: ignore[arg-type]
        nowhere = look("file", "/no-such-folder/*", **given)  # type: ignore[arg-type]
    finally:
        server.close()
    assert found.verdict == "ok", found.message
    assert single.verdict == "ok", single.message
    assert "没有找到文件" in none.message
    assert "远程文件夹 /no-such-folder 不存在" in nowhere.message


def test_a_time_in_the_future_is_told(tmp_path: Path) -> None:
    made(tmp_path, "f", age_s=-4000)
    assert "在未来" in look("file", f"{tmp_path}/f").message


def test_folders_and_devices_are_no_files(tmp_path: Path) -> None:
    assert "不是普通文件" in look("file", "/dev/zero").message
    os.mkfifo(tmp_path / "pipe")
    assert "没有找到文件" in look("file", f"{tmp_path}/*", pattern="x").message


def test_a_listing_that_is_none_is_refused() -> None:
    for output in (b"", b"hello\n", b"1700000000\nnot three\0", b"1700000000\n1 x y\0"):
        with pytest.raises(Failed):
            read_remote(output)


@pytest.mark.parametrize("target", ["relative", "/a/*/b", "/a/", "/a\n/b", "x" * 10])
def test_paths_that_do_not_fit_are_refused(target: str) -> None:
    with pytest.raises(BadInput) as error:
        place_of(target, NO_HOST)
    assert error.value.field == "target"
