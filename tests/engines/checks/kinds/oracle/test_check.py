"""Kind `oracle` through the injected driver, on rows of recorded shape."""

from __future__ import annotations

from typing import Any

import pytest

from taxops.engines.base import BadInput
from taxops.engines.checks import Failed, Verdict
from tests.engines.checks.kinds.rows import Recorded
from tests.engines.checks.rude import look

TARGET = "oracle://10.1.2.3:1521/taxdb"
INSTANCE = {
    "instance_name": "tax1", "host_name": "db1", "version": "19.0.0.0.0", "status": "OPEN",
    "database_status": "ACTIVE", "logins": "ALLOWED", "archiver": "STARTED", "uptime_s": 864000,
    "database_name": "TAX", "open_mode": "READ WRITE", "database_role": "PRIMARY", "log_mode": "ARCHIVELOG",
}  # fmt: skip
TAX = {"tablespace_name": "TAX", "contents": "PERMANENT", "status": "ONLINE", "used_percent": 50.0}


def database(**changes: Any) -> Recorded:
    return Recorded(
        {
            "v$instance i CROSS JOIN v$database": [{**INSTANCE, **changes.get("instance", {})}],
            "v$resource_limit": [{"resource_name": "processes", "current_utilization": 40, "limit_value": "100"}],
            "v$session": [{"sessions": 42, "active": 3, "blocked": changes.get("blocked", 0), "longest_wait_s": 0}],
            "v$diag_alert_ext": changes.get("alert", []),
            "dba_tablespaces": [{**TAX, "used_percent": changes.get("used", 50.0)}],
            "dba_data_files": [
                {"file_name": "/d/a.dbf", "bytes": 10, "most_bytes": 100, "free_bytes": 1,
                 "online_status": "ONLINE", "status": "AVAILABLE"}
            ],
            "v$recover_file": [{"to_recover": 0}],
            "v$recovery_file_dest": [{"space_limit": 100, "space_used": 20, "space_reclaimable": 0}],
            "v$archive_dest WHERE": [{"dest_name": "D1", "status": "VALID", "error": None}],
            "v$archived_log": [{"log_mode": "ARCHIVELOG", "archiver": "STARTED", "newest_age_s": 300}],
            "v$rman_backup_job_details": changes.get(
                "backup", [{"input_type": "DB FULL", "status": "COMPLETED", "age_s": 3600, "output_bytes": 10}]
            ),
            "v$database_block_corruption": [{"corrupt": 0}],
        }
    )  # fmt: skip


@pytest.mark.parametrize("part", ["instance", "alert", "tablespace", "datafile", "archive", "backup"])
def test_a_database_that_is_well_is_well_in_every_part(part: str) -> None:
    result = look("oracle", TARGET, part=part, tools=database().tools, username="watch", password="Pass-1")
    assert result.verdict == "ok", result.message
    assert "Pass-1" not in str(result.as_dict())


@pytest.mark.parametrize(
    ("part", "changes", "verdict", "words"),
    [
        ("instance", {"instance": {"status": "MOUNTED"}}, "critical", "status 实际为"),
        ("instance", {"blocked": 3}, "warning", "被阻塞 3"),
        ("alert", {"alert": [{"age_s": 1, "message_text": "ORA-01578: data block corrupted"}]}, "critical",
         "ORA-01578×1"),
        ("tablespace", {"used": 96.0}, "critical", "TAX 96.0%"),
        ("tablespace", {"used": 90.0}, "warning", "used_percent 实际为 90"),
        ("backup", {"backup": []}, "critical", "没有成功的数据库备份"),
        ("backup", {"backup": [{"input_type": "DB FULL", "status": "COMPLETED", "age_s": 200000}]}, "critical",
         "backup_age_s"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(part: str, changes: dict[str, Any], verdict: str, words: str) -> None:
    result = look("oracle", TARGET, part=part, tools=database(**changes).tools)
    assert result.verdict == verdict, result.message
    assert words in result.message


def test_without_a_driver_or_permission_it_is_unknown() -> None:
    assert look("oracle", TARGET).verdict == "unknown"
    refused = Recorded({"v$": Failed("账号没有读取这些数据的权限：ORA-00942。", Verdict.UNKNOWN)})
    result = look("oracle", TARGET, tools=refused.tools)
    assert (result.verdict, result.message) == ("unknown", "账号没有读取这些数据的权限：ORA-00942。")


@pytest.mark.parametrize(
    "target", ["postgresql://h/x", "oracle://h", "oracle://u:p@h/x", "oracle:///x", "oracle://h:x/y"]
)
def test_addresses_that_do_not_fit_are_refused(target: str) -> None:
    with pytest.raises(BadInput) as error:
        look("oracle", target)
    assert error.value.field == "target"
