"""Kind `host` (主机): CPU, load, memory, disk space and disk I/O, of this machine or over SSH.

Both read the same files under /proc with the same code; between two samples lies the time since the last
check, or half a second at the first.
"""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from taxops.engines.base import BadInput
from taxops.engines.checks.wire import Failed

from .declaration import Fact, Finding, Kind, Param, ParamType, SideAttempt, Wanted, Where
from .ssh import SSH_PARAMS, SshPlace, command, logged_in, ssh_place
from .threads import in_thread

_FILES = ("stat", "loadavg", "meminfo", "diskstats", "uptime")
_FIRST_WAIT_S = 0.5
_SECTOR = 512
_MARK = "=====taxops "


@dataclass(frozen=True, slots=True)
class Plan:
    """Which machine and which of its disks (主机检查计划)."""

    place: SshPlace | None
    mounts: tuple[str, ...]


@dataclass(slots=True)
class Sample:
    """What /proc said at one instant (主机采样)."""

    at: float
    texts: dict[str, str]
    disks: dict[str, tuple[int, int, float]] = field(
        default_factory=dict
    )  # mount: bytes, free, inodes used %


def prepare(wanted: Wanted) -> Plan:
    """Return the plan of a check.

    Raises:
        BadInput: the address or a mount point cannot be used.
    """
    mounts = tuple(wanted.params["mounts"])
    if any(not mount.startswith("/") or "\n" in mount for mount in mounts):
        raise BadInput("「挂载点」应是以 / 开头的路径。", field="mounts")
    local = wanted.target in {"local", "localhost", "本机"}
    return Plan(None if local else ssh_place(wanted.target, wanted.params), mounts)


def _read_local(mounts: tuple[str, ...], at: float) -> Sample:
    sample = Sample(at, {})
    for name in _FILES:
        try:
            sample.texts[name] = (Path("/proc") / name).read_text(encoding="ascii", errors="replace")
        except OSError:
            sample.texts[name] = ""
    for mount in mounts:
        try:
            found = os.statvfs(mount)
        except OSError as error:
            raise Failed(f"读取挂载点 {mount} 失败：{error.strerror}。") from error
        # as df does: the share of what an ordinary user may fill
        usable = (found.f_blocks - found.f_bfree + found.f_bavail) * found.f_frsize
        inodes = 100.0 * (found.f_files - found.f_ffree) / found.f_files if found.f_files else 0.0
        sample.disks[mount] = (usable, found.f_bavail * found.f_frsize, inodes)
    return sample


def remote_command(mounts: tuple[str, ...]) -> str:
    """Return one shell command that prints all files and the disk tables."""
    parts = [f"echo '{_MARK}{name}'; cat /proc/{name} 2>/dev/null" for name in _FILES]
    paths = " ".join(shlex.quote(mount) for mount in mounts)
    parts += [
        f"echo '{_MARK}df'; LC_ALL=C df -Pk -- {paths}",
        f"echo '{_MARK}dfi'; LC_ALL=C df -Pi -- {paths}",
    ]
    return "; ".join(parts)


def read_remote(text: str, mounts: tuple[str, ...], at: float) -> Sample:
    """Return the sample in the output of `remote_command`.

    Raises:
        Failed: it is not what Linux prints.
    """
    texts: dict[str, str] = {}
    for piece in text.split(_MARK)[1:]:
        name, _, rest = piece.partition("\n")
        texts[name.strip()] = rest
    sample = Sample(at, texts)
    tables = [_df_rows(texts.get(name, "")) for name in ("df", "dfi")]
    if len(tables[0]) != len(mounts):
        raise Failed(f"远程主机上有挂载点读不到：{'、'.join(mounts)}。")
    for index, mount in enumerate(mounts):
        blocks = tables[0][index]
        inodes = tables[1][index] if index < len(tables[1]) else None
        usable = (blocks[1] + blocks[2]) * 1024
        share = 100.0 * inodes[1] / inodes[0] if inodes and inodes[0] else 0.0
        sample.disks[mount] = (usable, blocks[2] * 1024, share)
    return sample


def _df_rows(text: str) -> list[tuple[int, int, int]]:
    """Return total, used and free of each line of `df -P`."""
    rows = []
    for line in text.splitlines()[1:]:
        words = line.split()
        numbers = [int(word) if word.isdecimal() else 0 for word in words[1:4]]
        if len(numbers) == 3:
            rows.append((numbers[0], numbers[1], numbers[2]))
    return rows


def _cpu(text: str) -> tuple[int, int, int, int]:
    """Return all, idle, waiting and stolen jiffies."""
    line = text.split("\n", 1)[0].split()
    if not line or line[0] != "cpu":
        raise Failed("读不到 /proc/stat，该主机可能不是 Linux。")
    numbers = [int(word) for word in line[1:9]]
    numbers += [0] * (8 - len(numbers))
    return sum(numbers), numbers[3], numbers[4], numbers[7]


def _disk_io(text: str) -> tuple[int, int, int]:
    """Return bytes read, bytes written and the busiest disk's milliseconds, whole disks only."""
    read = written = busy = 0
    for line in text.splitlines():
        words = line.split()
        if len(words) < 14 or words[2].startswith(("loop", "ram", "dm-", "md", "sr", "zram")):
            continue
        name = words[2]
        if (name.startswith("nvme") and "p" in name[4:]) or (
            name[:2] in {"sd", "vd", "hd"} and name[-1].isdigit()
        ):
            continue  # a partition
        read += int(words[5]) * _SECTOR
        written += int(words[9]) * _SECTOR
        busy = max(busy, int(words[12]))
    return read, written, busy


def _memory(text: str) -> dict[str, int]:
    found = {}
    for line in text.splitlines():
        name, _, rest = line.partition(":")
        words = rest.split()
        if words and words[0].isdecimal():
            found[name] = int(words[0]) * 1024
    return found


def host_facts(before: Sample, now: Sample) -> dict[str, Any]:
    """Return what conditions may speak of, from two samples.

    Raises:
        Failed: the texts are not those of Linux.
    """
    try:
        return _host_facts(before, now)
    except (ValueError, IndexError, KeyError) as error:
        raise Failed("主机返回的 /proc 内容无法识别，该主机可能不是 Linux。") from error


def _host_facts(before: Sample, now: Sample) -> dict[str, Any]:
    old, new = _cpu(before.texts["stat"]), _cpu(now.texts["stat"])
    passed = max(1, new[0] - old[0])
    cores = (
        sum(1 for line in now.texts["stat"].splitlines() if line[:3] == "cpu" and line[3:4].isdigit()) or 1
    )
    loads = [float(word) for word in now.texts["loadavg"].split()[:3]]
    memory = _memory(now.texts["meminfo"])
    total = memory["MemTotal"]
    available = memory.get("MemAvailable", memory.get("MemFree", 0))
    swap = memory.get("SwapTotal", 0)
    facts: dict[str, Any] = {
        "cpu_percent": max(0.0, 100.0 * (1 - ((new[1] - old[1]) + (new[2] - old[2])) / passed)),
        "iowait_percent": max(0.0, 100.0 * (new[2] - old[2]) / passed),
        "steal_percent": max(0.0, 100.0 * (new[3] - old[3]) / passed),
        "cores": cores,
        "load1": loads[0],
        "load5": loads[1],
        "load15": loads[2],
        "load_per_core": loads[1] / cores,
        "memory_total": total,
        "memory_available": available,
        "memory_percent": 100.0 * (total - available) / total,
        "swap_percent": 100.0 * (swap - memory.get("SwapFree", 0)) / swap if swap else 0.0,
        "uptime_s": float(now.texts["uptime"].split()[0]),
    }
    seconds = now.at - before.at
    old_io, new_io = _disk_io(before.texts["diskstats"]), _disk_io(now.texts["diskstats"])
    if seconds > 0 and all(n >= o for n, o in zip(new_io, old_io, strict=True)):
        facts["disk_read_per_s"] = (new_io[0] - old_io[0]) / seconds
        facts["disk_write_per_s"] = (new_io[1] - old_io[1]) / seconds
        facts["io_busy_percent"] = min(100.0, (new_io[2] - old_io[2]) / seconds / 10)
    shares = {m: 100.0 * (1 - free / usable) if usable else 0.0 for m, (usable, free, _) in now.disks.items()}
    facts["disk"] = {
        mount: {"percent": shares[mount], "free": free, "total": usable, "inode_percent": inodes}
        for mount, (usable, free, inodes) in now.disks.items()
    }
    facts["disk_percent"] = max(shares.values(), default=0.0)
    facts["disk_free"] = min((free for _, free, _ in now.disks.values()), default=0)
    facts["inode_percent"] = max((inodes for _, _, inodes in now.disks.values()), default=0.0)
    return facts


async def _samples(attempt: SideAttempt, plan: Plan) -> tuple[Sample, Sample]:
    """Return the last sample and a new one, taking two when there is no last."""
    import asyncio  # runs in the asyncio thread only; see threads.py

    before: Sample | None = attempt.memory.get("host")
    if plan.place is None:
        attempt.doing = "读取本机状态"
        if before is None:
            before = await in_thread(lambda: _read_local(plan.mounts, attempt.clock()))
            await asyncio.sleep(_FIRST_WAIT_S)
        now = await in_thread(lambda: _read_local(plan.mounts, attempt.clock()))
    else:
        async with logged_in(attempt, plan.place) as connection:
            text = remote_command(plan.mounts)
            if before is None:
                before = await _remote(attempt, connection, text, plan)
                await asyncio.sleep(_FIRST_WAIT_S)
            now = await _remote(attempt, connection, text, plan)
    attempt.memory["host"] = now
    return before, now


async def _remote(attempt: SideAttempt, connection: Any, text: str, plan: Plan) -> Sample:
    _, output, complaints = await command(attempt, connection, text)
    if _MARK.encode() not in output:
        raise Failed(f"远程主机没有返回状态{'：' + complaints[:120] if complaints else ''}。")
    return read_remote(output.decode("utf-8", "replace"), plan.mounts, attempt.clock())


async def run(attempt: SideAttempt, plan: Plan) -> Finding:
    """Look at the machine and return its numbers.

    Raises:
        Failed: no login, or not a Linux machine.
    """
    before, now = await _samples(attempt, plan)
    facts = host_facts(before, now)
    facts["duration_ms"] = (attempt.clock() - attempt.began) * 1000
    kept = ("cpu_percent", "iowait_percent", "load1", "load5", "memory_percent", "swap_percent", "disk_percent",
            "inode_percent", "disk_free", "disk_read_per_s", "disk_write_per_s", "io_busy_percent")  # fmt: skip
    return Finding(
        facts,
        f"CPU {facts['cpu_percent']:.0f}%，内存 {facts['memory_percent']:.0f}%，磁盘 {facts['disk_percent']:.0f}%，"
        f"负载 {facts['load1']:.2f}",
        {name: round(float(facts[name]), 2) for name in kept if name in facts},
        "",
        lambda: {"facts": facts},
    )


KIND = Kind(
    name="host",
    title="主机",
    help="检查 Linux 主机的 CPU、负载、内存、磁盘空间与磁盘读写；本机直接读取，远程经 SSH 只读登录。",
    target_label="主机",
    target_help="本机填 local；远程填 主机[:SSH端口]。",
    params=(
        Param("mounts", "挂载点", ParamType.LIST, ("/",), help="逗号分隔，例如 /, /data。"),
        *SSH_PARAMS,
    ),
    facts=(
        Fact("cpu_percent", "CPU 使用率", "%"),
        Fact("iowait_percent", "等待磁盘的时间比例", "%"),
        Fact("steal_percent", "被虚拟化层占用的时间比例", "%"),
        Fact("cores", "CPU 核数"),
        Fact("load1", "1 分钟负载"),
        Fact("load5", "5 分钟负载"),
        Fact("load15", "15 分钟负载"),
        Fact("load_per_core", "每核 5 分钟负载"),
        Fact("memory_percent", "内存使用率", "%"),
        Fact("memory_total", "内存总量", "字节"),
        Fact("memory_available", "可用内存", "字节"),
        Fact("swap_percent", "交换区使用率", "%"),
        Fact("disk", '各挂载点，例如 disk["/data"].percent'),
        Fact("disk_percent", "使用率最高的挂载点", "%"),
        Fact("disk_free", "剩余最少的挂载点", "字节"),
        Fact("inode_percent", "inode 使用率最高的挂载点", "%"),
        Fact("disk_read_per_s", "磁盘读取速度", "字节/秒"),
        Fact("disk_write_per_s", "磁盘写入速度", "字节/秒"),
        Fact("io_busy_percent", "最忙的磁盘的繁忙比例", "%"),
        Fact("uptime_s", "已运行时间", "秒"),
        Fact("duration_ms", "总耗时", "毫秒"),
    ),
    conditions=("disk_percent < 95", "memory_percent < 97"),
    warnings=("disk_percent < 85", "memory_percent < 90", "cpu_percent < 95", "inode_percent < 85"),
    where=Where.SIDE,
    prepare=prepare,
    side_run=run,
    keeps_metrics=True,
    verified_against="Debian 12 本机、进程内 SSH 服务",
)
