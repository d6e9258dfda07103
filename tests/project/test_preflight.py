"""Each fault before the start is one clear Chinese message, and nothing has been started."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from taxops.engines.base import BadInput, Conflict, TaxopsError, Unavailable
from taxops.project import preflight
from taxops.project.embedded import free_port


def test_a_port_in_use_names_who_uses_it() -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Conflict, match=f"端口 {port} 已被占用（.*进程号 {os.getpid()}）") as caught:
            preflight.listen("127.0.0.1", port)
    assert "TAXOPS_PORT" in caught.value.todo


@pytest.mark.parametrize("host", ["203.0.113.9", "no-such-host.invalid"])
def test_an_address_that_is_not_ours_is_refused(host: str) -> None:
    with pytest.raises(BadInput) as caught:
        preflight.listen(host, free_port())
    assert "TAXOPS_HOST" in caught.value.todo


def test_a_data_folder_serves_one_at_a_time(tmp_path: Path) -> None:
    with preflight.lock(tmp_path), pytest.raises(Conflict, match=f"进程号 {os.getpid()}"):
        preflight.lock(tmp_path)
    preflight.lock(tmp_path).close()


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("mysql://root@127.0.0.1/taxops", BadInput),
        ("nonsense", BadInput),
        ("sqlite://", BadInput),
        ("sqlite:////nowhere/at/all/taxops.db", BadInput),
        ("postgresql://127.0.0.1:1/taxops", Unavailable),
        ("postgresql://127.0.0.1:99999/taxops", BadInput),
    ],
)
def test_a_database_that_cannot_be_used_is_told(url: str, error: type[TaxopsError]) -> None:
    with pytest.raises(error) as caught:
        preflight.try_database(url)
    assert "TAXOPS_DATABASE_URL" in str(caught.value)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_text("这不是数据库，只是一段文字。" * 100)
    with pytest.raises(BadInput, match="SQLite"):
        preflight.try_database(f"sqlite:///{path}")


def _serve(
    environ: dict[str, str], *arguments: str, command: str = "demo"
) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if not key.startswith("TAXOPS_")} | environ
    argv = [sys.executable, "-m", "taxops.cli", command, *arguments]
    return subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("command", ["demo", "serve"])
def test_nothing_is_started_when_something_is_wrong(tmp_path: Path, command: str) -> None:
    data = tmp_path / "data"
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = _serve({"TAXOPS_DATA": str(data), "TAXOPS_PORT": port}, command=command)
    assert done.returncode == 2
    assert "已被占用" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (data / "logs").exists()
    assert not (data / "lab").exists()


def test_wrong_surroundings_are_told_in_chinese(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    port = str(free_port())
    for environ, words in (
        ({"TAXOPS_DATA": str(file / "below")}, "无法写入"),
        ({"TAXOPS_PORT": "http"}, "不是端口号"),
        ({"TAXOPS_DATABASE_URL": "mysql://x/y"}, "不受支持"),
        ({"TAXOPS_DATABASE_URL": "postgresql://127.0.0.1:1/taxops"}, "连接不上"),
    ):
        done = _serve({"TAXOPS_DATA": str(tmp_path / "data"), "TAXOPS_PORT": port, **environ})
        assert done.returncode == 2, done.stderr
        assert words in done.stderr
        assert "Traceback" not in done.stderr


def test_two_databases_at_once_are_refused(tmp_path: Path) -> None:
    done = _serve(
        {"TAXOPS_DATA": str(tmp_path), "TAXOPS_DATABASE_URL": "postgresql://127.0.0.1:1/x"},
        "--database",
        "postgres",
    )
    assert done.returncode == 2
    assert "不能同时使用" in done.stderr


def test_an_unknown_part_lists_the_known(tmp_path: Path) -> None:
    done = _serve({"TAXOPS_DATA": str(tmp_path)}, "--with", "mainframe", command="serve")
    assert done.returncode == 2
    assert "worker、prober" in done.stderr
