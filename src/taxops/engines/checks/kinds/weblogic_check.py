"""Kind `weblogic` (应用服务器): servers, heap, threads, data sources, JMS, by the RESTful management service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from taxops.engines.checks.wire import Attempt, Failed

from .declaration import Fact, Finding, Kind, Param, ParamType, Wanted
from .http_check import AUTH_PARAMS, TLS_PARAMS
from .json_reading import Service, as_object, ask, named, number, service_of, text

NAME = "WebLogic 管理接口"
_HEALTH = ("OK", "WARN", "OVERLOADED", "CRITICAL", "FAILED")
# one search brings everything, so that all numbers are of the same moment
SEARCH = {
    "links": [],
    "fields": [],
    "children": {
        "serverRuntimes": {
            "links": [],
            "fields": ["name", "state", "healthState", "activationTime", "openSocketsCurrentCount"],
            "children": {
                "JVMRuntime": {"links": [], "fields": ["heapSizeMax", "heapSizeCurrent", "heapFreeCurrent"]},
                "threadPoolRuntime": {
                    "links": [],
                    "fields": [
                        "executeThreadTotalCount", "executeThreadIdleCount", "hoggingThreadCount",
                        "stuckThreadCount", "pendingUserRequestCount", "queueLength", "throughput",
                    ],
                },
                "JDBCServiceRuntime": {
                    "links": [],
                    "fields": [],
                    "children": {
                        "JDBCDataSourceRuntimeMBeans": {
                            "links": [],
                            "fields": [
                                "name", "state", "activeConnectionsCurrentCount", "currCapacity",
                                "waitingForConnectionCurrentCount", "failuresToReconnectCount",
                            ],
                        }
                    },
                },
                "JMSRuntime": {
                    "links": [],
                    "fields": [],
                    "children": {
                        "JMSServers": {
                            "links": [],
                            "fields": ["name", "messagesCurrentCount", "messagesPendingCount", "healthState"],
                        }
                    },
                },
            },
        }
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """Which domain and which servers must be there (WebLogic 检查计划)."""

    service: Service
    servers: tuple[str, ...]


def prepare(wanted: Wanted) -> Plan:
    """Return the plan of a check.

    Raises:
        BadInput: the address or a parameter cannot be used.
    """
    return Plan(service_of(NAME, wanted.target, wanted.params), tuple(wanted.params["servers"]))


def _items(parent: Any, name: str) -> list[dict[str, Any]]:
    """Return the objects of a collection that may be missing, `{items: […]}` as the service writes it."""
    found = parent.get(name) if isinstance(parent, dict) else None
    rows = found.get("items", []) if isinstance(found, dict) else []
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _inner(parent: dict[str, Any], name: str) -> dict[str, Any]:
    found = parent.get(name)
    return found if isinstance(found, dict) else {}


def _health(row: dict[str, Any]) -> str:
    found = row.get("healthState")
    state = text(found.get("state") if isinstance(found, dict) else found).upper()
    return state.removeprefix("HEALTH_") or "UNKNOWN"


def _sources(servers: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for server in servers:
        for row in _items(_inner(server, "JDBCServiceRuntime"), "JDBCDataSourceRuntimeMBeans"):
            yield f"{text(server.get('name'))}/{text(row.get('name'))}", row


def _heap(server: dict[str, Any]) -> float:
    """Return the share of the heap in use; free memory counts within the current size only."""
    jvm = _inner(server, "JVMRuntime")
    most = number(jvm.get("heapSizeMax"))
    used = number(jvm.get("heapSizeCurrent")) - number(jvm.get("heapFreeCurrent"))
    return 100.0 * max(0.0, used) / most if most > 0 else 0.0


def weblogic_facts(value: Any, wanted: tuple[str, ...]) -> dict[str, Any]:
    """Return what conditions may speak of, from the answer to `SEARCH`.

    Raises:
        Failed: it is something else.
    """
    root = as_object(NAME, value)
    if "serverRuntimes" not in root:
        raise Failed(
            "WebLogic 管理接口没有返回 serverRuntimes；请核对地址是否为管理服务器、版本是否为 12.2.1 以上。"
        )
    servers = _items(root, "serverRuntimes")
    states = {text(server.get("name")): text(server.get("state")) for server in servers}
    health = {text(server.get("name")): _health(server) for server in servers}
    heaps = {text(server.get("name")): _heap(server) for server in servers}
    pools = {text(server.get("name")): _inner(server, "threadPoolRuntime") for server in servers}
    sources = dict(_sources(servers))
    jms = [row for server in servers for row in _items(_inner(server, "JMSRuntime"), "JMSServers")]

    def total(name: str) -> float:
        return sum(number(pool.get(name)) for pool in pools.values())

    stuck = {name: number(pool.get("stuckThreadCount")) for name, pool in pools.items()}
    bad_sources = [name for name, row in sources.items() if text(row.get("state")) != "Running"]
    return {
        "servers": len(servers),
        "running": sum(1 for state in states.values() if state == "RUNNING"),
        "missing": [name for name in wanted if name not in states],
        "not_running": [f"{name}（{state}）" for name, state in states.items() if state != "RUNNING"],
        "down_n": sum(1 for name in wanted if name not in states)
        + sum(1 for state in states.values() if state != "RUNNING"),
        "health": next((word for word in reversed(_HEALTH) if word in health.values()), "UNKNOWN"),
        "unhealthy": [f"{name}（{word}）" for name, word in health.items() if word != "OK"],
        "heap_percent": max(heaps.values(), default=0.0),
        "heap": heaps,
        "stuck_threads": sum(stuck.values()),
        "stuck": [name for name, count in stuck.items() if count > 0],
        "hogging_threads": total("hoggingThreadCount"),
        "idle_threads": total("executeThreadIdleCount"),
        "threads": total("executeThreadTotalCount"),
        "pending_requests": total("pendingUserRequestCount"),
        "queue_length": total("queueLength"),
        "throughput": total("throughput"),
        "pools": len(sources),
        "bad_pools": bad_sources,
        "bad_pools_n": len(bad_sources),
        "pool_waiting": sum(number(r.get("waitingForConnectionCurrentCount")) for r in sources.values()),
        "pool_active": sum(number(r.get("activeConnectionsCurrentCount")) for r in sources.values()),
        "pool_failures": sum(number(r.get("failuresToReconnectCount")) for r in sources.values()),
        "jms_servers": len(jms),
        "jms_messages": sum(number(row.get("messagesCurrentCount")) for row in jms),
        "jms_pending": sum(number(row.get("messagesPendingCount")) for row in jms),
        "state": states,
    }


async def run(attempt: Attempt, plan: Plan) -> Finding:
    """Ask the administration server and return what the domain is doing.

    Raises:
        Failed: no answer, a refusal, or another sort of server.
    """
    path = "/management/weblogic/latest/domainRuntime/search"
    # the service refuses requests without this header, against forgery from a browser
    request = plan.service.request(
        path, method="POST", body=json.dumps(SEARCH).encode(), **{"X-Requested-By": "TaxOps"}
    )
    facts = weblogic_facts(await ask(attempt, plan.service, request), plan.servers)
    facts["duration_ms"] = attempt.elapsed_ms
    parts = [
        f"{facts['running']}/{len(set(facts['state']) | set(plan.servers))} 个服务器在运行",
        f"堆最高 {facts['heap_percent']:.0f}%",
        f"阻塞线程 {facts['stuck_threads']:.0f}",
    ]
    for name, words in (
        ("missing", "没有启动"),
        ("not_running", "不在运行"),
        ("unhealthy", "健康状态异常"),
        ("stuck", "有阻塞线程"),
        ("bad_pools", "数据源异常"),
    ):
        if facts[name]:
            parts.append(f"{words}：{named(facts[name])}")
    kept = ("running", "heap_percent", "stuck_threads", "hogging_threads", "pending_requests", "pool_waiting",
            "pool_active", "jms_messages", "jms_pending", "throughput")  # fmt: skip
    return Finding(
        facts,
        "，".join(parts),
        {name: round(float(facts[name]), 2) for name in kept},
        "" if facts["servers"] else "WebLogic 域里没有任何在运行的服务器。",
        lambda: {"facts": facts},
    )


KIND = Kind(
    name="weblogic",
    title="WebLogic 应用服务器",
    stand_in="HTTP 替身，应答经 WebLogic RESTful 管理接口公开格式校验",
    help="经 RESTful 管理接口（12.2.1 以上）检查整个域：服务器状态与健康、堆内存、阻塞与独占线程、"
    "数据源、JMS 积压。",
    target_label="管理服务器网址",
    target_help="例如 http://10.1.2.3:7001；账号应属于 Monitors 组。",
    params=(
        Param(
            "servers",
            "应有的服务器",
            ParamType.LIST,
            (),
            help="例如 server1, server2；停了的服务器不会出现在域的运行时里。",
        ),
        *AUTH_PARAMS[:2],
        *TLS_PARAMS,
    ),
    facts=(
        Fact("servers", "域里的运行时数", "个"),
        Fact("running", "在运行的服务器数", "个"),
        Fact("state", "各服务器的状态，例如 state.server1"),
        Fact("missing", "应有而没有的服务器"),
        Fact("not_running", "状态不是 RUNNING 的服务器"),
        Fact("down_n", "没有或不在运行的服务器数", "个"),
        Fact("health", "最差的健康状态：OK、WARN、OVERLOADED、CRITICAL、FAILED"),
        Fact("unhealthy", "健康状态不是 OK 的服务器"),
        Fact("heap_percent", "最高的堆使用率", "%"),
        Fact("heap", "各服务器的堆使用率，例如 heap.server1", "%"),
        Fact("stuck_threads", "阻塞线程数（STUCK）", "个"),
        Fact("stuck", "有阻塞线程的服务器"),
        Fact("hogging_threads", "独占线程数（hogging）", "个"),
        Fact("idle_threads", "空闲线程数", "个"),
        Fact("threads", "执行线程总数", "个"),
        Fact("pending_requests", "等待处理的用户请求数", "个"),
        Fact("queue_length", "请求队列长度", "个"),
        Fact("throughput", "每秒完成的请求数", "个/秒"),
        Fact("pools", "数据源数", "个"),
        Fact("bad_pools", "状态不是 Running 的数据源"),
        Fact("bad_pools_n", "状态不是 Running 的数据源数", "个"),
        Fact("pool_waiting", "正在等待数据库连接的请求数", "个"),
        Fact("pool_active", "使用中的数据库连接数", "个"),
        Fact("pool_failures", "数据源重连失败的累计次数", "次"),
        Fact("jms_servers", "JMS 服务器数", "个"),
        Fact("jms_messages", "JMS 当前消息数", "条"),
        Fact("jms_pending", "JMS 未确认的消息数", "条"),
        Fact("duration_ms", "总耗时", "毫秒"),
    ),
    conditions=(
        "down_n == 0",
        'health not in ["CRITICAL", "FAILED"]',
        "bad_pools_n == 0",
        "stuck_threads == 0",
    ),
    warnings=('health == "OK"', "heap_percent < 90", "pool_waiting == 0", "hogging_threads < 20"),
    prepare=prepare,
    loop_run=run,
    keeps_metrics=True,
)
