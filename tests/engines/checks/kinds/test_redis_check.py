"""Kind `redis`: PING and INFO over the bare protocol."""

from __future__ import annotations

import pytest

from taxops.engines.checks.kinds.redis_check import info_facts, read_info
from tests.engines.checks.rude import answering, look, serving, silent

INFO = (
    "# Server\r\nredis_version:7.0.15\r\nrole:slave\r\nmaster_link_status:down\r\nused_memory:50\r\n"
    "maxmemory:100\r\nloading:0\r\ndb0:keys=3,expires=0\r\ndb1:keys=4,expires=1\r\n"
)


def bulk(text: str) -> bytes:
    return f"${len(text.encode())}\r\n{text}\r\n".encode()


def test_the_fields_become_facts() -> None:
    facts = info_facts(read_info(INFO))
    assert (facts["role"], facts["link_ok"], facts["keys"], facts["memory_ratio"]) == ("slave", False, 7, 0.5)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (b"-NOAUTH Authentication required.\r\n", "需要口令"),
        (b"-LOADING Redis is loading\r\n", "尚不能服务"),
        (b"-ERR strange\r\n", "返回错误"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "不是 Redis 协议"),
        (b"+PONG\r\n$99999999\r\n", "应答过大"),
        (b"+PONG\r\n$100\r\nhalf", "中途关闭"),
        (b"+NOPE\r\n", "不是 PONG"),
        (b"", "没有应答就关闭"),
        (b"\xff\xfe\x00", "不是 Redis 协议"),
    ],
)
def test_wrong_answers_are_named(reply: bytes, words: str) -> None:
    with serving(answering(reply)) as server:
        result = look("redis", server.address)
    assert result.verdict == "critical"
    assert words in result.message


def test_a_replica_cut_off_from_its_master_is_critical() -> None:
    with serving(answering(b"+PONG\r\n", bulk(INFO))) as server:
        result = look("redis", server.address)
    assert result.verdict == "critical"
    assert "link_ok" in result.message


def test_cluster_state_is_read_when_spoken_of() -> None:
    cluster = bulk("cluster_state:ok\r\ncluster_slots_ok:16384\r\ncluster_known_nodes:6\r\n")
    with serving(answering(b"+PONG\r\n", bulk(INFO), cluster)) as server:
        assert (
            look("redis", server.address, 'cluster_state == "ok" and cluster_slots_ok == 16384').verdict
            == "ok"
        )


def test_a_silent_server_is_given_up_in_time() -> None:
    with serving(silent) as server:
        assert "停在：等待响应" in look("redis", server.address, timeout_s=0.3).message


@pytest.mark.real
def test_a_real_redis_tells_about_itself(redis_port: int) -> None:
    target = f"127.0.0.1:{redis_port}"
    result = look(
        "redis", target, 'role == "master" and persistence_ok and clients >= 1', password="only-for-tests"
    )
    assert result.verdict == "ok", result.message
    assert result.metrics["used_memory"] > 100_000
    assert "需要口令" in look("redis", target).message
    assert "口令错误" in look("redis", target, password="wrong").message
