"""Log files (服务器日志) that grow as those of real servers do: UTF-8 and GBK, quiet or full of errors.

`python -m taxops.project.lab.services.logs FOLDER`
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from taxops.engines.base import CHINA
from taxops.project.lab.services.runtime import Mode, every, run, say

LIMIT = 512 * 1024
"""A log longer than this is rotated, as logrotate would: renamed to `….1`, begun anew."""


@dataclass(frozen=True, slots=True)
class Log:
    """One log file (日志文件): what it says when all is well, and what when it is not."""

    name: str
    encoding: str
    good: tuple[str, ...]
    bad: tuple[str, ...]

    def line(self, number: int, at: datetime, *, failing: bool) -> str:
        """Return the line written at an instant."""
        lines = self.bad if failing else self.good
        return f"{at:%Y-%m-%d %H:%M:%S} {lines[number % len(lines)].format(n=number)}\n"


LOGS = (
    Log(
        "os-outer.log",
        "utf-8",
        (
            "slsb-app01 systemd[1]: 会话 {n} 已开始",
            "slsb-app01 kernel: eth0: 链路正常",
            "slsb-app01 crond[812]: (root) CMD (/opt/slsb/rotate.sh)",
        ),
        (
            "slsb-app01 kernel: ERROR I/O error, dev sdb, sector {n}",
            "slsb-app01 kernel: Out of memory: Killed process {n} (java)",
        ),
    ),
    Log(
        "os-inner.log",
        "gbk",
        (
            "nwcl-app03 处理服务：批次 {n} 处理完成",
            "nwcl-app03 内存使用率 61%",
        ),
        (
            "nwcl-app03 错误：批次 {n} 处理失败，磁盘空间不足",
            "nwcl-app03 错误：数据库连接超时",
        ),
    ),
    Log(
        "transfer.log",
        "utf-8",
        (
            "INFO 外网→内网 批次 {n} 传输成功 发票 128 份",
            "INFO 内网→总局 批次 {n} 推送成功",
        ),
        (
            "ERROR 外网→内网 批次 {n} 传输失败：校验和不一致",
            "ERROR 内网→总局 批次 {n} 推送失败：对端拒绝",
        ),
    ),
)


def append(folder: Path, log: Log, text: str) -> None:
    """Add text to a log, rotating it when it has grown long."""
    path = folder / log.name
    if path.exists() and path.stat().st_size > LIMIT:
        path.replace(path.with_name(path.name + ".1"))
    with path.open("a", encoding=log.encoding) as out:
        out.write(text)


def main(folder: Path) -> None:
    """Write a line into each log every second until the keeper leaves."""
    number = 0

    async def start(mode: Mode) -> None:
        def act() -> None:
            nonlocal number
            number += 1
            if mode.name == "stop":
                return
            now = datetime.now(CHINA)
            for log in LOGS:
                append(folder, log, log.line(number, now, failing=False))
                if mode.name == "error":
                    append(folder, log, log.line(number, now, failing=True))

        folder.mkdir(parents=True, exist_ok=True)
        act()
        say("ready")
        await every(1.0, act)

    run(start)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
