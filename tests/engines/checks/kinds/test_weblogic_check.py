"""Kind `weblogic` against a stand-in of the RESTful management service."""

from __future__ import annotations

import json
from typing import Any

from tests.engines.checks.kinds.fakes import Answers, http_peer
from tests.engines.checks.kinds.vendor_schemas import WEBLOGIC, fitting
from tests.engines.checks.rude import look

GIB = 1 << 30


def server(name: str, **changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "state": "RUNNING", "health": "ok", "used": GIB, "stuck": 0, "hogging": 1, "pool": "Running",
        "waiting": 0, "jms": 0, **changes,
    }  # fmt: skip
    return {
        "name": name,
        "state": given["state"],
        "healthState": {"state": given["health"], "symptoms": []},
        "activationTime": 1473234973467,
        "JVMRuntime": {"heapSizeMax": 4 * GIB, "heapSizeCurrent": 4 * GIB, "heapFreeCurrent": 4 * GIB - given["used"]},
        "threadPoolRuntime": {
            "executeThreadTotalCount": 25, "executeThreadIdleCount": 5, "hoggingThreadCount": given["hogging"],
            "stuckThreadCount": given["stuck"], "pendingUserRequestCount": 0, "queueLength": 0, "throughput": 12.5,
        },
        "JDBCServiceRuntime": {
            "JDBCDataSourceRuntimeMBeans": {
                "items": [
                    {"name": "taxDS", "state": given["pool"], "activeConnectionsCurrentCount": 4,
                     "currCapacity": 10, "waitingForConnectionCurrentCount": given["waiting"],
                     "failuresToReconnectCount": 0}
                ]
            }
        },
        "JMSRuntime": {"JMSServers": {"items": [
            {"name": "jms1", "messagesCurrentCount": given["jms"], "messagesPendingCount": 0,
             "healthState": {"state": "ok"}}
        ]}},
    }  # fmt: skip


def domain(*servers: dict[str, Any]) -> Answers:
    body = fitting(WEBLOGIC, {"serverRuntimes": {"items": list(servers)}})
    return {"/management/weblogic/latest/domainRuntime/search": body}


def test_a_running_domain_is_well_and_asked_in_one_request() -> None:
    seen: list[bytes] = []
    with http_peer(domain(server("AdminServer"), server("server1", jms=7)), seen) as peer:
        result = look("weblogic", peer.url, servers="server1", username="monitor", password="Pass-1")
    assert result.verdict == "ok", result.message
    assert result.metrics["heap_percent"] == 25
    assert result.metrics["jms_messages"] == 7
    assert len(seen) == 1
    assert b"X-Requested-By: TaxOps" in seen[0]
    asked = json.loads(seen[0].split(b"\r\n\r\n", 1)[1]) if b"\r\n\r\n{" in seen[0] else {}
    assert asked == {} or "serverRuntimes" in asked["children"]


def test_stuck_threads_bad_pools_and_stopped_servers_are_named() -> None:
    troubles = domain(
        server("server1", stuck=2, health="warn"),
        server("server2", pool="Suspended"),
        server("server3", state="ADMIN", health="failed"),
    )
    with http_peer(troubles) as peer:
        result = look("weblogic", peer.url, servers="server1, server4")
    assert result.verdict == "critical"
    for words in ("没有启动：server4", "不在运行：server3（ADMIN）", "有阻塞线程：server1",
                  "数据源异常：server2/taxDS", "server3（FAILED）"):  # fmt: skip
        assert words in result.message


def test_a_full_heap_warns() -> None:
    with http_peer(domain(server("server1", used=int(3.8 * GIB)))) as peer:
        result = look("weblogic", peer.url)
    assert result.verdict == "warning"
    assert "heap_percent 实际为 95" in result.message


def test_a_domain_without_servers_or_parts_is_no_error() -> None:
    with http_peer(domain()) as peer:
        assert "没有任何在运行的服务器" in look("weblogic", peer.url).message
    bare = {"/management": b'{"serverRuntimes": {"items": [{"name": "s", "state": "RUNNING"}]}}'}
    with http_peer(bare) as peer:
        assert look("weblogic", peer.url).verdict == "warning"  # its health is not known
