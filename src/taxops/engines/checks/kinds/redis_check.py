"""Kind `redis` (内存数据库): PING and INFO over the bare protocol, in the event loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from taxops.engines.checks.wire import (
    Attempt,
    Failed,
    Stream,
    excerpt,
    open_stream,
    socket_address,
    tls_context,
)

from .declaration import Fact, Finding, Kind, Param, ParamType, Wanted
from .places import host_and_port

_MOST = 512 * 1024
_REFUSALS = {
    "NOAUTH": "需要口令，请填写「口令」参数",
    "WRONGPASS": "账号或口令错误",
    "NOPERM": "账号没有执行 INFO 或 PING 的权限",
    "LOADING": "正在从磁盘载入数据，尚不能服务",
    "MASTERDOWN": "从节点与主节点的连接已断开",
    "DENIED": "处于保护模式，拒绝来自外部的连接",
    "ERR max number of clients reached": "连接数已达上限",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """Which server under which account (内存数据库检查计划)."""

    host: str
    port: int
    address: tuple[int, Any] | None
    hello: bytes
    n_hello: int
    tls: bool
    insecure: bool
    cluster: bool


def command(*words: str) -> bytes:
    """Return a command as RESP.

    >>> command("PING")
    b'*1\\r\\n$4\\r\\nPING\\r\\n'
    """
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        raw = word.encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(raw), raw))
    return b"".join(parts)


def prepare(wanted: Wanted) -> Plan:
    """Return the plan of a check.

    Raises:
        BadInput: the address cannot be used.
    """
    host, port = host_and_port(wanted.target, 6379)
    params = wanted.params
    hello, n_hello = b"", 0
    if params["password"]:
        words = ["AUTH", *([params["username"]] if params["username"] else []), params["password"]]
        hello, n_hello = command(*words), 1
    return Plan(
        host,
        port,
        socket_address(host, port),
        hello,
        n_hello,
        params["tls"],
        params["insecure"],
        params["cluster"] or bool({"cluster_state", "cluster_slots_ok"} & wanted.names),
    )


class _Replies:
    """Reads simple, error, number and bulk replies from a stream (应答读取)."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._data = b""

    async def _more(self) -> None:
        more = await self._stream.recv()
        if not more:
            raise Failed("对方在应答中途关闭了连接。" if self._data else "对方没有应答就关闭了连接。")
        self._data += more
        if len(self._data) > _MOST:
            raise Failed("应答过大，不像是内存数据库的应答。")

    async def next(self) -> str:
        """Return the next reply as text.

        Raises:
            Failed: it is an error, or not RESP at all.
        """
        while b"\r\n" not in self._data:
            if self._data and self._data[:1] not in b"+-:$":
                break
            await self._more()
        line, _, rest = self._data.partition(b"\r\n")
        sort, text = line[:1], line[1:].decode("utf-8", "replace")
        if sort in (b"+", b":"):
            self._data = rest
            return text
        if sort == b"-":
            raise Failed(_refusal(text))
        if sort != b"$" or not text.lstrip("-").isdecimal():
            raise Failed(f"对方返回的不是 Redis 协议，开头是「{excerpt(self._data, 60)}」。")
        size = int(text)
        if size < 0:
            self._data = rest
            return ""
        if size > _MOST:
            raise Failed("应答过大，不像是内存数据库的应答。")
        while len(rest) < size + 2:
            self._data = line + b"\r\n" + rest
            await self._more()
            rest = self._data[len(line) + 2 :]
        self._data = rest[size + 2 :]
        return rest[:size].decode("utf-8", "replace")


def _refusal(text: str) -> str:
    for start, words in _REFUSALS.items():
        if text.startswith(start):
            return f"内存数据库拒绝服务：{words}。"
    return f"内存数据库返回错误：{excerpt(text.encode(), 120)}。"


def read_info(text: str) -> dict[str, str]:
    """Return the fields of an INFO reply."""
    pairs = (line.partition(":") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: value.strip() for name, colon, value in pairs if colon}


def _number(info: dict[str, str], name: str) -> float:
    try:
        return float(info.get(name, "0"))
    except ValueError:
        return 0.0


def info_facts(info: dict[str, str]) -> dict[str, Any]:
    """Return what conditions may speak of, from the fields of INFO."""
    used, most = _number(info, "used_memory"), _number(info, "maxmemory")
    hits, misses = _number(info, "keyspace_hits"), _number(info, "keyspace_misses")
    role = info.get("role", "")
    keys = 0
    for name, value in info.items():
        if name.startswith("db") and name[2:].isdecimal() and value.startswith("keys="):
            count = value[5:].split(",", 1)[0]
            keys += int(count) if count.isdecimal() else 0
    facts: dict[str, Any] = {
        "version": info.get("redis_version", ""),
        "role": role,
        "uptime_s": _number(info, "uptime_in_seconds"),
        "clients": _number(info, "connected_clients"),
        "max_clients": _number(info, "maxclients"),
        "blocked_clients": _number(info, "blocked_clients"),
        "used_memory": used,
        "max_memory": most,
        "memory_ratio": used / most if most else 0.0,
        "fragmentation": _number(info, "mem_fragmentation_ratio"),
        "ops_per_s": _number(info, "instantaneous_ops_per_sec"),
        "hit_ratio": hits / (hits + misses) if hits + misses else 1.0,
        "evicted_keys": _number(info, "evicted_keys"),
        "rejected_connections": _number(info, "rejected_connections"),
        "keys": keys,
        "replicas": _number(info, "connected_slaves"),
        "persistence_ok": info.get("rdb_last_bgsave_status", "ok") == "ok"
        and info.get("aof_last_write_status", "ok") == "ok"
        and info.get("aof_last_bgrewrite_status", "ok") == "ok",
        "loading": info.get("loading", "0") == "1",
        "link_ok": role != "slave" or info.get("master_link_status") == "up",
    }
    if role == "slave":
        facts["master_last_io_s"] = _number(info, "master_last_io_seconds_ago")
    return facts


async def run(attempt: Attempt, plan: Plan) -> Finding:
    """Say PING and INFO and return what came back.

    Raises:
        Failed: no connection, a refusal, or another protocol.
    """
    stream = await open_stream(attempt, plan.host, plan.port, plan.address)
    cluster: dict[str, str] = {}
    try:
        if plan.tls:
            attempt.begin("tls")
            await stream.start_tls(tls_context(verify=not plan.insecure), plan.host)
            attempt.mark("tls", "send")
        words = plan.hello + command("PING") + command("INFO")
        await stream.send(words + (command("CLUSTER", "INFO") if plan.cluster else b""))
        attempt.mark("send", "wait")
        replies = _Replies(stream)
        for _ in range(plan.n_hello):
            await replies.next()
        pong = await replies.next()
        attempt.mark("wait", "read")
        if pong.upper() != "PONG":
            raise Failed(f"PING 的应答是「{pong[:60]}」，不是 PONG。")
        info = read_info(await replies.next())
        if plan.cluster:
            cluster = read_info(await replies.next())
        attempt.mark("read", "read")
    finally:
        stream.close()
    facts = info_facts(info)
    if cluster:
        facts["cluster_state"] = cluster.get("cluster_state", "")
        facts["cluster_slots_ok"] = _number(cluster, "cluster_slots_ok")
        facts["cluster_nodes"] = _number(cluster, "cluster_known_nodes")
    facts["duration_ms"] = attempt.elapsed_ms
    kept = (
        "clients",
        "used_memory",
        "memory_ratio",
        "ops_per_s",
        "hit_ratio",
        "keys",
        "replicas",
        "evicted_keys",
    )
    return Finding(
        facts,
        f"{'主' if facts['role'] == 'master' else '从'}节点，内存 {facts['used_memory'] / 1048576:.1f} MiB，"
        f"客户端 {facts['clients']:.0f} 个",
        {name: round(float(facts[name]), 4) for name in kept},
        "",
        lambda: {"facts": facts},
    )


KIND = Kind(
    name="redis",
    title="内存数据库",
    help="连接 Redis，执行 PING 与 INFO：角色、内存、客户端、持久化、主从复制、集群状态。",
    target_label="主机与端口",
    target_help="例如 10.1.2.3:6379；不写端口时为 6379。",
    params=(
        Param("username", "账号", help="Redis 6 以上的访问控制账号。"),
        Param("password", "口令", secret=True),
        Param("tls", "使用 TLS", ParamType.BOOLEAN, False),
        Param("insecure", "不验证证书", ParamType.BOOLEAN, False),
        Param("cluster", "读取集群状态", ParamType.BOOLEAN, False, help="集群模式的节点勾选。"),
    ),
    facts=(
        Fact("role", "角色：master 或 slave"),
        Fact("version", "版本"),
        Fact("uptime_s", "已运行时间", "秒"),
        Fact("clients", "客户端连接数"),
        Fact("max_clients", "客户端连接上限"),
        Fact("blocked_clients", "阻塞中的客户端数"),
        Fact("used_memory", "已用内存", "字节"),
        Fact("max_memory", "内存上限（0 为不限）", "字节"),
        Fact("memory_ratio", "内存使用比例（不限时为 0）"),
        Fact("fragmentation", "内存碎片率"),
        Fact("ops_per_s", "每秒命令数", "次/秒"),
        Fact("hit_ratio", "键命中率"),
        Fact("keys", "键总数"),
        Fact("evicted_keys", "累计淘汰键数"),
        Fact("rejected_connections", "累计拒绝连接数"),
        Fact("replicas", "从节点数"),
        Fact("persistence_ok", "最近一次持久化是否成功"),
        Fact("loading", "是否正在载入数据"),
        Fact("link_ok", "从节点与主节点的连接是否正常（主节点恒为是）"),
        Fact("master_last_io_s", "距上次与主节点通信的时间（从节点）", "秒"),
        Fact("cluster_state", "集群状态，正常为 ok"),
        Fact("cluster_slots_ok", "状态正常的槽数，应为 16384"),
        Fact("cluster_nodes", "集群节点数"),
        Fact("duration_ms", "总耗时", "毫秒"),
    ),
    conditions=("not loading and link_ok", "persistence_ok"),
    warnings=("memory_ratio < 0.9",),
    prepare=prepare,
    loop_run=run,
    keeps_metrics=True,
    verified_against="Redis 7.0",
)
