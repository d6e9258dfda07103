"""Kind `kafka_lag` against librdkafka's mock cluster: a real broker protocol on loopback."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from taxops.engines.base import BadInput
from taxops.engines.checks.kinds.kafka_check import Sample, lag_facts
from tests.engines.checks.rude import look, serving, silent


class Cluster:
    """A mock cluster with a producer and a way to commit."""

    def __init__(self) -> None:
        self.hub = Producer({"test.mock.num.brokers": 2, "bootstrap.servers": "x", "log_level": 0})
        brokers = self.hub.list_topics(timeout=10).brokers.values()
        self.address = ",".join(f"{broker.host}:{broker.port}" for broker in brokers)
        self.producer = Producer({"bootstrap.servers": self.address, "log_level": 0})

    def produce(self, topic: str, count: int) -> None:
        for number in range(count):
            self.producer.produce(topic, value=str(number), partition=number % 4)
        assert self.producer.flush(10) == 0

    def commit(self, topic: str, group: str, offset: int) -> None:
        consumer = Consumer({"bootstrap.servers": self.address, "group.id": group, "log_level": 0})
        consumer.commit(offsets=[TopicPartition(topic, n, offset) for n in range(4)], asynchronous=False)
        consumer.close()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    made = Cluster()
    yield made
    made.producer.flush(1)


@pytest.fixture
def look_at(cluster: Cluster) -> Callable[..., Any]:
    def run(group: str, topic: str, *conditions: str, memory: dict[str, Any] | None = None) -> Any:
        return look(
            "kafka_lag",
            cluster.address,
            *conditions,
            group=group,
            topics=topic,
            memory=memory,
            timeout_s=10.0,
        )

    return run


@pytest.mark.real
def test_lag_growth_and_consumption_are_told(cluster: Cluster, look_at: Callable[..., Any]) -> None:
    cluster.produce("invoices", 40)
    cluster.commit("invoices", "risk", 6)
    memory: dict[str, Any] = {}
    first = look_at("risk", "invoices", "lag == 16 and max_lag == 4 and partitions == 4", memory=memory)
    assert first.verdict == "ok", first.message
    cluster.produce("invoices", 80)
    cluster.commit("invoices", "risk", 10)
    second = look_at("risk", "invoices", "lag == 80 and lag_growth > 0 and consumed_per_s > 0", memory=memory)
    assert second.verdict == "ok", second.message
    third = look_at("risk", "invoices", "not stalled", memory=memory)
    assert third.verdict == "critical"
    assert "已停滞" in third.message


@pytest.mark.real
def test_a_group_that_never_committed_is_named(cluster: Cluster, look_at: Callable[..., Any]) -> None:
    cluster.produce("invoices", 4)
    assert "从未提交过位点" in look_at("nobody", "invoices").message


@pytest.mark.real
def test_no_broker_is_critical_in_time() -> None:
    began = time.monotonic()
    refused = look("kafka_lag", "127.0.0.1:1", group="g", topics="t", timeout_s=1.5)
    assert refused.verdict == "critical"
    with serving(silent) as server:
        hung = look("kafka_lag", server.address, group="g", topics="t", timeout_s=1.5)
    assert hung.verdict == "critical"
    assert time.monotonic() - began < 10


def sample(at: float, high: int, committed: int | None, low: int = 0) -> Sample:
    return Sample(at, {("t", 0): (low, high, committed)})


def test_a_standing_group_is_seen_with_lag_and_without() -> None:
    memory: dict[str, Any] = {}
    before = sample(0, 100, 40)
    lag_facts(None, before, memory)
    facts = lag_facts(before, sample(60, 160, 40), memory)
    assert (facts["stalled"], facts["stalled_s"], facts["lag_growth"], facts["idle_s"]) == (True, 60, 1.0, 0)
    memory = {}
    before = sample(0, 100, 100)
    lag_facts(None, before, memory)
    facts = lag_facts(before, sample(600, 100, 100), memory)
    assert (facts["lag"], facts["stalled"], facts["idle_s"]) == (0, False, 600)


def test_expired_and_rewound_offsets_are_told() -> None:
    facts = lag_facts(None, sample(0, 100, 10, low=30), {})
    assert (facts["lost"], facts["lag"]) == (20, 90)
    assert lag_facts(None, sample(0, 5, 100), {})["rewound"] == 1


@pytest.mark.parametrize(
    ("target", "params", "field"),
    [
        ("h:x", {"group": "g", "topics": "t"}, "target"),
        (",", {"group": "g", "topics": "t"}, "target"),
        ("h:1", {"topics": "t"}, "group"),
        ("h:1", {"group": "g"}, "topics"),
        ("h:1", {"group": "g", "topics": "t", "mechanism": "NONE"}, "mechanism"),
    ],
)
def test_definitions_that_do_not_fit_are_refused(target: str, params: dict[str, str], field: str) -> None:
    with pytest.raises(BadInput) as error:
        look("kafka_lag", target, **params)
    assert error.value.field == field
