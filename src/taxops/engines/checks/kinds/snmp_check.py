"""Kind `snmp` (网络设备): the values of some objects by SNMP v2c GET, and the rates of counters."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from taxops.engines.base import BadInput, duration_words
from taxops.engines.checks.wire import Failed, of_os_error

from .declaration import Fact, Finding, Kind, Param, ParamType, SideAttempt, Wanted, Where
from .json_reading import named
from .places import host_and_port
from .snmp_ber import COUNTERS, Malformed, Message, Value, decode, encode_get, encode_oid

if TYPE_CHECKING:
    import asyncio

UPTIME, NAME = "1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.5.0"
_MOST = 40
_ERRORS = {
    1: "应答放不进一个报文，请减少对象",
    2: "没有这个对象",
    5: "设备内部错误",
    6: "团体名没有读取权限",
    16: "团体名没有读取权限",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """Which objects of which device (网络设备检查计划)."""

    host: str
    port: int
    community: str
    oids: dict[str, str]
    tries: int
    timeout_s: float


def prepare(wanted: Wanted) -> Plan:
    """Return the plan of a check.

    Raises:
        BadInput: the address or an object identifier cannot be used.
    """
    params = wanted.params
    host, port = host_and_port(wanted.target, 161)
    oids: dict[str, str] = {}
    for name, oid in params["oids"].items():
        clean = oid.strip().strip(".")
        try:
            encode_oid(clean)
        except ValueError as error:
            raise BadInput(
                f"「{name}」的对象标识「{oid[:60]}」无效。",
                "应是点分的数字，例如 1.3.6.1.2.1.1.3.0。",
                field="oids",
            ) from error
        oids[name] = clean
    if len(oids) > _MOST:
        raise BadInput(f"对象最多 {_MOST} 个。", field="oids")
    return Plan(host, port, params["password"], oids, params["tries"], wanted.timeout_s)


async def _exchange(attempt: SideAttempt, plan: Plan, oids: list[str]) -> Message:
    """Send a request, again when nothing comes, and return the answer that belongs to it."""
    import asyncio  # runs in the asyncio thread only; see threads.py

    loop = asyncio.get_running_loop()
    answers: asyncio.Queue[bytes | OSError] = asyncio.Queue()
    protocol = _datagrams(answers)
    attempt.doing = "等待应答"
    began = attempt.clock()
    try:
        transport, _ = await loop.create_datagram_endpoint(protocol, remote_addr=(plan.host, plan.port))
    except OSError as error:
        raise of_os_error(error, "解析设备地址") from error
    request = secrets.randbelow(1 << 31)
    garbage = ""
    try:
        for _ in range(plan.tries):
            transport.sendto(encode_get(plan.community, request, oids))
            until = attempt.clock() + plan.timeout_s * 0.9 / plan.tries
            while (left := until - attempt.clock()) > 0:
                try:
                    data = await asyncio.wait_for(answers.get(), left)
                except TimeoutError:
                    break
                if isinstance(data, OSError):
                    raise of_os_error(data, "SNMP 请求")
                try:
                    message = decode(data)
                except Malformed:
                    garbage = "，收到的报文不是 SNMP 应答"
                    continue
                if message.request == request:  # an answer to an earlier try is dropped
                    attempt.mark("wait", began)
                    return message
    finally:
        transport.close()
    raise Failed(
        f"设备没有应答 SNMP 请求（发了 {plan.tries} 次{garbage}）；"
        "可能不在线、没有开启 SNMP、团体名不对或不允许本机访问。"
    )


def _datagrams(answers: asyncio.Queue[bytes | OSError]) -> Any:
    import asyncio

    class Datagrams(asyncio.DatagramProtocol):
        """Hands on what arrives; no more than a hundred wait."""

        def datagram_received(self, data: bytes, addr: Any) -> None:
            if answers.qsize() < 100:
                answers.put_nowait(data)

        def error_received(self, exc: Exception) -> None:
            answers.put_nowait(exc if isinstance(exc, OSError) else OSError(str(exc)))

    return Datagrams


def plain(value: Value) -> Any:
    """Return a variable as conditions see it; octets as text where they are text, else as hexadecimal."""
    found = value.value
    if not isinstance(found, bytes):
        return found
    try:
        text = found.decode("utf-8")
    except UnicodeDecodeError:
        return found.hex(":")
    return text if text.isprintable() or not text.strip("\r\n\t ") else found.hex(":")


def counter_rates(
    before: tuple[int, dict[str, int]] | None, at_ms: int, counters: dict[str, tuple[int, int]]
) -> dict[str, float]:
    """Return the growth per second of counters since the last look; a counter that ran over is followed."""
    if before is None or at_ms <= before[0]:
        return {}
    seconds = (at_ms - before[0]) / 1000
    rates = {}
    for name, (tag, value) in counters.items():
        old = before[1].get(name)
        if old is None or (value < old and tag not in COUNTERS):
            continue
        grown = (value - old) % COUNTERS[tag]
        # half the range within one interval is a restart, not a counter that ran over
        if value >= old or grown < COUNTERS[tag] // 2:
            rates[name] = grown / seconds
    return rates


async def run(attempt: SideAttempt, plan: Plan) -> Finding:
    """Ask the device and return its values.

    Raises:
        Failed: no answer, or an answer that refuses.
    """
    message = await _exchange(attempt, plan, [UPTIME, NAME, *plan.oids.values()])
    if message.error:
        words = _ERRORS.get(message.error, f"错误码 {message.error}")
        raise Failed(f"设备拒绝了 SNMP 请求：{words}。")
    values = {name: message.values.get(oid) for name, oid in plan.oids.items()}
    ticks = message.values.get(UPTIME)
    uptime = ticks.value / 100 if ticks is not None and isinstance(ticks.value, int) else None
    last: tuple[float, int] | None = attempt.memory.get("snmp_uptime")
    restarted = last is not None and uptime is not None and uptime < last[0]
    if uptime is not None:
        attempt.memory["snmp_uptime"] = (uptime, attempt.wall_ms)
    counters = {
        name: (found.tag, found.value)
        for name, found in values.items()
        if found is not None and found.tag in COUNTERS and isinstance(found.value, int)
    }
    before = None if restarted else attempt.memory.get("snmp_counters")
    rates = counter_rates(before, attempt.wall_ms, counters)
    attempt.memory["snmp_counters"] = (
        attempt.wall_ms,
        {name: value for name, (_, value) in counters.items()},
    )
    missing = [name for name, found in values.items() if found is None or found.value is None]
    shown_values = {
        name: plain(found) for name, found in values.items() if found is not None and found.value is not None
    }
    system = message.values.get(NAME)
    facts: dict[str, Any] = {
        "value": shown_values,
        "rate": rates,
        "missing": missing,
        "missing_n": len(missing),
        "system": str(plain(system))[:100] if system is not None and system.value is not None else "",
        "restarted": restarted,
        "duration_ms": (attempt.clock() - attempt.began) * 1000,
    }
    if uptime is not None:
        facts["uptime_s"] = uptime
    parts = [f"{facts['system'] or '设备'} 应答正常"]
    if uptime is not None:
        parts.append(f"已运行 {duration_words(uptime)}")
    parts += [f"{name} = {str(value)[:40]}" for name, value in list(shown_values.items())[:4]]
    if missing:
        parts.append(f"设备没有这些对象：{named(missing)}")
    numbers = {n: float(v) for n, v in shown_values.items() if isinstance(v, int)}
    metrics = {**numbers, **{f"{name}_per_s": round(rate, 3) for name, rate in rates.items()}}
    return Finding(facts, "，".join(parts), metrics, "", lambda: {"facts": facts})


KIND = Kind(
    name="snmp",
    title="网络设备（SNMP）",
    help="以 SNMP v2c 读取交换机、路由器、负载均衡、UPS 等设备的对象；计数器另给出每秒速率。",
    target_label="设备地址",
    target_help="例如 10.1.2.1 或 10.1.2.1:161。",
    params=(
        Param("password", "团体名（community）", default="public", secret=True, help="只读团体名。"),
        Param(
            "oids",
            "对象",
            ParamType.MAP,
            {},
            help="每行一个「名称: 对象标识」，例如 in: 1.3.6.1.2.1.31.1.1.1.6.1；运行时间与设备名总会读取。",
        ),
        Param(
            "tries", "发送次数", ParamType.INTEGER, 3, least=1, most=10, help="没有应答时重发，平分超时时间。"
        ),
    ),
    facts=(
        Fact("value", "各对象的值，例如 value.temperature"),
        Fact("rate", "各计数器的每秒增量，例如 rate.in * 8", "每秒"),
        Fact("uptime_s", "SNMP 代理已运行的时间", "秒"),
        Fact("restarted", "上次检查以来是否重启过"),
        Fact("system", "设备名（sysName）"),
        Fact("missing", "设备没有的对象"),
        Fact("missing_n", "设备没有的对象数", "个"),
        Fact("duration_ms", "总耗时", "毫秒"),
    ),
    conditions=("missing_n == 0",),
    warnings=("not restarted",),
    where=Where.SIDE,
    prepare=prepare,
    side_run=run,
    keeps_metrics=True,
    verified_against="Net-SNMP 5.9 snmpd",
)
