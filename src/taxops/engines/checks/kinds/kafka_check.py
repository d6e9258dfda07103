"""Kind `kafka_lag` (消费积压): how far a consumer group is behind, whether that grows, whether it stands still.

Lag is ListOffsets minus the committed offsets of explicit partitions: every broker answers both, and no
group membership is touched.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from taxops.engines.base import BadInput
from taxops.engines.checks.model import Verdict
from taxops.engines.checks.wire import Failed

from .declaration import Fact, Finding, Kind, Param, ParamType, SideAttempt, Wanted, Where
from .places import host_and_port
from .threads import in_thread


@dataclass(frozen=True, slots=True)
class Plan:
    """Which group on which topics (积压检查计划)."""

    brokers: str
    group: str
    topics: tuple[str, ...]
    options: tuple[tuple[str, str], ...]
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Sample:
    """Offsets of all partitions at one instant (位点采样): (topic, partition) to (low, high, committed)."""

    at: float
    offsets: dict[tuple[str, int], tuple[int, int, int | None]] = field(default_factory=dict)


def prepare(wanted: Wanted) -> Plan:
    """Return the plan of a check.

    Raises:
        BadInput: an address or a parameter cannot be used.
    """
    params = wanted.params
    brokers = []
    for part in wanted.target.replace("，", ",").split(","):
        if part.strip():
            host, port = host_and_port(part, 9092)
            brokers.append(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    if not brokers:
        raise BadInput("没有填写 Kafka 地址。", "例如 10.1.2.3:9092,10.1.2.4:9092。", field="target")
    secure, sasl = params["tls"], bool(params["username"])
    options = [("security.protocol", ("SASL_" if sasl else "") + ("SSL" if secure else "PLAINTEXT"))]
    if sasl:
        options += [
            ("sasl.mechanism", params["mechanism"]),
            ("sasl.username", params["username"]),
            ("sasl.password", params["password"] or ""),
        ]
    if secure and params["ca_file"]:
        options.append(("ssl.ca.location", params["ca_file"]))
    if secure and params["insecure"]:
        options.append(("enable.ssl.certificate.verification", "false"))
    return Plan(",".join(brokers), params["group"], tuple(params["topics"]), tuple(options), wanted.timeout_s)


def take_sample(plan: Plan, at: float, deadline_left: float) -> Sample:
    """Ask the brokers for all offsets; blocking, for a thread of its own.

    Raises:
        Failed: no broker answers, or a topic does not exist.
    """
    from confluent_kafka import Consumer, KafkaException, TopicPartition  # 15 MB; only where Kafka is watched

    complaints: list[str] = []
    config = {
        "bootstrap.servers": plan.brokers,
        "group.id": plan.group,
        "enable.auto.commit": False,
        "allow.auto.create.topics": False,
        "socket.timeout.ms": max(1000, int(deadline_left * 1000)),
        "log_level": 0,
        "error_cb": lambda error: complaints.append(str(error)),
        **dict(plan.options),
    }
    try:
        consumer = Consumer(config)
    except KafkaException as error:
        raise Failed(f"Kafka 参数无效：{error.args[0]}。", Verdict.UNKNOWN) from error
    try:
        pairs: list[tuple[str, int]] = []
        for topic in plan.topics:
            metadata = consumer.list_topics(topic, timeout=deadline_left).topics.get(topic)
            if metadata is None or metadata.error is not None or not metadata.partitions:
                raise Failed(f"主题「{topic}」不存在或没有分区。")
            pairs += [(topic, number) for number in sorted(metadata.partitions)]
        committed = consumer.committed([TopicPartition(*pair) for pair in pairs], timeout=deadline_left)
        sample = Sample(at)
        for pair, place in zip(pairs, committed, strict=True):
            if place.error is not None:
                raise Failed(f"读取消费组「{plan.group}」的位点失败：{place.error.str()}。")
            low, high = consumer.get_watermark_offsets(TopicPartition(*pair), timeout=deadline_left)
            sample.offsets[pair] = (low, high, place.offset if place.offset >= 0 else None)
        return sample
    except KafkaException as error:
        raise Failed(_reason(error, complaints)) from error
    finally:
        consumer.close()


def _reason(error: Any, complaints: list[str]) -> str:
    from confluent_kafka import KafkaError

    code = error.args[0].code() if error.args and hasattr(error.args[0], "code") else None
    last = "；".join(complaints)
    if "uthentication" in last or code in (KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED):
        return "Kafka 拒绝了账号或口令。"
    if code in (
        KafkaError._TRANSPORT,
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._TIMED_OUT,
        KafkaError._RESOLVE,
    ):
        return "连接不上任何一台 Kafka 服务器，或没有应答。"
    if code == KafkaError.GROUP_AUTHORIZATION_FAILED or code == KafkaError.TOPIC_AUTHORIZATION_FAILED:
        return "账号没有读取该消费组或主题的权限。"
    return f"Kafka 返回错误：{error.args[0].str() if code is not None else error}。"


def lag_facts(before: Sample | None, now: Sample, memory: dict[str, Any]) -> dict[str, Any]:
    """Return what conditions may speak of, from two samples; keeps since when the group stands still.

    A group that stands still is seen even at zero lag by `idle_s`: nothing was produced either, so
    "no lag" proves nothing.
    """
    lag = most = lost = uncommitted = rewound = 0
    for low, high, place in now.offsets.values():
        if place is None:
            uncommitted += 1
            behind = high - low
        else:
            behind = max(0, high - place)
            rewound += place > high
            lost += max(0, low - place)
        lag += behind
        most = max(most, behind)
    facts: dict[str, Any] = {
        "lag": lag,
        "max_lag": most,
        "partitions": len(now.offsets),
        "uncommitted": uncommitted,
        "lost": lost,
        "rewound": rewound,
    }
    produced = consumed = 0
    if before is not None and now.at > before.at:
        seconds = now.at - before.at
        for pair, (_, high, place) in now.offsets.items():
            _, old_high, old_place = before.offsets.get(pair, (0, high, place))
            produced += max(0, high - old_high)
            consumed += max(0, (place or 0) - (old_place or 0))
        facts["produced_per_s"] = produced / seconds
        facts["consumed_per_s"] = consumed / seconds
        facts["lag_growth"] = (lag - memory.get("lag", lag)) / seconds
    if before is None or consumed or not lag:
        memory["moving_at"] = now.at
    if before is None or produced or consumed:
        memory["busy_at"] = now.at
    memory["lag"] = lag
    facts["stalled_s"] = now.at - memory["moving_at"]
    facts["idle_s"] = now.at - memory["busy_at"]
    facts["stalled"] = lag > 0 and before is not None and consumed == 0 and facts["stalled_s"] > 0
    return facts


async def run(attempt: SideAttempt, plan: Plan) -> Finding:
    """Take a sample and compare it with the last one.

    Raises:
        Failed: no answer from the brokers.
    """
    attempt.doing = "读取 Kafka 位点"
    began = attempt.clock()
    now = await in_thread(lambda: take_sample(plan, began, plan.timeout_s * 0.9))
    attempt.mark("read", began)
    memory = attempt.memory
    facts = lag_facts(memory.get("sample"), now, memory)
    memory["sample"] = now
    facts["duration_ms"] = (attempt.clock() - attempt.began) * 1000
    problem = ""
    if facts["uncommitted"] == facts["partitions"]:
        problem = f"消费组「{plan.group}」在这些主题上从未提交过位点，请核对名称。"
    kept = ("lag", "max_lag", "lost", "lag_growth", "produced_per_s", "consumed_per_s", "stalled_s", "idle_s")
    shown = f"积压 {facts['lag']} 条"
    if facts["stalled"]:
        shown += f"，已停滞 {facts['stalled_s']:.0f} 秒"
    elif "consumed_per_s" in facts:
        shown += f"，每秒消费 {facts['consumed_per_s']:.1f} 条"
    return Finding(
        facts,
        shown,
        {name: round(float(facts[name]), 3) for name in kept if name in facts},
        problem,
        lambda: {
            "partitions": [
                {"topic": topic, "partition": number, "low": low, "high": high, "committed": place}
                for (topic, number), (low, high, place) in list(now.offsets.items())[:200]
            ]
        },
    )


KIND = Kind(
    name="kafka_lag",
    title="消费积压",
    stand_in="librdkafka 自带的模拟集群（真实的 broker 协议）",
    help="读取消费组在各主题上的积压、增长与停滞；不加入消费组，不影响消费。",
    target_label="Kafka 地址",
    target_help="例如 10.1.2.3:9092,10.1.2.4:9092。",
    params=(
        Param("group", "消费组", required=True),
        Param("topics", "主题", ParamType.LIST, required=True, help="逗号分隔。"),
        Param("username", "账号", help="SASL 账号；不填则不认证。"),
        Param("password", "口令", secret=True),
        Param(
            "mechanism",
            "认证方式",
            ParamType.CHOICE,
            "PLAIN",
            choices=(
                ("PLAIN", "PLAIN"),
                ("SCRAM-SHA-256", "SCRAM-SHA-256"),
                ("SCRAM-SHA-512", "SCRAM-SHA-512"),
            ),
        ),
        Param("tls", "使用 TLS", ParamType.BOOLEAN, False),
        Param("ca_file", "受信任机构文件"),
        Param("insecure", "不验证证书", ParamType.BOOLEAN, False),
    ),
    facts=(
        Fact("lag", "总积压", "条"),
        Fact("max_lag", "积压最多的分区", "条"),
        Fact("lag_growth", "积压增长速度（第二次检查起）", "条/秒"),
        Fact("produced_per_s", "生产速度（第二次检查起）", "条/秒"),
        Fact("consumed_per_s", "消费速度（第二次检查起）", "条/秒"),
        Fact("stalled", "有积压而没有消费"),
        Fact("stalled_s", "有积压而没有消费的时间", "秒"),
        Fact("idle_s", "既无生产也无消费的时间（零积压的停滞由它看出）", "秒"),
        Fact("lost", "未消费即过期的条数", "条"),
        Fact("rewound", "位点超出主题末尾的分区数（主题可能被重建）"),
        Fact("uncommitted", "没有提交过位点的分区数"),
        Fact("partitions", "分区数"),
        Fact("duration_ms", "总耗时", "毫秒"),
    ),
    conditions=("lag < 10000", "stalled_s < 300", "lost == 0"),
    warnings=("lag < 1000",),
    where=Where.SIDE,
    prepare=prepare,
    side_run=run,
    keeps_metrics=True,
)
