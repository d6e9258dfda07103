"""Kind `redis_sentinel` against three real sentinels watching a master with two replicas."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from taxops.engines.checks.kinds.redis_sentinel_check import Seen, sentinel_facts
from tests.engines.checks.kinds.peers import free_port, need, running, until
from tests.engines.checks.rude import answering, look, serving, silent

pytestmark = pytest.mark.real


class Watch:
    def __init__(
        self, sentinels: list[int], servers: list[int], processes: dict[int, subprocess.Popen[bytes]]
    ) -> None:
        self.sentinels = sentinels
        self.servers = servers
        self.processes = processes

    @property
    def target(self) -> str:
        return ",".join(f"127.0.0.1:{port}" for port in self.sentinels)

    def kill(self, port: int) -> None:
        self.processes[port].kill()
        self.processes[port].wait()


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    program = need("redis-server")
    servers, sentinels = [free_port() for _ in range(3)], [free_port() for _ in range(3)]
    processes: dict[int, subprocess.Popen[bytes]] = {}
    with contextlib.ExitStack() as stack:
        for port in servers:
            words = [program, "--port", str(port), "--save", "", "--bind", "127.0.0.1"]
            if port != servers[0]:
                words += ["--replicaof", "127.0.0.1", str(servers[0]), "--repl-diskless-sync-delay", "0"]
            folder = Path(tmp_path_factory.mktemp(f"server{port}"))
            processes[port] = stack.enter_context(running(words, folder, port))
        for port in sentinels:
            folder = Path(tmp_path_factory.mktemp(f"sentinel{port}"))
            config = folder / "sentinel.conf"
            config.write_text(
                f"port {port}\nbind 127.0.0.1\nsentinel monitor tax 127.0.0.1 {servers[0]} 2\n"
                "sentinel down-after-milliseconds tax 1000\nsentinel failover-timeout tax 5000\n"
            )
            processes[port] = stack.enter_context(running([program, str(config), "--sentinel"], folder, port))
        made = Watch(sentinels, servers, processes)
        until(lambda: look("redis_sentinel", made.target).verdict == "ok", 40)
        yield made


def test_a_watched_master_with_replicas_is_well(watch: Watch) -> None:
    result = look("redis_sentinel", watch.target, masters="tax")
    assert result.verdict == "ok", result.message
    assert f"tax 的主节点是 127.0.0.1:{watch.servers[0]}" in result.message
    assert result.metrics["least_replicas"] == 2


def test_a_master_nobody_watches_is_critical(watch: Watch) -> None:
    result = look("redis_sentinel", watch.target, masters="tax, other")
    assert result.verdict == "critical"
    assert "没有监视：other" in result.message


def test_a_dead_master_is_down_until_another_takes_over_and_the_move_is_told(watch: Watch) -> None:
    memory: dict[str, object] = {}
    look("redis_sentinel", watch.target, memory=memory)
    watch.kill(watch.servers[0])
    down: list[str] = []

    def moved() -> bool:
        result = look("redis_sentinel", watch.target, memory=memory)
        down.append(result.verdict)
        return "主节点已切换：tax" in result.message

    until(moved, 40)
    assert "critical" in down
    # in the end it is a warning only: the old master is missed as a replica
    until(lambda: look("redis_sentinel", watch.target).verdict == "warning", 40)
    assert look("redis_sentinel", watch.target).metrics["odown_n"] == 0


def test_sentinels_that_are_gone_are_named_and_without_a_majority_it_is_critical(watch: Watch) -> None:
    watch.kill(watch.sentinels[2])
    one = look("redis_sentinel", watch.target)
    assert f"连不上的哨兵：127.0.0.1:{watch.sentinels[2]}" in one.message
    watch.kill(watch.sentinels[1])
    until(lambda: look("redis_sentinel", watch.target).metrics["sentinels_up"] == 1)
    until(lambda: "达不到法定票数" in look("redis_sentinel", watch.target).message)
    assert look("redis_sentinel", watch.target).verdict == "critical"


def test_a_server_that_is_no_sentinel_says_so(tmp_path: Path) -> None:
    port = free_port()
    with running([need("redis-server"), "--port", str(port), "--save", ""], tmp_path, port):
        assert "对方不是哨兵" in look("redis_sentinel", f"127.0.0.1:{port}").message


@pytest.mark.parametrize(
    ("piece", "words"),
    [
        (b"+OK\r\n", "无法识别"),
        (b"*1\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n", "无法识别"),
        (b"*1\r\n:5\r\n", "无法识别"),
        (b"SSH-2.0-x\r\n", "不是 Redis 协议"),
        (b"-NOAUTH Authentication required.\r\n", "需要口令"),
    ],
)
def test_pretenders_are_named(piece: bytes, words: str) -> None:
    with serving(answering(piece)) as server:
        result = look("redis_sentinel", server.address, timeout_s=1.0)
    assert words in result.message
    assert result.verdict in {"critical", "unknown"}


def test_silence_is_given_up_in_time() -> None:
    with serving(silent) as server:
        assert "没有应答" in look("redis_sentinel", server.address, timeout_s=0.5).message


def test_sentinels_that_point_to_different_masters_disagree() -> None:
    def one(address: str) -> dict[str, Seen]:
        return {"tax": Seen(address, frozenset({"master"}), 2, 3, 1, 0, True, "OK")}

    facts = sentinel_facts((), {"a": one("10.0.0.1:6379"), "b": one("10.0.0.2:6379")}, {})
    assert facts["disagree"] == ["tax"]
