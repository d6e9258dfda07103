"""Kind `ogg` (GoldenGate 同步): status, lag and checkpoint age of every process, from `info all` or by REST."""

from __future__ import annotations

import fnmatch
import re
import shlex
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taxops.engines.base import BadInput, duration_words
from taxops.engines.checks.wire import Attempt, Failed, excerpt

from .blocking_fetch import on_wire
from .declaration import Fact, Finding, Kind, Param, ParamType, SideAttempt, Wanted, Where
from .folder_listing import Place, content, listing
from .http_check import TLS_PARAMS
from .json_reading import Service, as_object, as_objects, ask, named, number, segment, service_of, text
from .ssh import SSH_PARAMS, SshPlace, command, logged_in, ssh_place

_MOST = 1 << 20
_PROGRAMS = frozenset({"ggsci", "adminclient"})
_STATUSES = frozenset({"RUNNING", "STOPPED", "ABENDED", "STARTING", "KILLED", "UNKNOWN", "DOWN"})
_LINE = re.compile(
    r"^(MANAGER|JAGENT|PMSRVR|ADMINSRVR|DISTSRVR|RECVSRVR|EXTRACT|REPLICAT|COORD)\s+([A-Z]+)"
    r"(?:\s+(\S+)(?:\s+(\d+:\d\d:\d\d|unknown)\s+(\d+:\d\d:\d\d|unknown))?)?\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the processes are told of, and which are wanted (同步检查计划)."""

    mode: str
    service: Service | None
    place: SshPlace | None
    path: str
    groups: tuple[str, ...]
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Process:
    """One process of GoldenGate (同步进程)."""

    program: str
    status: str
    group: str
    lag_s: float | None
    checkpoint_s: float | None

    @property
    def name(self) -> str:
        """Program and group for people."""
        return f"{self.program} {self.group}".strip()


def prepare(wanted: Wanted) -> Plan:
    """Return the plan of a check.

    Raises:
        BadInput: the address or a path cannot be used.
    """
    params, target = wanted.params, wanted.target
    groups = tuple(group.upper() for group in params["groups"])
    if target.startswith(("http://", "https://")):
        service = service_of("GoldenGate", target, params)
        return Plan("rest", service, None, "", groups, wanted.timeout_s)
    if not target.startswith("/") or any(ord(char) < 32 for char in target):
        raise BadInput("检查对象应是 http 网址、ggsci 的绝对路径或结果文件的绝对路径。", field="target")
    place = ssh_place(params["host"], params, field="host") if params["host"] else None
    mode = "command" if target.rpartition("/")[2] in _PROGRAMS else "file"
    return Plan(mode, None, place, target, groups, wanted.timeout_s)


def _seconds(words: str | None) -> float | None:
    if words is None or ":" not in words:
        return None
    hours, minutes, seconds = words.split(":")
    return int(hours) * 3600.0 + int(minutes) * 60 + int(seconds)


def read_info_all(output: str) -> list[Process]:
    """Return the processes in the output of `info all`.

    Raises:
        Failed: there are none in it.
    """
    found = []
    for line in output.splitlines():
        match = _LINE.match(line.strip())
        if match is None or match[2].upper() not in _STATUSES:
            continue
        program, status, group, lag, since = match.groups()
        found.append(
            Process(program.upper(), status.upper(), (group or "").upper(), _seconds(lag), _seconds(since))
        )
    if not found:
        raise Failed(f"没有找到 info all 的结果，内容开头是「{excerpt(output.strip().encode(), 80)}」。")
    return found


def read_status(program: str, group: str, value: Any) -> Process:
    """Return the process in an answer to `…/info/status`.

    Raises:
        Failed: it is something else.
    """
    root = as_object("GoldenGate", value)
    inner = as_object("GoldenGate", root.get("response", root))
    status = text(inner.get("status")).upper()
    if status not in _STATUSES:
        raise Failed(f"GoldenGate 没有返回 {group} 的状态，请核对地址与版本。")
    lag = number(inner.get("lag")) if inner.get("lag") is not None else None
    since = number(inner.get("sinceLagReported")) if inner.get("sinceLagReported") is not None else None
    return Process(program, status, group, lag, since)


async def _rest(plan: Plan, child: Attempt) -> list[Process]:
    service = plan.service
    assert service is not None
    found = []
    for program, path in (("EXTRACT", "extracts"), ("REPLICAT", "replicats")):
        root = as_object(service.name, await ask(child, service, service.request(f"/services/v2/{path}")))
        inner = as_object(service.name, root.get("response", root))
        for item in as_objects(service.name, inner.get("items", [])):
            group = text(item.get("name")).upper()
            status = service.request(f"/services/v2/{path}/{segment(group)}/info/status")
            found.append(read_status(program, group, await ask(child, service, status)))
    return found


def _script(path: str) -> str:
    folder, _, program = path.rpartition("/")
    return f"cd {shlex.quote(folder or '/')} && printf 'info all\\nexit\\n' | ./{shlex.quote(program)}"


async def _spoken(attempt: SideAttempt, plan: Plan) -> str:
    """Return what ggsci prints, here or behind SSH; nothing but `info all` is ever said to it."""
    if plan.place is not None:
        async with logged_in(attempt, plan.place) as connection:
            _, output, complaints = await command(attempt, connection, _script(plan.path), most=_MOST)
        if not output:
            raise Failed(f"远程执行 {plan.path} 没有输出：{complaints[:120] or '原因不明'}。")
        return output.decode("utf-8", "replace")
    import asyncio  # runs in the asyncio thread only; see threads.py

    attempt.doing = "执行 info all"
    try:
        process = await asyncio.create_subprocess_exec(
            plan.path,
            cwd=str(Path(plan.path).parent),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
    except OSError as error:
        raise Failed(f"{plan.path} 不能执行：{error.strerror}。") from error
    try:
        output, _ = await process.communicate(b"info all\nexit\n")
    except BaseException:
        process.kill()
        await process.wait()  # a killed child goes at once; unawaited it would stay behind as a zombie
        raise
    return output[:_MOST].decode("utf-8", "replace")


async def _filed(attempt: SideAttempt, plan: Plan) -> tuple[str, float]:
    """Return the text of a result file and its age."""
    folder, _, name = plan.path.rpartition("/")
    place = Place(folder or "/", name, plan.place)
    async with AsyncExitStack() as stack:
        found, connection = await listing(attempt, place, stack)
        if not found.files:
            raise Failed(f"结果文件 {plan.path} 不存在。")
        data, _ = await content(attempt, place, found.files[0].name, connection, _MOST)
    return data.decode("utf-8", "replace"), found.now - found.files[0].modified


def ogg_facts(processes: list[Process], groups: tuple[str, ...]) -> dict[str, Any]:
    """Return what conditions may speak of; the manager counts as one that must run."""
    mine = [
        p
        for p in processes
        if not p.group or not groups or any(fnmatch.fnmatchcase(p.group, g) for g in groups)
    ]
    lags = {p.group: p.lag_s for p in mine if p.lag_s is not None}
    since = {p.group: p.checkpoint_s for p in mine if p.checkpoint_s is not None}
    slowest = max(lags, key=lambda group: lags[group], default="")
    abended = [p.name for p in mine if p.status == "ABENDED"]
    stopped = [p.name for p in mine if p.status not in {"RUNNING", "ABENDED", "STARTING"}]
    missing = [g for g in groups if not any(fnmatch.fnmatchcase(p.group, g) for p in mine if p.group)]
    return {
        "processes": len(mine),
        "running": sum(1 for p in mine if p.status == "RUNNING"),
        "abended": abended,
        "abended_n": len(abended),
        "stopped": stopped,
        "stopped_n": len(stopped),
        "missing": missing,
        "missing_n": len(missing),
        "lag_s": lags.get(slowest, 0.0),
        "slowest": slowest,
        "lag": lags,
        "checkpoint_s": max(since.values(), default=0.0),
        "manager": next((p.status for p in mine if p.program == "MANAGER"), ""),
    }


async def run(attempt: SideAttempt, plan: Plan) -> Finding:
    """Ask GoldenGate and return what its processes are doing.

    Raises:
        Failed: no answer, or something else than `info all`.
    """
    age = 0.0
    said = ""
    if plan.mode == "rest":
        processes = await on_wire(attempt, lambda child: _rest(plan, child), plan.timeout_s * 0.95)
    elif plan.mode == "command":
        said = await _spoken(attempt, plan)
        processes = read_info_all(said)
    else:
        said, age = await _filed(attempt, plan)
        processes = read_info_all(said)
    facts = ogg_facts(processes, plan.groups)
    facts["result_age_s"] = age
    facts["duration_ms"] = (attempt.clock() - attempt.began) * 1000
    parts = [f"{facts['running']}/{facts['processes']} 个进程在运行"]
    if facts["slowest"]:
        parts.append(f"延迟最大的 {facts['slowest']} 为 {duration_words(facts['lag_s'])}")
    for name, words in (("abended", "异常终止（ABENDED）"), ("stopped", "已停止"), ("missing", "没有")):
        if facts[name]:
            parts.append(f"{words}：{named(facts[name])}")
    kept = ("running", "abended_n", "stopped_n", "lag_s", "checkpoint_s")
    return Finding(
        facts,
        "，".join(parts),
        {name: float(facts[name]) for name in kept},
        "" if facts["processes"] else "没有任何 GoldenGate 进程。",
        lambda: {
            "processes": [
                {"name": p.name, "status": p.status, "lag_s": p.lag_s, "checkpoint_s": p.checkpoint_s}
                for p in processes[:100]
            ],
            "output": said[:3000],
        },
    )


KIND = Kind(
    name="ogg",
    title="GoldenGate 数据同步",
    stand_in="按厂商手册写的 ggsci 输出；REST 替身，应答经 GoldenGate 公开格式校验",
    help="检查 OGG 各进程：是否 RUNNING、有没有 ABENDED、检查点延迟、距上次检查点多久；"
    "经 ggsci 的 info all（本机或 SSH）、它的结果文件，或微服务版的 REST 接口。",
    target_label="来源",
    target_help="ggsci 的绝对路径 /ogg/ggsci；或结果文件 /tmp/info_all.txt；或 http://10.1.2.3:9011。",
    params=(
        Param(
            "groups", "进程组", ParamType.LIST, (), help="应有的进程组，可用通配符，例如 EXT_*；留空为全部。"
        ),
        Param("host", "远程主机", help="填写后经 SSH 执行或读取，例如 10.1.2.3:22。"),
        SSH_PARAMS[0],
        Param("password", "口令", secret=True, help="SSH 口令，或 REST 接口的口令。"),
        *SSH_PARAMS[2:],
        *TLS_PARAMS,
    ),
    facts=(
        Fact("processes", "进程数（含管理进程）", "个"),
        Fact("running", "在运行的进程数", "个"),
        Fact("manager", "管理进程的状态"),
        Fact("abended", "异常终止的进程"),
        Fact("abended_n", "异常终止的进程数", "个"),
        Fact("stopped", "已停止的进程"),
        Fact("stopped_n", "已停止的进程数", "个"),
        Fact("missing", "应有而没有的进程组"),
        Fact("missing_n", "应有而没有的进程组数", "个"),
        Fact("lag_s", "最大的检查点延迟", "秒"),
        Fact("slowest", "延迟最大的进程组"),
        Fact("lag", "各进程组的延迟，例如 lag.EXT_A", "秒"),
        Fact("checkpoint_s", "距上次检查点最久的", "秒"),
        Fact("result_age_s", "结果文件多久没有更新（其余来源为 0）", "秒"),
        Fact("duration_ms", "总耗时", "毫秒"),
    ),
    conditions=(
        "abended_n == 0 and stopped_n == 0 and missing_n == 0",
        "lag_s < 30m and checkpoint_s < 30m",
        "result_age_s < 15m",
    ),
    warnings=("lag_s < 5m", "checkpoint_s < 10m"),
    where=Where.SIDE,
    prepare=prepare,
    side_run=run,
    keeps_metrics=True,
)
