"""Kind `backup`: real files, real checksums, and a test restore's result."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from taxops.engines.base import BadInput
from taxops.engines.checks.kinds.backup_check import backup_facts
from taxops.engines.checks.kinds.folder_listing import Seen
from tests.engines.checks.kinds.ssh_server import SshServer
from tests.engines.checks.kinds.test_file_check import made
from tests.engines.checks.rude import look

DAY = 86400.0


def backups(folder: Path, *sizes: int) -> Path:
    """Make one backup a day, the newest first."""
    for days, size in enumerate(sizes):
        made(folder, f"tax_{days}.dmp", "b" * size, days * DAY + 3600)
    return folder / "tax_*.dmp"


def test_a_fresh_backup_of_the_usual_size_is_well(tmp_path: Path) -> None:
    result = look("backup", str(backups(tmp_path, 1010, 1000, 990, 1000)))
    assert result.verdict == "ok", result.message
    assert "与前 3 次的中位数相比 +1.0%" in result.message


def test_old_empty_shrunken_and_missing_backups_are_caught(tmp_path: Path) -> None:
    target = str(backups(tmp_path, 100, 1000, 1000))
    assert "abs(change_percent)" in look("backup", target).message
    assert look("backup", target).verdict == "warning"
    (tmp_path / "tax_0.dmp").write_text("")
    made(tmp_path, "tax_0.dmp", "", 3600)
    assert look("backup", target).verdict == "critical"
    for name in ("tax_0.dmp", "tax_1.dmp"):
        (tmp_path / name).unlink()
    assert "age_s 实际为" in look("backup", target).message
    assert "没有找到已完成的备份" in look("backup", f"{tmp_path}/none*").message


def test_a_backup_still_being_written_is_not_the_newest() -> None:
    files = (Seen("now", 5, 9_990.0), Seen("before", 100, 5_000.0))
    facts = backup_facts(files, 10_000.0, 7, 60)
    assert (facts["newest"], facts["in_progress"], facts["count"]) == ("before", 1, 1)


@pytest.mark.parametrize("algorithm", ["md5", "sha256", "sha512"])
def test_the_checksum_beside_it_is_recomputed(tmp_path: Path, algorithm: str) -> None:
    target = str(backups(tmp_path, 1000))
    right = hashlib.new(algorithm, (tmp_path / "tax_0.dmp").read_bytes()).hexdigest()
    made(tmp_path, f"tax_0.dmp.{algorithm}", f"{right}  tax_0.dmp\n")
    good = look("backup", target, checksum=f".{algorithm}")
    wide = look("backup", f"{tmp_path}/tax_*", checksum=f".{algorithm}")
    made(tmp_path, "tax_0.dmp", "c" * 1000, 3600)
    bad = look("backup", target, checksum=f".{algorithm}")
    (tmp_path / f"tax_0.dmp.{algorithm}").write_text("no sum here")
    unusable = look("backup", target, checksum=f".{algorithm}")
    assert (good.verdict, wide.verdict) == ("ok", "ok"), wide.message
    assert bad.verdict == "critical"
    assert "校验值不符，文件已损坏" in bad.message
    assert "没有可用的校验值" in unusable.message


def test_a_test_restore_is_believed_only_when_it_says_so(tmp_path: Path) -> None:
    target = str(backups(tmp_path, 1000))
    none = look("backup", target, result="restore.txt")
    made(tmp_path, "restore.txt", "恢复验证成功，共 12 张表", 7300)
    good = look("backup", target, "tested_age_s < 1d", result="restore.txt")
    made(tmp_path, "restore.txt", "restore OK but 1 table failed")
    bad = look("backup", target, result="restore.txt")
    assert none.verdict == "warning"
    assert good.verdict == "ok"
    assert "前的恢复验证成功" in good.message
    assert bad.verdict == "critical"


def test_the_same_over_ssh(tmp_path: Path) -> None:
    target = str(backups(tmp_path, 1000, 1000))
    right = hashlib.sha256((tmp_path / "tax_0.dmp").read_bytes()).hexdigest()
    made(tmp_path, "tax_0.dmp.sha256", right)
    server = SshServer()
    try:
        result = look("backup", target, checksum=".sha256", host=f"127.0.0.1:{server.port}", username="ops",
                      password="only-for-tests", host_key=server.host_key, timeout_s=20.0)  # fmt: skip
    finally:
        server.close()
    assert result.verdict == "ok", result.message
    assert "校验值相符" in result.message


@pytest.mark.parametrize(("name", "value"), [("checksum", "sha256"), ("checksum", "./x"), ("result", "../x")])
def test_names_that_lead_elsewhere_are_refused(name: str, value: str) -> None:
    with pytest.raises(BadInput) as error:
        look("backup", "/backup/*", **{name: value})
    assert error.value.field == name
