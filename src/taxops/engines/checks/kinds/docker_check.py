"""Kind `docker` (容器): containers by name: running, healthy, restarts, through the Engine API."""

from __future__ import annotations

import fnmatch
import socket
from dataclasses import dataclass, replace
from typing import Any

from taxops.engines.base import BadInput
from taxops.engines.checks.wire import Attempt, Failed, Request, of_os_error

from .declaration import Fact, Finding, Kind, Param, ParamType, Wanted
from .http_check import TLS_PARAMS
from .json_reading import Service, as_object, as_objects, ask, named, number, segment, service_of, text

NAME = "容器引擎"
_MOST = 100
_WORDS = {
    "created": "已创建未启动",
    "restarting": "反复重启中",
    "removing": "正在删除",
    "paused": "已暂停",
    "exited": "已退出",
    "dead": "已损坏",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """Which engine and which of its containers (容器检查计划)."""

    service: Service
    socket_path: str
    patterns: tuple[str, ...]
    least: int
    inspect: bool


@dataclass(slots=True)
class Container:
    """One container as the engine tells (容器)."""

    id: str
    name: str
    state: str
    status: str
    health: str = "none"
    restarts: int = 0
    exit_code: int = 0
    oom: bool = False

    @property
    def trouble(self) -> str:
        """Return in words what is wrong with it, or nothing."""
        if self.state != "running":
            words = _WORDS.get(self.state, self.state or "状态不明")
            return f"{words}，退出码 {self.exit_code}" if self.state in {"exited", "dead"} else words
        return "健康检查不通过" if self.health == "unhealthy" else ""


def prepare(wanted: Wanted) -> Plan:
    """Return the plan of a check.

    Raises:
        BadInput: the address or a parameter cannot be used.
    """
    target, path = wanted.target, ""
    if target.startswith(("unix://", "/")):
        path = target.removeprefix("unix://")
        if not path.startswith("/") or len(path.encode()) > 100:
            raise BadInput("套接字路径应以 / 开头，不超过 100 个字节。", field="target")
        target = "http://localhost"
    elif target.startswith("tcp://"):
        target = "http://" + target.removeprefix("tcp://")
    params = wanted.params
    return Plan(
        service_of(NAME, target, params),
        path,
        tuple(params["names"]) or ("*",),
        params["least"],
        params["inspect"],
    )


async def _ask(attempt: Attempt, plan: Plan, path: str) -> Any:
    request: Request = plan.service.request(path)
    if plan.socket_path:
        request = replace(request, address=(int(socket.AF_UNIX), plan.socket_path))
    try:
        return await ask(attempt, plan.service, request)
    except OSError as error:
        raise of_os_error(error, "连接容器引擎") from error


def listed(value: Any) -> list[Container]:
    """Return the containers of `/containers/json`.

    Raises:
        Failed: it is something else.
    """
    found = []
    for row in as_objects(NAME, value):
        names = row.get("Names")
        if not isinstance(names, list) or "State" not in row:
            raise Failed("返回的不是容器列表，可能不是 Docker 的接口。")
        name = text(names[0]).lstrip("/") if names else text(row.get("Id"))[:12]
        status = text(row.get("Status"))
        health = next((word for word in ("unhealthy", "healthy", "starting") if f"({word}" in status), "none")
        if "health: starting" in status:
            health = "starting"
        found.append(Container(text(row.get("Id")), name, text(row.get("State")), status, health))
    return found


def inspected(container: Container, value: Any) -> None:
    """Fill in what only `/containers/{id}/json` tells: restarts, exit code, health, killed for memory.

    Raises:
        Failed: it is something else.
    """
    found = as_object(NAME, value)
    state = as_object(NAME, found.get("State"))
    container.restarts = int(number(found.get("RestartCount")))
    container.exit_code = int(number(state.get("ExitCode")))
    container.oom = state.get("OOMKilled") is True
    health = state.get("Health")
    if isinstance(health, dict) and health.get("Status"):
        container.health = text(health["Status"])


def docker_facts(containers: list[Container], plan: Plan, known: dict[str, int]) -> dict[str, Any]:
    """Return what conditions may speak of; `known` holds the restarts of the last look, by id."""
    good = [c for c in containers if not c.trouble]
    fresh = {c.name: c.restarts - known[c.id] for c in containers if c.restarts > known.get(c.id, c.restarts)}
    return {
        "matched": len(containers),
        "running": sum(1 for c in containers if c.state == "running"),
        "good": len(good),
        "wanted": plan.least,
        "healthy": sum(1 for c in containers if c.health == "healthy"),
        "unhealthy": sum(1 for c in containers if c.state == "running" and c.health == "unhealthy"),
        "starting": sum(1 for c in containers if c.health == "starting"),
        "stopped": sum(1 for c in containers if c.state != "running"),
        "out": [c.name for c in containers if c.trouble],
        "missing": [p for p in plan.patterns if not any(fnmatch.fnmatchcase(c.name, p) for c in containers)],
        "restarts": max((c.restarts for c in containers), default=0),
        "new_restarts": sum(fresh.values()),
        "restarted": list(fresh),
        "oom_killed": sum(1 for c in containers if c.oom),
    }


async def run(attempt: Attempt, plan: Plan) -> Finding:
    """List the containers, look into those wanted, and return what they are doing.

    Raises:
        Failed: no engine, no permission, or something else behind the address.
    """
    everything = listed(await _ask(attempt, plan, "/containers/json?all=true"))
    mine = [c for c in everything if any(fnmatch.fnmatchcase(c.name, p) for p in plan.patterns)]
    if plan.inspect:
        for container in mine[:_MOST]:
            inspected(container, await _ask(attempt, plan, f"/containers/{segment(container.id)}/json"))
    known: dict[str, int] = attempt.memory.get("docker_restarts", {})
    facts = docker_facts(mine, plan, known)
    attempt.memory["docker_restarts"] = {c.id: c.restarts for c in mine}
    facts["missing_n"] = len(facts["missing"])
    facts["duration_ms"] = attempt.elapsed_ms
    parts = [f"{facts['good']}/{facts['matched']} 个容器正常，至少需要 {plan.least} 个"]
    if facts["out"]:
        parts.append("异常：" + named(f"{c.name}（{c.trouble}）" for c in mine if c.trouble))
    if facts["missing"]:
        parts.append(f"没有名称符合 {named(facts['missing'])} 的容器")
    if facts["restarted"]:
        parts.append(f"上次检查以来重启过：{named(facts['restarted'])}")
    kept = ("matched", "running", "good", "unhealthy", "stopped", "new_restarts")
    return Finding(
        facts,
        "；".join(parts),
        {name: float(facts[name]) for name in kept},
        "",
        lambda: {
            "containers": [
                {
                    "name": c.name,
                    "state": c.state,
                    "status": c.status,
                    "health": c.health,
                    "restarts": c.restarts,
                }
                for c in mine[:_MOST]
            ]
        },
    )


KIND = Kind(
    name="docker",
    title="容器",
    stand_in="Unix 套接字上的替身，应答经 Docker Engine API 公开格式校验",
    help="经 Docker Engine API 检查容器：按名称找到的容器是否在运行、是否健康、有没有重启或因内存不足被杀。",
    target_label="引擎地址",
    target_help="本机填 unix:///var/run/docker.sock；远程填 tcp://10.1.2.3:2375 或 https://10.1.2.3:2376。",
    params=(
        Param("names", "容器名称", ParamType.LIST, (), help="可用通配符，例如 zhfw-*；留空为全部容器。"),
        Param("least", "至少几个正常", ParamType.INTEGER, 1, least=0, most=1000),
        Param("inspect", "读取重启次数与退出码", ParamType.BOOLEAN, True, help="逐个容器查询，最多 100 个。"),
        *TLS_PARAMS,
    ),
    facts=(
        Fact("matched", "名称相符的容器数", "个"),
        Fact("running", "在运行的容器数", "个"),
        Fact("good", "在运行且没有不健康的容器数", "个"),
        Fact("wanted", "至少需要的正常容器数", "个"),
        Fact("healthy", "健康检查通过的容器数", "个"),
        Fact("unhealthy", "健康检查不通过的容器数", "个"),
        Fact("starting", "健康检查尚在启动期的容器数", "个"),
        Fact("stopped", "没有在运行的容器数", "个"),
        Fact("out", "异常容器的名称"),
        Fact("missing", "没有容器相符的名称"),
        Fact("missing_n", "没有容器相符的名称数", "个"),
        Fact("restarts", "重启最多的容器的累计重启次数", "次"),
        Fact("new_restarts", "上次检查以来的重启次数", "次"),
        Fact("restarted", "上次检查以来重启过的容器"),
        Fact("oom_killed", "因内存不足被杀的容器数", "个"),
        Fact("duration_ms", "总耗时", "毫秒"),
    ),
    conditions=("good >= wanted", "unhealthy == 0", "missing_n == 0"),
    warnings=("stopped == 0", "new_restarts == 0", "oom_killed == 0"),
    prepare=prepare,
    loop_run=run,
    keeps_metrics=True,
)
