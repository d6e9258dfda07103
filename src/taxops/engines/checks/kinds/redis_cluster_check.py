"""Kind `redis_cluster` (内存数据库集群): slots, failed nodes, replicas per master, seen from every node."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

from taxops.engines.checks.wire import Attempt, Failed

from .declaration import Fact, Finding, Kind, Param, ParamType, Wanted
from .json_reading import named
from .redis_check import read_info
from .resp import LOGIN_PARAMS, Login, Refusal, converse, login_of, places, refused
from .together import together

SLOTS = 16384
_MOST_NODES = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom to ask first, and whether to ask everybody (集群检查计划)."""

    seeds: tuple[tuple[str, int], ...]
    login: Login
    every: bool
    share_s: float


@dataclass(slots=True)
class Node:
    """One line of CLUSTER NODES (集群节点)."""

    id: str
    host: str
    port: int
    flags: frozenset[str]
    master: str
    linked: bool
    slots: list[tuple[int, int]] = field(default_factory=list)
    moving: int = 0

    @property
    def name(self) -> str:
        """Address for people."""
        return f"{self.host or '（无地址）'}:{self.port}"

    @property
    def is_master(self) -> bool:
        """Whether it holds slots of its own (主节点)."""
        return "master" in self.flags

    @property
    def failed(self) -> bool:
        """Whether the cluster has agreed that it is gone (FAIL)."""
        return "fail" in self.flags

    @property
    def suspect(self) -> bool:
        """Whether the node asked finds it gone, the others not yet (PFAIL)."""
        return "fail?" in self.flags


def prepare(wanted: Wanted) -> Plan:
    """Return the plan of a check.

    Raises:
        BadInput: an address cannot be used.
    """
    params = wanted.params
    return Plan(places(wanted.target, 6379), login_of(params), params["every"], wanted.timeout_s)


def read_nodes(text: str) -> list[Node]:
    """Return the nodes of a CLUSTER NODES reply.

    Raises:
        Failed: it is something else.
    """
    nodes = []
    for line in text.splitlines():
        words = line.split(" ")
        if len(words) < 8:
            raise Failed("CLUSTER NODES 的应答无法识别。")
        address = words[1].split(",", 1)[0].split("@", 1)[0]
        host, _, port = address.rpartition(":")
        if not port.isdecimal():
            raise Failed("CLUSTER NODES 的应答无法识别。")
        node = Node(
            words[0],
            host,
            int(port),
            frozenset(words[2].split(",")),
            words[3].strip("-"),
            words[7] == "connected",
        )
        for word in words[8:]:
            if word.startswith("["):
                node.moving += 1
                continue
            low, _, high = word.partition("-")
            if low.isdecimal() and (not high or high.isdecimal()):
                node.slots.append((int(low), int(high or low)))
        nodes.append(node)
    if len(nodes) > _MOST_NODES:
        raise Failed(f"集群节点超过 {_MOST_NODES} 个，不能检查。")
    return nodes


def cluster_facts(nodes: list[Node], info: dict[str, str]) -> dict[str, Any]:
    """Return what conditions may speak of, from one node's view."""
    masters = [node for node in nodes if node.is_master and node.slots]
    covered = bytearray(SLOTS)
    for node in masters:
        if not node.failed:
            for low, high in node.slots:
                covered[low : min(high, SLOTS - 1) + 1] = b"\1" * (min(high, SLOTS - 1) - low + 1)
    replicas = {
        master.id: [
            node
            for node in nodes
            if node.master == master.id and not (node.failed or node.suspect or "noaddr" in node.flags)
        ]
        for master in masters
    }
    return {
        "state": info.get("cluster_state", ""),
        "slots_covered": sum(covered),
        "slots_ok": int(info.get("cluster_slots_ok", "0") or 0),
        "nodes": len(nodes),
        "masters": len(masters),
        "replicas": sum(len(found) for found in replicas.values()),
        "least_replicas": min((len(found) for found in replicas.values()), default=0),
        "bare_masters": [master.name for master in masters if not replicas[master.id]],
        "failed": [node.name for node in nodes if node.failed],
        "suspect": [node.name for node in nodes if node.suspect],
        "moving_slots": sum(node.moving for node in nodes),
        "epoch": int(info.get("cluster_current_epoch", "0") or 0),
    }


@dataclass(frozen=True, slots=True)
class View:
    """What one node says of the cluster (节点视图)."""

    nodes: list[Node]
    info: dict[str, str]

    @property
    def map(self) -> frozenset[tuple[str, int, int]]:
        """Who holds which slots, to compare views."""
        return frozenset((node.id, low, high) for node in self.nodes for low, high in node.slots)


async def _view(login: Login, place: tuple[str, int], child: Attempt) -> View:
    talk = await converse(child, place, login)
    try:
        info = read_info(str(await talk.ask("CLUSTER", "INFO") or ""))
        nodes = read_nodes(str(await talk.ask("CLUSTER", "NODES") or ""))
    except Refusal as refusal:
        raise refused(refusal) from refusal
    finally:
        talk.close()
    if not nodes or "cluster_state" not in info:
        raise Failed("对方没有返回集群信息。")
    return View(nodes, info)


async def run(attempt: Attempt, plan: Plan) -> Finding:
    """Ask the seeds at once, then every node they know of, and return the one picture.

    Raises:
        Failed: no seed answered.
    """
    attempt.doing = "wait"
    asked: dict[tuple[str, int], View | Failed] = {}
    for turn in (0, 1):
        if turn == 0:
            wanted = list(plan.seeds)
        else:
            view = next((v for v in asked.values() if isinstance(v, View)), None)
            if view is None or not plan.every:
                break
            wanted = [
                (node.host, node.port)
                for node in view.nodes
                if node.host and (node.host, node.port) not in asked and "noaddr" not in node.flags
            ]
        jobs = [partial(_view, plan.login, place) for place in wanted]
        answers = await together(attempt, jobs, timeout_s=plan.share_s * 0.4)
        asked |= dict(zip(wanted, answers, strict=True))
    views = {place: view for place, view in asked.items() if isinstance(view, View)}
    silent = {f"{host}:{port}": v.message for (host, port), v in asked.items() if isinstance(v, Failed)}
    if not views:
        raise next(v for v in asked.values() if isinstance(v, Failed))
    # the view with the highest epoch is the newest; a node cut off keeps an old one
    best = max(views.values(), key=lambda v: (v.info.get("cluster_state") == "ok", _epoch(v)))
    facts = cluster_facts(best.nodes, best.info)
    facts |= {
        "unreachable": list(silent),
        "unreachable_n": len(silent),
        "views_agree": len({view.map for view in views.values()}) == 1,
        "states_not_ok": [f"{h}:{p}" for (h, p), v in views.items() if v.info.get("cluster_state") != "ok"],
        "failed_n": len(facts["failed"]),
        "suspect_n": len(facts["suspect"]),
        "duration_ms": attempt.elapsed_ms,
    }
    kept = ("slots_covered", "nodes", "masters", "replicas", "failed_n", "suspect_n", "unreachable_n")
    return Finding(
        facts,
        _sentence(facts, silent),
        {name: float(facts[name]) for name in kept},
        "",
        lambda: {
            "nodes": [
                {"address": n.name, "flags": sorted(n.flags), "slots": sum(b - a + 1 for a, b in n.slots)}
                for n in best.nodes
            ],
            "unreachable": silent,
            "info": best.info,
        },
    )


def _epoch(view: View) -> int:
    text = view.info.get("cluster_current_epoch", "0")
    return int(text) if text.isdecimal() else 0


def _sentence(facts: dict[str, Any], silent: dict[str, str]) -> str:
    parts = [f"{facts['masters']} 主 {facts['replicas']} 从，已覆盖 {facts['slots_covered']}/{SLOTS} 个槽"]
    if facts["failed"]:
        parts.append(f"已下线：{named(facts['failed'])}")
    if facts["suspect"]:
        parts.append(f"疑似下线：{named(facts['suspect'])}")
    if facts["bare_masters"]:
        parts.append(f"没有从节点的主节点：{named(facts['bare_masters'])}")
    if silent:
        parts.append(f"连不上：{named(silent)}")
    if not facts["views_agree"]:
        parts.append("各节点所见的槽分布不一致")
    return "；".join(parts)


KIND = Kind(
    name="redis_cluster",
    title="内存数据库集群",
    help="从每个节点读取 CLUSTER INFO 与 CLUSTER NODES，合成一个结论：槽是否全覆盖、哪些节点下线、"
    "每个主节点有几个从节点、各节点所见是否一致。",
    target_label="节点",
    target_help="一个或几个节点，用逗号分隔，例如 10.1.2.3:6379, 10.1.2.4:6379；其余节点自动发现。",
    params=(
        *LOGIN_PARAMS,
        Param(
            "every",
            "连接每个节点",
            ParamType.BOOLEAN,
            True,
            help="不勾选时只问所填的节点；节点在内部网段、探测器连不到时取消勾选。",
        ),
    ),
    facts=(
        Fact("state", "集群状态，正常为 ok"),
        Fact("slots_covered", "有在线主节点负责的槽数，应为 16384", "个"),
        Fact("slots_ok", "集群自报状态正常的槽数", "个"),
        Fact("nodes", "节点数", "个"),
        Fact("masters", "负责槽的主节点数", "个"),
        Fact("replicas", "在线的从节点数", "个"),
        Fact("least_replicas", "从节点最少的主节点有几个从节点", "个"),
        Fact("bare_masters", "没有在线从节点的主节点"),
        Fact("failed", "集群已判定下线的节点"),
        Fact("failed_n", "集群已判定下线的节点数", "个"),
        Fact("suspect", "疑似下线的节点"),
        Fact("suspect_n", "疑似下线的节点数", "个"),
        Fact("unreachable", "探测器连不上的节点"),
        Fact("unreachable_n", "探测器连不上的节点数", "个"),
        Fact("views_agree", "各节点所见的槽分布是否一致"),
        Fact("states_not_ok", "自报集群状态不是 ok 的节点"),
        Fact("moving_slots", "正在迁移的槽数", "个"),
        Fact("epoch", "集群纪元"),
        Fact("duration_ms", "总耗时", "毫秒"),
    ),
    conditions=('state == "ok"', "slots_covered == 16384"),
    warnings=(
        "failed_n == 0 and suspect_n == 0",
        "unreachable_n == 0",
        "least_replicas >= 1",
        "views_agree",
    ),
    prepare=prepare,
    loop_run=run,
    keeps_metrics=True,
    verified_against="Redis 7.0 集群（3 主 3 从）",
)
