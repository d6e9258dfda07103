"""Kind `redis_cluster` against six real nodes, and against servers that only pretend."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from taxops.engines.base import BadInput
from taxops.engines.checks.kinds.redis_cluster_check import SLOTS, cluster_facts, read_nodes
from taxops.engines.checks.wire import Failed
from tests.engines.checks.kinds.peers import free_port, need, running, until
from tests.engines.checks.rude import Talk, answering, look, reset, serving, silent

pytestmark = pytest.mark.real


class Cluster:
    def __init__(self, ports: list[int], processes: list[subprocess.Popen[bytes]]) -> None:
        self.ports = ports
        self.processes = processes

    @property
    def target(self) -> str:
        return ", ".join(f"127.0.0.1:{port}" for port in self.ports[:2])

    def client(self, index: int) -> redis.Redis:
        return redis.Redis(port=self.ports[index], socket_timeout=3)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    program = need("redis-server")
    with contextlib.ExitStack() as stack:
        ports, processes = [free_port() for _ in range(6)], []
        for port in ports:
            folder = tmp_path_factory.mktemp(f"node{port}")
            words = [program, "--port", str(port), "--cluster-enabled", "yes", "--cluster-port",
                     str(free_port()), "--cluster-node-timeout", "3000", "--save", "", "--bind", "127.0.0.1",
                     "--appendonly", "no"]  # fmt: skip
            processes.append(stack.enter_context(running(words, Path(folder), port)))
        made = Cluster(ports, processes)
        form(made)
        yield made


def form(made: Cluster) -> None:
    """Make three masters with a replica each of six single nodes."""
    clients = [made.client(index) for index in range(6)]
    bus = [int(client.config_get("cluster-port")["cluster-port"]) for client in clients]
    for index, client in enumerate(clients):
        client.execute_command("CLUSTER SET-CONFIG-EPOCH", index + 1)
    for index in range(1, 6):
        clients[0].execute_command("CLUSTER MEET", "127.0.0.1", made.ports[index], bus[index])
    for index, (low, high) in enumerate(((0, 5460), (5461, 10922), (10923, 16383))):
        clients[index].execute_command("CLUSTER ADDSLOTSRANGE", low, high)
    until(lambda: all(len(read_nodes(nodes_of(client))) == 6 for client in clients))
    for index in range(3):
        master = str(clients[index].execute_command("CLUSTER MYID"), "ascii")
        until(lambda c=clients[index + 3], m=master: _replicate(c, m))
    # gossip takes its time: every node must have heard of every replica
    until(
        lambda: all(
            look("redis_cluster", f"127.0.0.1:{port}", every=False).verdict == "ok" for port in made.ports
        )
    )


def nodes_of(client: redis.Redis) -> str:
    reply = client.connection_pool.get_connection()
    try:
        reply.send_command("CLUSTER", "NODES")
        return str(reply.read_response(), "utf-8")
    finally:
        client.connection_pool.release(reply)


def _replicate(client: redis.Redis, master: str) -> bool:
    with contextlib.suppress(redis.ResponseError):
        client.execute_command("CLUSTER REPLICATE", master)
        return True
    return False


def test_a_whole_cluster_is_well_and_every_node_is_asked(cluster: Cluster) -> None:
    result = look("redis_cluster", cluster.target)
    assert result.verdict == "ok", result.message
    assert result.metrics["slots_covered"] == SLOTS
    assert (result.metrics["masters"], result.metrics["replicas"]) == (3, 3)
    assert len(result.evidence["nodes"]) == 6


def test_a_replica_that_dies_is_a_warning_and_a_pair_that_dies_is_critical(cluster: Cluster) -> None:
    cluster.processes[5].kill()
    cluster.processes[5].wait()
    until(lambda: look("redis_cluster", cluster.target).metrics["failed_n"] == 1)
    lost = look("redis_cluster", cluster.target)
    assert lost.verdict == "warning"
    assert f"127.0.0.1:{cluster.ports[5]}" in lost.message
    assert "没有从节点的主节点" in lost.message
    cluster.processes[2].kill()
    cluster.processes[2].wait()
    until(lambda: look("redis_cluster", cluster.target).metrics.get("failed_n") == 2)
    dead = look("redis_cluster", cluster.target)
    assert dead.verdict == "critical"
    assert dead.metrics["slots_covered"] == 10923
    assert "state 实际为" in dead.message


def test_a_single_node_without_cluster_mode_says_so(tmp_path: Path) -> None:
    port = free_port()
    with running([need("redis-server"), "--port", str(port), "--save", ""], tmp_path, port):
        result = look("redis_cluster", f"127.0.0.1:{port}")
        locked = look("redis_cluster", f"127.0.0.1:{port}", password="wrong")
    assert "没有启用集群模式" in result.message
    assert locked.verdict == "unknown"
    assert "没有设置口令" in locked.message


@pytest.mark.parametrize(
    ("talk", "words"),
    [
        (silent, "没有应答（停在：等待响应）"),
        (reset, "重置"),
        (answering(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "不是 Redis 协议，开头是「HTTP/1.1 400"),
        (answering(b"$99999999999\r\n"), "应答过大"),
        (answering(b"*3\r\n" * 50), "应答过大"),
        (answering(b"$-1\r\n", b"$-1\r\n"), ""),
        (answering(b":1\r\n:2\r\n"), ""),
        (answering(b"-LOADING Redis is loading\r\n"), "载入数据"),
        (answering(b"\x00" * 100), "不是 Redis 协议"),
    ],
)
def test_pretenders_are_named(talk: Talk, words: str) -> None:
    began = time.monotonic()
    with serving(talk) as server:
        result = look("redis_cluster", server.address, timeout_s=1.0)
    assert result.verdict == "critical"
    assert words in result.message
    assert "内部错误" not in result.message
    assert time.monotonic() - began < 15


def test_views_that_are_none_are_refused() -> None:
    for text in ("one two", "id host:x@1 master - 0 0 1 connected"):
        with pytest.raises(Failed):
            read_nodes(text)


def test_moving_slots_and_nodes_without_address_are_understood() -> None:
    nodes = read_nodes(
        "a 10.0.0.1:6379@16379,host master - 0 0 1 connected 0-8191 [8192->-b]\n"
        "b 10.0.0.2:6379@16379 master,fail - 0 0 2 disconnected 8192-16383\n"
        "c :0@0 slave,noaddr a 0 0 1 disconnected\n"
    )
    facts = cluster_facts(nodes, {"cluster_state": "fail"})
    assert facts["slots_covered"] == 8192
    assert facts["moving_slots"] == 1
    assert facts["failed"] == ["10.0.0.2:6379"]
    assert facts["least_replicas"] == 0


@pytest.mark.parametrize("target", [",", "a b", ",".join(f"h{n}" for n in range(40))])
def test_addresses_that_are_none_are_refused(target: str) -> None:
    with pytest.raises(BadInput) as error:
        look("redis_cluster", target)
    assert error.value.field == "target"
