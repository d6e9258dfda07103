"""Settings come from the environment, and what cannot be used is said in Chinese before anything starts."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from taxops.engines.base import BadInput
from taxops.project import config


def test_defaults_work_without_any_setting(tmp_path: Path) -> None:
    found = config.load({"TAXOPS_DATA": str(tmp_path / "d")})
    assert found.database_url == f"sqlite:///{tmp_path}/d/taxops.db"
    assert (found.host, found.port, found.demo) == ("127.0.0.1", 8000, False)


def test_the_key_is_made_once_and_only_the_owner_reads_it(tmp_path: Path) -> None:
    first = config.load({"TAXOPS_DATA": str(tmp_path)}).secret_key
    assert first == config.load({"TAXOPS_DATA": str(tmp_path)}).secret_key
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["secret.key"]


@pytest.mark.parametrize("port", ["0", "65536", "八千", "-1"])
def test_a_port_that_cannot_be_is_refused(port: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="TAXOPS_PORT"):
        config.load({"TAXOPS_DATA": str(tmp_path), "TAXOPS_PORT": port})


def test_a_data_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="数据目录"):
        config.load({"TAXOPS_DATA": str(tmp_path / "file" / "below")})


@pytest.mark.parametrize(
    ("_case", "url", "said"),
    [
        ("unknown kind", "mysql://u:p@h/db", "不受支持"),
        ("no kind", "taxops.db", "不受支持"),
        ("no path", "sqlite://", "没有写出"),
        ("no database", "postgresql://u:p@h:5432/", "没有写出数据库名"),
        ("port is no number", "postgresql://u:p@h:port/db", "不是有效的地址"),
    ],
)
def test_a_wrong_database_url_is_told_with_the_right_forms(_case: str, url: str, said: str) -> None:
    with pytest.raises(BadInput, match=said) as caught:
        config.database(url)
    assert "postgresql://" in caught.value.todo


def test_a_postgresql_url_is_taken_apart() -> None:
    found = config.database("postgresql://us%40er:p%3Aw@db.example:5433/tax")
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"]) == (
        "us@er",
        "p:w",
        "db.example",
        "5433",
        "tax",
    )


def test_an_unwritable_folder_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(BadInput, match="无法写入"):
        config.load({"TAXOPS_DATA": str(tmp_path)})


def test_trusted_proxies_are_networks(tmp_path: Path) -> None:
    found = config.load({"TAXOPS_DATA": str(tmp_path), "TAXOPS_TRUSTED_PROXIES": "127.0.0.1, 10.1.2.3/24"})
    assert found.trusted_proxies == ("127.0.0.1/32", "10.1.2.0/24")
    with pytest.raises(BadInput, match="不是网络地址"):
        config.load({"TAXOPS_DATA": str(tmp_path), "TAXOPS_TRUSTED_PROXIES": "proxy.example"})
