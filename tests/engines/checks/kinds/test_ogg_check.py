"""Kind `ogg`: output written from the vendor's manual, and a REST stand-in within the vendor's schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from taxops.engines.base import BadInput
from taxops.engines.checks import Failed
from taxops.engines.checks.kinds.ogg_check import ogg_facts, read_info_all
from tests.engines.checks.kinds.fakes import Answers, http_peer
from tests.engines.checks.kinds.ssh_server import SshServer
from tests.engines.checks.kinds.vendor_schemas import OGG_LIST, OGG_STATUS, fitting
from tests.engines.checks.rude import look

GOOD = """
Oracle GoldenGate Command Interpreter for Oracle
GGSCI (db1) 1> info all

Program     Status      Group       Lag at Chkpt  Time Since Chkpt

MANAGER     RUNNING
EXTRACT     RUNNING     EXT_TAX     00:00:03      00:00:07
REPLICAT    RUNNING     REP_BG      00:01:00      00:00:02

GGSCI (db1) 2> exit
"""
BAD = GOOD.replace("REPLICAT    RUNNING", "REPLICAT    ABENDED").replace(
    "00:01:00      00:00:02", "02:10:00      101:00:02"
)


def test_the_table_is_read_whatever_stands_around_it() -> None:
    processes = read_info_all(GOOD)
    assert [p.name for p in processes] == ["MANAGER", "EXTRACT EXT_TAX", "REPLICAT REP_BG"]
    assert (processes[1].lag_s, processes[2].lag_s, processes[0].lag_s) == (3, 60, None)
    hours = read_info_all(BAD)[2]
    assert (hours.status, hours.lag_s, hours.checkpoint_s) == ("ABENDED", 7800, 363602)


def test_unknown_lag_and_missing_groups() -> None:
    processes = read_info_all("EXTRACT STOPPED EXT_A unknown 00:00:05\n")
    facts = ogg_facts(processes, ("EXT_*", "REP_*"))
    assert (facts["stopped"], facts["missing"], facts["lag"]) == (["EXTRACT EXT_A"], ["REP_*"], {})


@pytest.mark.parametrize("text", ["", "bash: ./ggsci: not found", "EXTRACT FLYING X 1 2", "\x00" * 50])
def test_something_else_is_refused(text: str) -> None:
    with pytest.raises(Failed, match="没有找到 info all 的结果"):
        read_info_all(text)


def interpreter(folder: Path, output: str) -> Path:
    """A programme called ggsci that prints the table when told `info all`, as the real one does."""
    path = folder / "ggsci"
    (folder / "table").write_text(output)
    path.write_text(f'#!/bin/sh\nread line\n[ "$line" = "info all" ] && cat {folder}/table\n')
    path.chmod(0o755)
    return path


def test_the_command_here_and_behind_ssh(tmp_path: Path) -> None:
    path = interpreter(tmp_path, GOOD)
    here = look("ogg", str(path), "lag.REP_BG == 60", groups="EXT_*, REP_*", timeout_s=20)
    server = SshServer()
    try:
        there = look("ogg", str(path), host=f"127.0.0.1:{server.port}", username="ops",
                     password="only-for-tests", host_key=server.host_key, timeout_s=20)  # fmt: skip
    finally:
        server.close()
    assert here.verdict == "ok", here.message
    assert there.verdict == "ok", there.message


def test_an_abended_process_is_critical_and_named(tmp_path: Path) -> None:
    result = look("ogg", str(interpreter(tmp_path, BAD)), timeout_s=20)
    assert result.verdict == "critical"
    assert "异常终止（ABENDED）：REPLICAT REP_BG" in result.message


def test_a_command_that_hangs_is_ended_in_time(tmp_path: Path) -> None:
    path = tmp_path / "ggsci"
    path.write_text("#!/bin/sh\nexec sleep 30\n")
    path.chmod(0o755)
    assert "停在：执行 info all" in look("ogg", str(path), timeout_s=0.5).message
    assert "不能执行" in look("ogg", str(tmp_path / "none" / "ggsci")).message


def test_a_result_file_must_be_fresh(tmp_path: Path) -> None:
    path = tmp_path / "info_all.txt"
    path.write_text(GOOD)
    fresh = look("ogg", str(path))
    stale = look("ogg", str(path), wall_ms=int(path.stat().st_mtime * 1000) + 3_600_000)
    assert fresh.verdict == "ok", fresh.message
    assert "result_age_s" in stale.message


def rest(**statuses: dict[str, Any]) -> Answers:
    answers: Answers = {}
    for path, prefix in (("extracts", "EXT"), ("replicats", "REP")):
        names = [name for name in statuses if name.startswith(prefix)]
        answers[f"/services/v2/{path}"] = fitting(
            OGG_LIST, {"response": {"items": [{"name": n} for n in names]}}
        )
        for name in names:
            body = fitting(OGG_STATUS, {"response": {"$schema": "ogg:extractStatus", **statuses[name]}})
            answers[f"/services/v2/{path}/{name}/info/status"] = body
    return answers


def test_the_rest_interface_tells_the_same() -> None:
    with http_peer(
        rest(EXTA={"status": "running", "lag": 4, "sinceLagReported": 2}, REPA={"status": "running"})
    ) as s:
        good = look("ogg", s.url, username="watch", password="Pass-1")
    with http_peer(rest(EXTA={"status": "abended", "lag": "12"})) as server:
        bad = look("ogg", server.url)
    assert good.verdict == "ok", good.message
    assert bad.verdict == "critical"
    assert "ABENDED）：EXTRACT EXTA" in bad.message
    with http_peer({"/": b"[]"}) as server:
        assert "不是预期的格式" in look("ogg", server.url).message
    assert "连接被拒绝" in look("ogg", "http://127.0.0.1:1").message


@pytest.mark.parametrize("target", ["ggsci", "relative/ggsci", "/a\n/ggsci"])
def test_sources_that_do_not_fit_are_refused(target: str) -> None:
    with pytest.raises(BadInput):
        look("ogg", target)
