"""From recorded rows to facts: nothing of this has been seen on a live Oracle."""

from __future__ import annotations

from decimal import Decimal

import pytest

from taxops.engines.checks import Failed
from taxops.engines.checks.kinds.oracle import findings


def test_unlimited_resources_have_no_share() -> None:
    row = {"instance_name": "tax1", "status": "OPEN", "logins": "ALLOWED", "uptime_s": Decimal(3600)}
    limits = [
        {"resource_name": "processes", "current_utilization": Decimal(90), "limit_value": "100"},
        {"resource_name": "sessions", "current_utilization": 5, "limit_value": "UNLIMITED"},
    ]
    facts, shown = findings.instance([row], limits, [])
    assert facts["limit_percent"] == 90
    assert "实例 tax1 OPEN" in shown


def test_ignored_codes_are_left_out_unless_others_stand_beside_them() -> None:
    rows = [
        {"age_s": 5, "message_text": "ORA-00060: deadlock detected"},
        {"age_s": 9, "message_text": "ORA-00060 and ORA-00600 internal error"},
        {"age_s": 12, "message_text": "Thread 1 cannot allocate new log; Checkpoint not complete"},
    ]
    facts, shown = findings.alert(rows, 60, frozenset({"ORA-00060"}))
    assert (facts["errors"], facts["internal_errors"]) == (2, 1)
    assert facts["codes"] == ["ORA-00600", "OTHER"]
    assert "ORA-00600×1" in shown


def test_undo_and_temporary_space_may_be_full() -> None:
    def row(name: str, contents: str, used: float | None, status: str = "ONLINE") -> dict[str, object]:
        return {"tablespace_name": name, "contents": contents, "status": status, "used_percent": used}

    rows = [row("UNDO", "UNDO", 99.0), row("TEMP", "TEMPORARY", None), row("TAX", "PERMANENT", 91.5),
            row("OLD", "PERMANENT", 2.0, "OFFLINE")]  # fmt: skip
    facts, _ = findings.tablespace(rows, frozenset())
    assert (facts["fullest"], facts["used_percent"], facts["offline"]) == ("TAX", 91.5, ["OLD"])
    some, _ = findings.tablespace(rows, frozenset({"OLD", "NONE"}))
    assert (some["missing"], some["tablespaces"]) == (["NONE"], 1)


def test_files_are_full_against_what_they_may_grow_to() -> None:
    rows = [
        {"file_name": "/d/a.dbf", "bytes": 100, "most_bytes": 1000, "free_bytes": 10, "online_status": "ONLINE",
         "status": "AVAILABLE"},
        {"file_name": "/d/b.dbf", "bytes": 100, "most_bytes": 100, "free_bytes": 40, "online_status": "RECOVER",
         "status": "AVAILABLE"},
    ]  # fmt: skip
    facts, _ = findings.datafile(rows, [{"to_recover": 1}])
    assert (facts["fullest_file"], facts["file_percent"]) == ("/d/b.dbf", 60)
    assert (facts["bad_files"], facts["to_recover"]) == (["/d/b.dbf（RECOVER）"], 1)


def test_reclaimable_space_is_no_danger_and_errors_of_destinations_are() -> None:
    area = [{"space_limit": 1000, "space_used": 950, "space_reclaimable": 500}]
    places = [{"dest_name": "LOG_ARCHIVE_DEST_2", "status": "ERROR", "error": "ORA-12541: no listener"}]
    facts, shown = findings.archive(area, places, [{"log_mode": "ARCHIVELOG", "archiver": "STARTED"}])
    assert (facts["area_percent"], facts["area_firm_percent"]) == (95, 45)
    assert "LOG_ARCHIVE_DEST_2（ORA-12541: no listener）" in shown
    none, _ = findings.archive([], [], [{"log_mode": "NOARCHIVELOG", "archiver": "STOPPED"}])
    assert "area_percent" not in none


def test_archived_logs_are_no_database_backup() -> None:
    rows = [
        {"input_type": "ARCHIVELOG", "status": "COMPLETED", "age_s": 600},
        {"input_type": "DB FULL", "status": "FAILED", "age_s": 3600},
        {"input_type": "DB INCR", "status": "COMPLETED WITH WARNINGS", "age_s": 90000, "output_bytes": 5},
    ]
    facts, _ = findings.backup(rows, [{"corrupt": 0}], 8)
    assert (facts["backup_age_s"], facts["log_backup_age_s"], facts["failed_backups"]) == (90000, 600, 1)
    none, shown = findings.backup(rows[:1], [], 8)
    assert "backup_age_s" not in none
    assert "没有成功的数据库备份" in shown


def test_views_without_rows_are_a_matter_of_permission() -> None:
    for look in (
        lambda: findings.instance([], [], []),
        lambda: findings.tablespace([], frozenset()),
        lambda: findings.datafile([], []),
        lambda: findings.archive([], [], []),
    ):
        with pytest.raises(Failed, match="请核对账号的权限"):
            look()
