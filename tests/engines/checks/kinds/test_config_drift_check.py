"""Kind `config_drift`: real files, a JSON interface, a real SQLite; secrets never come to light."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from taxops.engines.base import BadInput
from taxops.engines.checks import Tools
from taxops.engines.checks.kinds.config_drift_check import masked
from tests.engines.checks.kinds.fakes import http_peer
from tests.engines.checks.kinds.rows import Answered
from tests.engines.checks.kinds.ssh_server import SshServer
from tests.engines.checks.rude import look, page

CONFIG = "# 注释\nworkers = 4\n\ndb.password = hunter2\nurl = jdbc://tax:s3cret@db/x  \n"


def approved(target: str, **params: Any) -> str:
    """Return the snapshot that a trial shows before anything is approved."""
    result = look("config_drift", target, **params)
    assert result.verdict == "warning", result.message
    return str(result.evidence["snapshot"])


def test_the_first_look_shows_what_to_approve_and_then_all_is_well(tmp_path: Path) -> None:
    path = tmp_path / "app.conf"
    path.write_text(CONFIG)
    snapshot = approved(str(path))
    assert snapshot == "workers = 4\ndb.password = ******\nurl = jdbc://tax:******@db/x"
    path.write_text("# another remark\n" + CONFIG)
    assert look("config_drift", str(path), approved=snapshot).verdict == "ok"


def test_a_changed_line_is_the_evidence(tmp_path: Path) -> None:
    path = tmp_path / "app.conf"
    path.write_text(CONFIG)
    snapshot = approved(str(path))
    path.write_text(CONFIG.replace("workers = 4", "workers = 8").replace("hunter2", "other"))
    result = look("config_drift", str(path), approved=snapshot)
    assert result.verdict == "critical"
    assert "多 1 行、少 1 行，第一处：-workers = 4" in result.message
    assert "+workers = 8" in result.evidence["diff"]
    for secret in ("hunter2", "other", "s3cret"):
        assert secret not in str(result.as_dict())


def test_a_digest_is_enough_to_know_that_something_changed(tmp_path: Path) -> None:
    path = tmp_path / "app.conf"
    path.write_text(CONFIG)
    digest = look("config_drift", str(path)).evidence["digest"]
    assert look("config_drift", str(path), digest=digest).verdict == "ok"
    path.write_text(CONFIG + "more\n")
    assert "散列不一致" in look("config_drift", str(path), digest=digest).message


def test_order_and_ignored_lines(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_text("b\na\ngenerated 2026\n")
    assert (
        look("config_drift", str(path), approved="a\nb", ordered=False, ignore="^generated").verdict == "ok"
    )
    assert look("config_drift", str(path), approved="a\nb", ignore="^generated").verdict == "critical"


def test_json_is_compared_whatever_its_layout() -> None:
    with http_peer({"/config": page(b'{"b": [1, 2], "a": {"token": "abc", "x": 1}}')}) as server:
        snapshot = approved(server.url + "config?all=1")
    assert "abc" not in snapshot
    with http_peer({"/config": page(b'{"a": {"x": 1, "token": "zzz"},   "b": [1, 2]}')}) as server:
        assert look("config_drift", server.url + "config?all=1", approved=snapshot).verdict == "ok"
    with http_peer({"/config": page(b"<html>")}) as server:
        assert "不是 JSON" in look("config_drift", server.url + "config", approved="x").message
    assert "连接被拒绝" in look("config_drift", "http://127.0.0.1:1/config").message


class Sqlite:
    async def query(self, target: str, sql: str, **_: Any) -> Answered:
        with sqlite3.connect(target.removeprefix("sqlite://")) as connection:
            cursor = connection.execute(sql)
            return Answered(tuple(item[0] for item in cursor.description), cursor.fetchall())


def test_rows_are_compared(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE p (name TEXT, value TEXT)")
        connection.execute("INSERT INTO p VALUES ('rate', '0.13')")
    given: dict[str, Any] = {
        "sql": "SELECT name, value FROM p ORDER BY name",
        "tools": Tools(database=Sqlite()),
    }
    target = f"sqlite://{path}"
    snapshot = approved(target, **given)
    assert look("config_drift", target, approved=snapshot, **given).verdict == "ok"
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE p SET value = '0.09'")
    changed = look("config_drift", target, approved=snapshot, **given)
    assert "+name=rate，value=0.09" in changed.evidence["diff"]


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("PASSWORD: 'a b c'", "a b c"),
        ("api-key=abc123", "abc123"),
        ('"secretKey" : "xyz987"', "xyz987"),
        ("rocommunity publik9 127.0.0.1", "publik9"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----", "MIIabc"),
        ("redis://:pw7@h:6379/0", "pw7"),
        ("口令：天书", "天书"),
        ("<db-password>pw42</db-password>", "pw42"),
        ('<property name="password" value="pw42"/>', "pw42"),
    ],
)
def test_secrets_are_masked(text: str, gone: str) -> None:
    assert gone not in masked(text)


def test_the_same_over_ssh(tmp_path: Path) -> None:
    (tmp_path / "b.conf").write_text(CONFIG)
    (tmp_path / "a.conf").write_text("x = 1\n")
    server = SshServer()
    try:
        result = look("config_drift", f"{tmp_path}/*.conf", approved="==> a.conf\nx = 1\n==> b.conf\n" + CONFIG,
                      host=f"127.0.0.1:{server.port}", username="ops", password="only-for-tests",
                      host_key=server.host_key, timeout_s=20)  # fmt: skip
    finally:
        server.close()
    assert result.verdict == "ok", result.message


def test_a_missing_or_huge_file_says_so(tmp_path: Path) -> None:
    assert "不存在" in look("config_drift", f"{tmp_path}/none").message
    (tmp_path / "big").write_bytes(b"x" * (1 << 21))
    assert "超过 1024 KiB" in look("config_drift", f"{tmp_path}/big").message


@pytest.mark.parametrize(
    ("target", "params", "field"),
    [
        ("relative", {}, "target"),
        ("postgresql://u:p@h/x", {"sql": "select 1"}, "target"),
        ("postgresql://h/x", {}, "sql"),
        ("/a", {"digest": "abc"}, "digest"),
        ("/a", {"ignore": "("}, "ignore"),
    ],
)
def test_parameters_that_do_not_fit_name_their_field(target: str, params: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as error:
        look("config_drift", target, **params)
    assert error.value.field == field
