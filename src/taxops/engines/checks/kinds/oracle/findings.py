"""From rows to facts (行到结论): pure functions, one for each part, tested on recorded shapes."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from typing import Any

from taxops.engines.base import duration_words
from taxops.engines.checks.kinds.database_asking import Row
from taxops.engines.checks.kinds.json_reading import named, text
from taxops.engines.checks.wire import Failed

Facts = dict[str, Any]
_CODE = re.compile(r"\b(?:ORA|TNS)-\d{4,5}\b")
_FULL_BACKUPS = frozenset({"DB FULL", "DB INCR", "DATAFILE FULL", "DATAFILE INCR"})
_DONE = frozenset({"COMPLETED", "COMPLETED WITH WARNINGS"})


def number(row: Row, name: str) -> float:
    """Return a numeric column; NULL and missing are 0."""
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return 0.0
    return float(value)


def word(row: Row, name: str) -> str:
    """Return a text column, trimmed; NULL is empty."""
    return text(row.get(name), 500).strip()


def _only(rows: list[Row], what: str) -> Row:
    if not rows:
        raise Failed(f"查询{what}没有返回任何行，请核对账号的权限。")
    return rows[0]


def instance(rows: list[Row], limits: list[Row], sessions: list[Row]) -> tuple[Facts, str]:
    """Return the facts of the instance (实例) and a sentence.

    Raises:
        Failed: the views are empty.
    """
    row = _only(rows, "实例状态")
    busy = sessions[0] if sessions else {}
    facts: Facts = {
        "status": word(row, "status"),
        "open_mode": word(row, "open_mode"),
        "role": word(row, "database_role"),
        "logins": word(row, "logins"),
        "version": word(row, "version"),
        "instance": word(row, "instance_name"),
        "database": word(row, "database_name"),
        "log_mode": word(row, "log_mode"),
        "uptime_s": number(row, "uptime_s"),
        "sessions": number(busy, "sessions"),
        "active_sessions": number(busy, "active"),
        "blocked_sessions": number(busy, "blocked"),
        "longest_block_s": number(busy, "longest_wait_s"),
        "limit_percent": 0.0,
    }
    for limit in limits:
        most = word(limit, "limit_value")
        if most.isdecimal() and int(most):
            share = 100.0 * number(limit, "current_utilization") / int(most)
            facts["limit_percent"] = max(facts["limit_percent"], share)
    shown = (
        f"实例 {facts['instance']} {facts['status']}，{facts['open_mode']}，{facts['role']}，"
        f"已运行 {duration_words(facts['uptime_s'])}，会话 {facts['sessions']:.0f}"
    )
    if facts["blocked_sessions"]:
        shown += f"，被阻塞 {facts['blocked_sessions']:.0f}"
    return facts, shown


def alert(rows: list[Row], minutes: int, ignore: frozenset[str]) -> tuple[Facts, str]:
    """Return the errors of the alert log (告警日志) by code."""
    codes: Counter[str] = Counter()
    kept: list[str] = []
    for row in rows:
        message = word(row, "message_text")
        found = set(_CODE.findall(message)) - ignore
        if not found and _CODE.search(message):
            continue  # only codes that are to be ignored
        codes.update(found or {"OTHER"})
        kept.append(message)
    facts: Facts = {"errors": len(kept), "codes": sorted(codes), "last_error": kept[0] if kept else ""}
    facts["internal_errors"] = codes["ORA-00600"] + codes["ORA-07445"] + codes["ORA-600"] + codes["ORA-7445"]
    shown = f"最近 {minutes} 分钟告警日志有 {len(kept)} 条错误"
    if kept:
        shown += (
            f"：{named(f'{code}×{count}' for code, count in codes.most_common())}，最近一条：{kept[0][:120]}"
        )
    return facts, shown


def tablespace(rows: list[Row], names: frozenset[str]) -> tuple[Facts, str]:
    """Return how full the tablespaces (表空间) are, what they may still grow to counted in.

    Raises:
        Failed: the views are empty.
    """
    _only(rows, "表空间")
    mine = [row for row in rows if not names or word(row, "tablespace_name").upper() in names]
    used = {
        word(row, "tablespace_name"): number(row, "used_percent")
        for row in mine
        if row.get("used_percent") is not None
    }
    # undo and temporary space is used over again: full is its normal state
    lasting = {
        name: share
        for name, share in used.items()
        if any(word(r, "tablespace_name") == name and word(r, "contents") == "PERMANENT" for r in mine)
    }
    offline = [word(r, "tablespace_name") for r in mine if word(r, "status") not in {"ONLINE", "READ ONLY"}]
    known = {word(row, "tablespace_name").upper() for row in rows}
    order = sorted(lasting, key=lambda name: -lasting[name])
    facts: Facts = {
        "tablespaces": len(mine),
        "used_percent": lasting[order[0]] if order else 0.0,
        "fullest": order[0] if order else "",
        "tablespace": used,
        "offline": offline,
        "offline_n": len(offline),
        "missing": sorted(names - known),
        "missing_n": len(names - known),
    }
    shown = f"{len(mine)} 个表空间"
    if order:
        shown += "，最满的：" + named((f"{name} {lasting[name]:.1f}%" for name in order[:3]), 3)
    if offline:
        shown += f"，不在线：{named(offline)}"
    if facts["missing"]:
        shown += f"，没有：{named(facts['missing'])}"
    return facts, shown


def datafile(rows: list[Row], recover: list[Row]) -> tuple[Facts, str]:
    """Return space and state of the data files (数据文件).

    Raises:
        Failed: the view is empty.
    """
    _only(rows, "数据文件")
    full: dict[str, float] = {}
    bad: list[str] = []
    for row in rows:
        name, most = word(row, "file_name"), number(row, "most_bytes")
        used = number(row, "bytes") - number(row, "free_bytes")
        if most:
            full[name] = 100.0 * used / most
        if word(row, "online_status") not in {"ONLINE", "SYSTEM"} or word(row, "status") != "AVAILABLE":
            bad.append(f"{name}（{word(row, 'online_status') or word(row, 'status')}）")
    fullest = max(full, key=lambda name: full[name], default="")
    facts: Facts = {
        "files": len(rows),
        "file_percent": full.get(fullest, 0.0),
        "fullest_file": fullest,
        "bad_files": bad,
        "bad_files_n": len(bad),
        "to_recover": number(recover[0], "to_recover") if recover else 0.0,
    }
    shown = f"{len(rows)} 个数据文件，最满的 {facts['file_percent']:.1f}%（{fullest}）"
    if bad:
        shown += f"，不在线：{named(bad)}"
    if facts["to_recover"]:
        shown += f"，需要恢复 {facts['to_recover']:.0f} 个"
    return facts, shown


def archive(area: list[Row], destinations: list[Row], mode: list[Row]) -> tuple[Facts, str]:
    """Return mode, area and destinations of archiving (归档).

    Raises:
        Failed: the views are empty.
    """
    row = _only(mode, "归档模式")
    bad = [
        f"{word(d, 'dest_name')}（{word(d, 'error') or word(d, 'status')}）"
        for d in destinations
        if word(d, "status") not in {"VALID", "DEFERRED", "ALTERNATE"} or word(d, "error")
    ]
    facts: Facts = {
        "archive_mode": word(row, "log_mode"),
        "archiver": word(row, "archiver"),
        "destinations": len(destinations),
        "bad_destinations": bad,
        "bad_destinations_n": len(bad),
    }
    if row.get("newest_age_s") is not None:
        facts["archive_age_s"] = number(row, "newest_age_s")
    shown = f"{facts['archive_mode']}，归档进程 {facts['archiver']}"
    if area and number(area[0], "space_limit"):
        limit = number(area[0], "space_limit")
        facts["area_percent"] = 100.0 * number(area[0], "space_used") / limit
        # what may be deleted on demand is no danger yet
        firm = number(area[0], "space_used") - number(area[0], "space_reclaimable")
        facts["area_firm_percent"] = 100.0 * firm / limit
        shown += f"，归档区已用 {facts['area_percent']:.1f}%（不可回收 {facts['area_firm_percent']:.1f}%）"
    if "archive_age_s" in facts:
        shown += f"，最近一次归档在 {duration_words(facts['archive_age_s'])}前"
    if bad:
        shown += f"，异常的归档位置：{named(bad)}"
    return facts, shown


def backup(rows: list[Row], corruption: list[Row], days: int) -> tuple[Facts, str]:
    """Return the backups that RMAN recorded (备份), whole databases apart from archived logs."""
    done = [row for row in rows if word(row, "status") in _DONE]
    whole = [row for row in done if word(row, "input_type") in _FULL_BACKUPS]
    logs = [row for row in done if word(row, "input_type") == "ARCHIVELOG"]
    failed = [row for row in rows if word(row, "status") == "FAILED"]
    facts: Facts = {
        "backups": len(done),
        "failed_backups": len(failed),
        "running_backups": sum(1 for row in rows if word(row, "status").startswith("RUNNING")),
        "corrupt_blocks": number(corruption[0], "corrupt") if corruption else 0.0,
        "last_failed": bool(rows) and word(rows[0], "status") == "FAILED",
    }
    shown = f"最近 {days} 天 RMAN 成功 {len(done)} 次、失败 {len(failed)} 次"
    if whole:
        facts |= {
            "backup_age_s": number(whole[0], "age_s"),
            "backup_size": number(whole[0], "output_bytes"),
            "backup_run_s": number(whole[0], "elapsed_seconds"),
        }
        shown += f"，最近一次数据库备份在 {duration_words(facts['backup_age_s'])}前"
    else:
        shown += "，没有成功的数据库备份"
    if logs:
        facts["log_backup_age_s"] = number(logs[0], "age_s")
    if facts["corrupt_blocks"]:
        shown += f"，发现坏块 {facts['corrupt_blocks']:.0f} 个"
    return facts, shown
