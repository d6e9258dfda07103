"""The kind itself: seven parts, each a few statements and one pure function."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from taxops.engines.checks.kinds.database_asking import ACCOUNT_PARAMS, Row, ask_rows, database_target
from taxops.engines.checks.kinds.declaration import (
    Fact,
    Finding,
    Kind,
    Param,
    ParamType,
    SideAttempt,
    Wanted,
    Where,
)
from taxops.engines.checks.kinds.json_reading import text

from . import findings, statements
from .listener import ping

_PARTS = (
    ("instance", "实例"),
    ("alert", "告警日志"),
    ("tablespace", "表空间"),
    ("datafile", "数据文件空间"),
    ("archive", "归档"),
    ("listener", "监听"),
    ("backup", "备份（RMAN）"),
)
Ask = Callable[[str], Awaitable[list[Row]]]
_KEPT = (
    "uptime_s", "sessions", "active_sessions", "blocked_sessions", "limit_percent", "errors", "used_percent",
    "file_percent", "area_percent", "backup_age_s", "backup_size", "backup_run_s", "connect_ms",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """Which part of which database (Oracle 检查计划)."""

    part: str
    target: str
    host: str
    port: int
    account: dict[str, Any]
    minutes: int
    days: int
    names: frozenset[str]
    ignore: frozenset[str]
    timeout_s: float


def prepare(wanted: Wanted) -> Plan:
    """Return the plan of a check.

    Raises:
        BadInput: the address cannot be used.
    """
    params = wanted.params
    part = params["part"]
    target = database_target(
        wanted.target, "oracle", "oracle://10.1.2.3:1521/taxdb", needs_name=part != "listener"
    )
    place = urlsplit(target)
    return Plan(
        part=part,
        target=target,
        host=place.hostname or "",
        port=place.port or 1521,
        account={"username": params["username"], "password": params["password"]},
        minutes=params["minutes"],
        days=params["days"],
        names=frozenset(name.upper() for name in params["tablespaces"]),
        ignore=frozenset(code.upper() for code in params["ignore"]),
        timeout_s=wanted.timeout_s,
    )


async def _look(ask: Ask, plan: Plan) -> tuple[dict[str, Any], str]:
    s, f = statements, findings
    if plan.part == "instance":
        return f.instance(await ask(s.INSTANCE), await ask(s.LIMITS), await ask(s.SESSIONS))
    if plan.part == "alert":
        return f.alert(await ask(s.ALERT.format(minutes=plan.minutes)), plan.minutes, plan.ignore)
    if plan.part == "tablespace":
        return f.tablespace(await ask(s.TABLESPACE), plan.names)
    if plan.part == "datafile":
        return f.datafile(await ask(s.DATAFILE), await ask(s.RECOVER))
    if plan.part == "archive":
        return f.archive(await ask(s.ARCHIVE_AREA), await ask(s.ARCHIVE_DEST), await ask(s.ARCHIVE_MODE))
    return f.backup(await ask(s.BACKUP.format(days=plan.days)), await ask(s.CORRUPTION), plan.days)


async def run(attempt: SideAttempt, plan: Plan) -> Finding:
    """Look at one part and return what it says.

    Raises:
        Failed: no driver, no connection, no permission, or another sort of server.
    """
    seen: list[Row] = []

    async def ask(sql: str) -> list[Row]:
        rows = await ask_rows(attempt, plan.target, sql, plan.account, timeout_s=plan.timeout_s)
        seen.extend(rows[:20])
        return rows

    if plan.part == "listener":
        facts = await ping(attempt, plan.host, plan.port)
        shown = f"监听正常，连接 {facts['connect_ms']:.0f} 毫秒"
    else:
        facts, shown = await _look(ask, plan)
    facts["part"] = plan.part
    facts["duration_ms"] = (attempt.clock() - attempt.began) * 1000
    return Finding(
        facts,
        shown,
        {name: round(float(facts[name]), 3) for name in _KEPT if name in facts},
        "",
        lambda: {
            "facts": facts,
            "rows": [{k: text(v) for k, v in row.items()} for row in seen[:40]],
        },
    )


KIND = Kind(
    name="oracle",
    title="Oracle 数据库",
    stand_in="驱动替身：按产品视图的列写的结果行；监听为按 TNS 协议应答的替身",
    help="以只读账号查询 V$ 与 DBA_ 视图，分项检查：实例、告警日志、表空间、数据文件空间、归档、监听、备份。"
    "监听按 TCP 探测，不需要账号；其余各项需要探测器上装有 oracledb 驱动。",
    target_label="数据库地址",
    target_help="例如 oracle://10.1.2.3:1521/服务名；只查监听时可不写服务名。",
    params=(
        Param("part", "检查哪一项", ParamType.CHOICE, "instance", choices=_PARTS),
        *ACCOUNT_PARAMS,
        Param("minutes", "告警日志看多久", ParamType.INTEGER, 60, least=1, most=1440, help="分钟。"),
        Param("ignore", "忽略的错误码", ParamType.LIST, (), help="例如 ORA-00060, TNS-12535。"),
        Param("tablespaces", "表空间", ParamType.LIST, (), help="只看这些；留空为全部永久表空间。"),
        Param("days", "备份看多久", ParamType.INTEGER, 8, least=1, most=90, help="天。"),
    ),
    facts=(
        Fact("part", "检查的是哪一项"),
        Fact("status", "实例状态，正常为 OPEN（实例）"),
        Fact("open_mode", "打开方式，例如 READ WRITE（实例）"),
        Fact("role", "数据库角色：PRIMARY、PHYSICAL STANDBY 等（实例）"),
        Fact("logins", "是否允许登录：ALLOWED、RESTRICTED（实例）"),
        Fact("version", "版本（实例）"),
        Fact("instance", "实例名（实例）"),
        Fact("database", "数据库名（实例）"),
        Fact("log_mode", "归档模式（实例）"),
        Fact("uptime_s", "已运行时间（实例）", "秒"),
        Fact("sessions", "会话数（实例）", "个"),
        Fact("active_sessions", "活动的用户会话数（实例）", "个"),
        Fact("blocked_sessions", "被阻塞的会话数（实例）", "个"),
        Fact("longest_block_s", "最长的阻塞时间（实例）", "秒"),
        Fact("limit_percent", "进程数与会话数离上限最近的比例（实例）", "%"),
        Fact("errors", "错误条数（告警日志）", "条"),
        Fact("codes", "出现的错误码（告警日志）"),
        Fact("internal_errors", "ORA-00600、ORA-07445 的条数（告警日志）", "条"),
        Fact("last_error", "最近一条错误（告警日志）"),
        Fact("tablespaces", "表空间数（表空间）", "个"),
        Fact("used_percent", "最满的永久表空间（计入可自动扩展的空间）（表空间）", "%"),
        Fact("fullest", "最满的永久表空间的名称（表空间）"),
        Fact("tablespace", "各表空间的使用率，例如 tablespace.USERS（表空间）", "%"),
        Fact("offline", "不在线的表空间（表空间）"),
        Fact("offline_n", "不在线的表空间数（表空间）", "个"),
        Fact("missing", "所列而没有的表空间（表空间）"),
        Fact("missing_n", "所列而没有的表空间数（表空间）", "个"),
        Fact("files", "数据文件数（数据文件）", "个"),
        Fact("file_percent", "最满的数据文件（数据文件）", "%"),
        Fact("fullest_file", "最满的数据文件的路径（数据文件）"),
        Fact("bad_files", "不在线或不可用的数据文件（数据文件）"),
        Fact("bad_files_n", "不在线或不可用的数据文件数（数据文件）", "个"),
        Fact("to_recover", "需要恢复的数据文件数（数据文件）", "个"),
        Fact("archive_mode", "归档模式，正常为 ARCHIVELOG（归档）"),
        Fact("archiver", "归档进程状态：STARTED、STOPPED、FAILED（归档）"),
        Fact("destinations", "归档位置数（归档）", "个"),
        Fact("bad_destinations", "异常的归档位置（归档）"),
        Fact("bad_destinations_n", "异常的归档位置数（归档）", "个"),
        Fact("archive_age_s", "最近一次归档距今（归档）", "秒"),
        Fact("area_percent", "归档区使用率（归档）", "%"),
        Fact("area_firm_percent", "归档区扣除可回收部分的使用率（归档）", "%"),
        Fact("listener", "监听的应答：accept、refuse、redirect、resend（监听）"),
        Fact("listener_alive", "监听是否应答（监听）"),
        Fact("answer", "监听的应答内容（监听）"),
        Fact("connect_ms", "连接监听的耗时（监听）", "毫秒"),
        Fact("backups", "成功的备份次数（备份）", "次"),
        Fact("failed_backups", "失败的备份次数（备份）", "次"),
        Fact("running_backups", "正在进行的备份数（备份）", "个"),
        Fact("last_failed", "最近一次备份是否失败（备份）"),
        Fact("backup_age_s", "最近一次成功的数据库备份距今（备份）", "秒"),
        Fact("backup_size", "最近一次数据库备份的大小（备份）", "字节"),
        Fact("backup_run_s", "最近一次数据库备份的用时（备份）", "秒"),
        Fact("log_backup_age_s", "最近一次归档日志备份距今（备份）", "秒"),
        Fact("corrupt_blocks", "坏块数（备份）", "个"),
        Fact("duration_ms", "总耗时", "毫秒"),
    ),
    conditions=(
        'part != "instance" or status == "OPEN" and logins == "ALLOWED" and limit_percent < 95',
        'part != "alert" or errors == 0',
        'part != "tablespace" or used_percent < 95 and offline_n == 0 and missing_n == 0',
        'part != "datafile" or file_percent < 98 and bad_files_n == 0 and to_recover == 0',
        'part != "archive" or bad_destinations_n == 0 and archiver != "FAILED"',
        'part != "archive" or not exists(area_firm_percent) or area_firm_percent < 90',
        'part != "listener" or listener_alive',
        'part != "backup" or backup_age_s < 26h and not last_failed and corrupt_blocks == 0',
    ),
    warnings=(
        'part != "instance" or limit_percent < 85 and blocked_sessions == 0',
        'part != "tablespace" or used_percent < 85',
        'part != "datafile" or file_percent < 90',
        'part != "archive" or archive_mode == "ARCHIVELOG"',
        'part != "archive" or not exists(area_percent) or area_percent < 85',
        'part != "backup" or failed_backups == 0',
    ),
    where=Where.SIDE,
    prepare=prepare,
    side_run=run,
    keeps_metrics=True,
)
