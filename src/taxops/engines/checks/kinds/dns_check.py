"""Kind `dns` (域名): what a name server answers for a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from taxops.engines.base import BadInput
from taxops.engines.checks.model import Verdict
from taxops.engines.checks.wire import Attempt, Failed, Resolver, ask, literal

from .declaration import Fact, Finding, Kind, Param, ParamType, Wanted
from .places import host_and_port

_TYPES = ("A", "AAAA", "CNAME", "MX", "TXT", "NS", "SOA", "SRV", "PTR", "CAA")


@dataclass(frozen=True, slots=True)
class Plan:
    """Which question to which server (域名检查计划)."""

    name: str
    type: str
    server: str
    port: int
    expect: frozenset[str]


def prepare(wanted: Wanted) -> Plan:
    """Return the plan of a check.

    Raises:
        BadInput: the name or the server cannot be used.
    """
    name = wanted.target.rstrip(".")
    try:
        name = name.encode("idna").decode("ascii") if not name.isascii() else name
    except UnicodeError as error:
        raise BadInput(f"「{wanted.target[:80]}」不是有效的域名。", field="target") from error
    if not name or len(name) > 253 or any(not 0 < len(part) < 64 for part in name.split(".")) or " " in name:
        raise BadInput(f"「{wanted.target[:80]}」不是有效的域名。", "例如 etax.example.cn。", field="target")
    server, port = "", 53
    if wanted.params["server"]:
        server, port = host_and_port(wanted.params["server"], 53, field="server")
        if not literal(server):
            raise BadInput("「域名服务器」应填 IP 地址。", "例如 10.1.2.3 或 10.1.2.3:5353。", field="server")
    expect = frozenset(item.rstrip(".").lower() for item in wanted.params["expect"])
    return Plan(name, wanted.params["type"], server, port, expect)


async def run(attempt: Attempt, plan: Plan) -> Finding:
    """Ask and return the answer.

    Raises:
        Failed: no server answered, or there is none to ask.
    """
    attempt.begin("dns")
    server, port = plan.server, plan.port
    if not server:
        names = attempt.names
        servers = names.system().servers if isinstance(names, Resolver) else []
        if not servers:
            raise Failed("本机没有配置域名服务器，请填写「域名服务器」参数。", Verdict.UNKNOWN)
        server = servers[0]
    asked = await ask(attempt, plan.name, plan.type, server, port)
    attempt.mark("dns", "dns")
    answers = sorted(text.rstrip(".") for text in asked.answers)
    facts: dict[str, Any] = {
        "rcode": asked.rcode,
        "answers": answers,
        "answer_count": len(answers),
        "first": answers[0] if answers else "",
        "ttl_s": asked.ttl if answers else 0,
        "authoritative": asked.authoritative,
        "duration_ms": attempt.elapsed_ms,
    }
    problem = ""
    if plan.expect and frozenset(text.lower() for text in answers) != plan.expect:
        shown = "、".join(answers) or "（空）"
        problem = f"解析结果是 {shown[:200]}，与应有结果 {'、'.join(sorted(plan.expect))[:200]} 不符。"
    return Finding(
        facts,
        f"{plan.type} {('、'.join(answers) or asked.rcode)[:120]}，{facts['duration_ms']:.0f} 毫秒",
        {"answer_count": float(len(answers))},
        problem,
        lambda: {
            "server": f"{server}:{port}",
            "rcode": asked.rcode,
            "answers": answers[:50],
            "ttl": asked.ttl,
        },
    )


KIND = Kind(
    name="dns",
    title="域名解析",
    stand_in="按 RFC 1035 应答的域名服务器替身",
    help="向域名服务器查询一个域名，判断是否有应答、应答内容与耗时。",
    target_label="域名",
    target_help="例如 etax.example.cn。",
    params=(
        Param("type", "记录类型", ParamType.CHOICE, "A", choices=tuple((t, t) for t in _TYPES)),
        Param("server", "域名服务器", help="IP 地址，可带端口；留空用本机配置的第一台。"),
        Param("expect", "应有结果", ParamType.LIST, (), help="逗号分隔，次序不计；填写后必须完全相符。"),
    ),
    facts=(
        Fact("rcode", "应答码，正常为 NOERROR"),
        Fact("answers", "应答记录列表"),
        Fact("answer_count", "应答记录数"),
        Fact("first", "第一条应答"),
        Fact("ttl_s", "有效时间", "秒"),
        Fact("authoritative", "是否权威应答"),
        Fact("duration_ms", "总耗时", "毫秒"),
    ),
    conditions=('rcode == "NOERROR"', "answer_count > 0"),
    prepare=prepare,
    loop_run=run,
)
