"""Kind `es` (检索集群): health, shards, indices and disks of Elasticsearch or OpenSearch."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from taxops.engines.base import BadInput
from taxops.engines.checks.wire import Attempt, Failed

from .declaration import Fact, Finding, Kind, Param, ParamType, Wanted
from .http_check import AUTH_PARAMS, HEADER_PARAM, TLS_PARAMS
from .json_reading import Service, as_object, as_objects, ask, named, number, segment, service_of, text

NAME = "检索集群"
_STATUSES = ("green", "yellow", "red")
_PATTERN = re.compile(r"[^\s/\\?\"<>|#]{1,255}")


@dataclass(frozen=True, slots=True)
class Plan:
    """Which cluster and which of its indices (检索集群检查计划)."""

    service: Service
    indices: str
    disks: bool


def prepare(wanted: Wanted) -> Plan:
    """Return the plan of a check.

    Raises:
        BadInput: the address or a parameter cannot be used.
    """
    indices = (wanted.params["indices"] or "").replace("，", ",").replace(" ", "")
    if indices and not _PATTERN.fullmatch(indices):
        raise BadInput("「索引」应填名称或通配符，用逗号分隔。", "例如 invoice-*,log-*。", field="indices")
    return Plan(service_of(NAME, wanted.target, wanted.params), indices, wanted.params["disks"])


def health_facts(value: Any) -> dict[str, Any]:
    """Return what conditions may speak of, from `_cluster/health`.

    Raises:
        Failed: it is something else.
    """
    health = as_object(NAME, value)
    status = text(health.get("status"))
    if status not in _STATUSES or "number_of_nodes" not in health:
        raise Failed("返回的不是 _cluster/health 的内容，可能不是 Elasticsearch 或 OpenSearch。")
    return {
        "status": status,
        "cluster": text(health.get("cluster_name")),
        "timed_out": health.get("timed_out") is True,
        "nodes": number(health.get("number_of_nodes")),
        "data_nodes": number(health.get("number_of_data_nodes")),
        "primary_shards": number(health.get("active_primary_shards")),
        "shards": number(health.get("active_shards")),
        "shards_percent": number(health.get("active_shards_percent_as_number"), 100.0),
        "unassigned_shards": number(health.get("unassigned_shards")),
        "initializing_shards": number(health.get("initializing_shards")),
        "relocating_shards": number(health.get("relocating_shards")),
        "pending_tasks": number(health.get("number_of_pending_tasks")),
        "task_wait_ms": number(health.get("task_max_waiting_in_queue_millis")),
    }


def index_facts(value: Any) -> dict[str, Any]:
    """Return what conditions may speak of, from `_cat/indices`.

    Raises:
        Failed: it is something else.
    """
    rows = as_objects(NAME, value)

    def of(health: str) -> list[str]:
        return [text(row.get("index")) for row in rows if row.get("health") == health]

    return {
        "indices": len(rows),
        "red_indices": of("red"),
        "red_n": len(of("red")),
        "yellow_indices": of("yellow"),
        "yellow_n": len(of("yellow")),
        "closed_n": sum(1 for row in rows if row.get("status") == "close"),
        "docs": sum(number(row.get("docs.count")) for row in rows),
        "store_bytes": sum(number(row.get("store.size")) for row in rows),
    }


def disk_facts(value: Any) -> dict[str, Any]:
    """Return what conditions may speak of, from `_cat/allocation`; unassigned shards have a row without disk.

    Raises:
        Failed: it is something else.
    """
    rows = [row for row in as_objects(NAME, value) if number(row.get("disk.total")) > 0]
    if not rows:
        return {}
    used = {
        text(row.get("node")): 100.0 * (1 - number(row.get("disk.avail")) / number(row["disk.total"]))
        for row in rows
    }
    fullest = max(used, key=lambda node: used[node])
    return {
        "disk": used,
        "disk_percent": used[fullest],
        "disk_free": min(number(row.get("disk.avail")) for row in rows),
        "fullest_node": fullest,
    }


def growth(attempt: Attempt, docs: float) -> dict[str, float]:
    """Return how many documents came since the last look, and how many a second."""
    last: tuple[int, float] | None = attempt.memory.get("es_docs")
    attempt.memory["es_docs"] = (attempt.wall_ms, docs)
    if last is None or attempt.wall_ms <= last[0]:
        return {}
    grown = docs - last[1]
    return {"docs_growth": grown, "docs_per_s": grown * 1000 / (attempt.wall_ms - last[0])}


async def run(attempt: Attempt, plan: Plan) -> Finding:
    """Ask for health, indices and disks and return what they say.

    Raises:
        Failed: no answer, a refusal, or another sort of server.
    """
    service = plan.service
    raw = await ask(attempt, service, service.request("/_cluster/health"))
    facts = health_facts(raw)
    path = f"/_cat/indices{'/' + segment(plan.indices) if plan.indices else ''}"
    query = "?format=json&bytes=b&h=health,status,index,pri,rep,docs.count,store.size&expand_wildcards=all"
    facts |= index_facts(await ask(attempt, service, service.request(path + query)))
    facts |= growth(attempt, facts["docs"])
    if plan.disks:
        query = "?format=json&bytes=b&h=shards,disk.used,disk.avail,disk.total,disk.percent,node"
        facts |= disk_facts(await ask(attempt, service, service.request("/_cat/allocation" + query)))
    facts["duration_ms"] = attempt.elapsed_ms
    shown = f"状态 {facts['status']}，{facts['nodes']:.0f} 个节点，{facts['indices']} 个索引"
    shown += f"，文档 {facts['docs']:.0f}"
    if facts["unassigned_shards"]:
        shown += f"，未分配分片 {facts['unassigned_shards']:.0f}"
    if facts["red_n"]:
        shown += f"，red 索引：{named(facts['red_indices'])}"
    elif facts["yellow_n"]:
        shown += f"，yellow 索引：{named(facts['yellow_indices'])}"
    if "disk_percent" in facts:
        shown += f"，磁盘最高 {facts['disk_percent']:.0f}%（{facts['fullest_node']}）"
    kept = ("nodes", "unassigned_shards", "pending_tasks", "docs", "store_bytes", "docs_per_s", "disk_percent",
            "red_n", "yellow_n")  # fmt: skip
    return Finding(
        facts,
        shown,
        {name: round(float(facts[name]), 3) for name in kept if name in facts},
        "" if facts["indices"] or not plan.indices else f"没有名称符合「{plan.indices}」的索引。",
        lambda: {"health": raw, "facts": facts},
    )


KIND = Kind(
    name="es",
    title="检索集群",
    stand_in="HTTP 替身，应答经 Elasticsearch 公开规格校验",
    help="检查 Elasticsearch 或 OpenSearch：集群与索引健康、分片、文档增长、磁盘水位。",
    target_label="集群网址",
    target_help="例如 https://10.1.2.3:9200。",
    params=(
        Param("indices", "索引", help="只看这些索引，可用通配符，例如 invoice-*,log-*；留空为全部。"),
        Param("disks", "读取磁盘水位", ParamType.BOOLEAN, True, help="账号没有 monitor 权限时取消勾选。"),
        HEADER_PARAM,
        *AUTH_PARAMS,
        *TLS_PARAMS,
    ),
    facts=(
        Fact("status", "集群状态：green、yellow 或 red"),
        Fact("cluster", "集群名称"),
        Fact("timed_out", "集群应答是否超时"),
        Fact("nodes", "节点数", "个"),
        Fact("data_nodes", "数据节点数", "个"),
        Fact("primary_shards", "活动的主分片数", "个"),
        Fact("shards", "活动的分片数", "个"),
        Fact("shards_percent", "活动分片的比例", "%"),
        Fact("unassigned_shards", "未分配的分片数", "个"),
        Fact("initializing_shards", "正在初始化的分片数", "个"),
        Fact("relocating_shards", "正在迁移的分片数", "个"),
        Fact("pending_tasks", "等待执行的集群任务数", "个"),
        Fact("task_wait_ms", "集群任务最长等待时间", "毫秒"),
        Fact("indices", "索引数", "个"),
        Fact("red_indices", "状态为 red 的索引"),
        Fact("red_n", "状态为 red 的索引数", "个"),
        Fact("yellow_indices", "状态为 yellow 的索引"),
        Fact("yellow_n", "状态为 yellow 的索引数", "个"),
        Fact("closed_n", "已关闭的索引数", "个"),
        Fact("docs", "文档总数", "个"),
        Fact("docs_growth", "与上次检查相比增加的文档数", "个"),
        Fact("docs_per_s", "文档增加的速度", "个/秒"),
        Fact("store_bytes", "索引占用的空间", "字节"),
        Fact("disk", "各节点的磁盘使用率，例如 disk.node1"),
        Fact("disk_percent", "最满的节点的磁盘使用率", "%"),
        Fact("disk_free", "剩余最少的节点的磁盘空间", "字节"),
        Fact("fullest_node", "磁盘最满的节点"),
        Fact("duration_ms", "总耗时", "毫秒"),
    ),
    # 85, 90 and 95 % are the vendor's own low, high and flood watermarks
    conditions=('status != "red" and red_n == 0', "disk_percent < 95 or not exists(disk_percent)"),
    warnings=(
        'status == "green"',
        "disk_percent < 85 or not exists(disk_percent)",
        "pending_tasks < 100",
    ),
    prepare=prepare,
    loop_run=run,
    keeps_metrics=True,
)
