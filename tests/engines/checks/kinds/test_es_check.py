"""Kind `es` against a stand-in whose answers fit the vendor's published specification."""

from __future__ import annotations

from typing import Any

import pytest

from taxops.engines.base import BadInput
from tests.engines.checks.kinds.fakes import Answers, http_peer
from tests.engines.checks.kinds.vendor_schemas import ES_ALLOCATION, ES_HEALTH, ES_INDICES, fitting
from tests.engines.checks.rude import look, page


def health(status: str = "green", **changes: Any) -> bytes:
    value: dict[str, Any] = {
        "cluster_name": "zhfw-log", "status": status, "timed_out": False, "number_of_nodes": 3,
        "number_of_data_nodes": 3, "active_primary_shards": 20, "active_shards": 40, "relocating_shards": 0,
        "initializing_shards": 0, "unassigned_shards": 0, "delayed_unassigned_shards": 0,
        "number_of_pending_tasks": 0, "number_of_in_flight_fetch": 0, "task_max_waiting_in_queue_millis": 0,
        "active_shards_percent_as_number": 100.0, **changes,
    }  # fmt: skip
    return fitting(ES_HEALTH, value)


def index(name: str, health: str = "green", docs: str | None = "100", status: str = "open") -> dict[str, Any]:
    return {"health": health, "status": status, "index": name, "pri": "1", "rep": "1", "docs.count": docs,
            "store.size": "2048" if docs else None}  # fmt: skip


def allocation(*free: int) -> bytes:
    rows: list[dict[str, Any]] = [
        {"shards": "10", "disk.used": str(100 - one), "disk.avail": str(one), "disk.total": "100",
         "disk.percent": str(100 - one), "node": f"node{number}"}
        for number, one in enumerate(free, 1)
    ]  # fmt: skip
    rows.append({"shards": "2", "disk.used": None, "disk.avail": None, "disk.total": None,
                 "disk.percent": None, "node": "UNASSIGNED"})  # fmt: skip
    return fitting(ES_ALLOCATION, rows)


def cluster(**changes: bytes) -> Answers:
    given = {
        "health": health(),
        "indices": fitting(ES_INDICES, [index("invoice-1"), index("log-1", docs="50")]),
        "allocation": allocation(60, 40),
        **changes,
    }
    return {
        "/_cluster/health": given["health"],
        "/_cat/indices": given["indices"],
        "/_cat/allocation": given["allocation"],
    }


def test_a_green_cluster_is_well_and_its_numbers_are_kept() -> None:
    seen: list[bytes] = []
    with http_peer(cluster(), seen) as server:
        result = look("es", server.url, indices="invoice-*,log-*", username="watch", password="Pass-1")
    assert result.verdict == "ok", result.message
    assert result.message.startswith("状态 green，3 个节点，2 个索引，文档 150，磁盘最高 60%（node2）")
    assert result.metrics["docs"] == 150
    assert b"GET /_cat/indices/invoice-%2A%2Clog-%2A?format=json" in seen[1]
    assert all(b"Authorization: Basic" in request for request in seen)
    assert "Pass-1" not in str(result.as_dict())


def test_yellow_warns_red_is_critical_and_the_indices_are_named() -> None:
    yellow = cluster(
        health=health("yellow", unassigned_shards=5),
        indices=fitting(ES_INDICES, [index("log-1", "yellow"), index("old", docs=None, status="close")]),
    )
    red = cluster(health=health("red"), indices=fitting(ES_INDICES, [index("invoice-1", "red")]))
    with http_peer(yellow) as server:
        warned = look("es", server.url)
    with http_peer(red) as server:
        lost = look("es", server.url)
    assert warned.verdict == "warning"
    assert "yellow 索引：log-1" in warned.message
    assert "未分配分片 5" in warned.message
    assert lost.verdict == "critical"
    assert "red 索引：invoice-1" in lost.message


def test_disks_past_the_flood_mark_are_critical() -> None:
    with http_peer(cluster(allocation=allocation(60, 3))) as server:
        result = look("es", server.url)
        unasked = look("es", server.url, disks=False)
    assert result.verdict == "critical"
    assert "disk_percent 实际为 97" in result.message
    assert unasked.verdict == "ok"


def test_growth_is_measured_between_two_looks() -> None:
    memory: dict[str, Any] = {}
    with http_peer(cluster()) as server:
        first = look("es", server.url, "not exists(docs_growth)", memory=memory, wall_ms=1_000_000)
    more = cluster(indices=fitting(ES_INDICES, [index("invoice-1", docs="750")]))
    with http_peer(more) as server:
        second = look("es", server.url, "docs_growth == 600", memory=memory, wall_ms=1_060_000)
        stalled = look("es", server.url, "docs_growth > 0", memory=memory, wall_ms=1_120_000)
    assert first.verdict == "ok"
    assert second.verdict == "ok", second.message
    assert second.metrics["docs_per_s"] == 10
    assert stalled.verdict == "critical"


def test_a_pattern_without_any_index_is_critical() -> None:
    with http_peer(cluster(indices=b"[]")) as server:
        assert "没有名称符合「nothing-*」的索引" in look("es", server.url, indices="nothing-*").message


def test_a_refused_login_is_unknown() -> None:
    with http_peer({"/": page(b"{}", "401 Unauthorized")}) as server:
        result = look("es", server.url)
    assert result.verdict == "unknown"
    assert "账号或口令不对" in result.message


def test_patterns_with_paths_in_them_are_refused() -> None:
    with pytest.raises(BadInput) as error:
        look("es", "http://127.0.0.1:1", indices="../_search")
    assert error.value.field == "indices"
