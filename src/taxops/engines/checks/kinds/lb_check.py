"""Kind `lb` (负载均衡): the virtual address and every member behind it, one verdict with who is out."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from taxops.engines.base import BadInput
from taxops.engines.checks.wire import (
    Attempt,
    Failed,
    Request,
    Tls,
    Url,
    check_header,
    exchange,
    open_stream,
    parse_url,
    socket_address,
)

from .declaration import Fact, Finding, Kind, Param, ParamType, Wanted
from .http_check import TLS_PARAMS, tls_of
from .json_reading import named
from .places import host_and_port
from .together import together

_MOST_MEMBERS = 64
_STATUS = re.compile(r"\d{3}(-\d{3})?")


@dataclass(frozen=True, slots=True)
class Place:
    """The virtual service or one member (探测点): as people call it, where it is, what is sent."""

    name: str
    host: str
    port: int
    request: Request | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is asked what, and how many must answer (负载均衡检查计划)."""

    vip: Place
    members: tuple[Place, ...]
    tls: Tls
    statuses: tuple[tuple[int, int], ...]
    keyword: str
    header: str
    tries: int
    quorum: int
    share_s: float


def read_quorum(text: str, members: int) -> int:
    """Return how many members must be up, from a number or a percentage (rounded up).

    >>> read_quorum("50%", 3), read_quorum("2", 5)
    (2, 2)

    Raises:
        BadInput: it is neither, or more than there are.
    """
    text = text.strip()
    digits = text[:-1].strip() if text.endswith("%") else text
    if not (digits.isdecimal() and len(digits) <= 3):
        raise BadInput("「最少在线」应填个数或百分比。", "例如 2 或 50%。", field="quorum")
    wanted = -(-members * int(digits) // 100) if text.endswith("%") else int(digits)
    if wanted > members:
        raise BadInput(f"「最少在线」要 {wanted} 个，而成员只有 {members} 个。", field="quorum")
    return wanted


def _statuses(text: str) -> tuple[tuple[int, int], ...]:
    found = []
    for part in text.replace("，", ",").split(","):
        if not _STATUS.fullmatch(part.strip()):
            raise BadInput(
                "「正常的状态码」应填状态码或范围。", "例如 200-399 或 200,302。", field="statuses"
            )
        low, _, high = part.strip().partition("-")
        found.append((int(low), int(high or low)))
    return tuple(found)


def _http_place(name: str, host: str, port: int, vip: Url) -> Place:
    url = Url(vip.scheme, vip.host, port, vip.target)
    # every member is asked for the virtual service's own name, as the balancer would
    request = Request("GET", url, (("Host", vip.authority),), limit=262144, connect_host=host).ready()
    return Place(name, host, port, request)


def prepare(wanted: Wanted) -> Plan:
    """Return the plan of a check.

    Raises:
        BadInput: an address or a parameter cannot be used.
    """
    params = wanted.params
    over_http = wanted.target.startswith(("http://", "https://"))
    names = [item.strip() for item in params["members"] if item.strip()]
    if len(names) > _MOST_MEMBERS:
        raise BadInput(f"成员最多 {_MOST_MEMBERS} 个。", field="members")
    url = parse_url(wanted.target) if over_http else None
    host, port = (url.host, url.port) if url else host_and_port(wanted.target)
    members = []
    for item in names:
        label, equals, address = item.partition("=")
        place = host_and_port((address if equals else item).strip(), port, field="members")
        name = label.strip() if equals else f"{place[0]}:{place[1]}"
        members.append(_http_place(name, *place, url) if url else Place(name, *place, None))
    if len({member.name for member in members}) < len(members):
        raise BadInput("成员有重复。", field="members")
    header = (params["identify"] or "").strip().lower()
    if header:
        check_header(header, "x", field="identify")
        if url is None:
            raise BadInput(
                "「成员标识响应头」只用于 http 方式。", "检查对象请填 http:// 网址。", field="identify"
            )
    return Plan(
        vip=_http_place("虚服务", host, port, url) if url else Place("虚服务", host, port, None),
        members=tuple(members),
        tls=replace(tls_of(params), server_name=params["server_name"] or (url.host if url else "")),
        statuses=_statuses(params["statuses"]),
        keyword=params["keyword"] or "",
        header=header,
        tries=params["tries"],
        quorum=read_quorum(params["quorum"], len(members)),
        share_s=wanted.timeout_s * 0.8,
    )


@dataclass(frozen=True, slots=True)
class Knock:
    """What came of asking one place (探测所见): why it is out, if it is, and who answered."""

    reason: str = ""
    identity: str = ""


async def _knock(plan: Plan, place: Place, child: Attempt) -> Knock:
    """Ask one place; an answer of the wrong sort tells its sender all the same.

    Raises:
        Failed: nothing came back.
    """
    if place.request is None:
        address = socket_address(place.host, place.port)
        (await open_stream(child, place.host, place.port, address)).close()
        return Knock()
    done = await exchange(child, place.request, plan.tls)
    status = done.answer.status
    reason = ""
    if not any(low <= status <= high for low, high in plan.statuses):
        reason = f"HTTP {status}"
    elif plan.keyword and plan.keyword not in done.answer.text():
        reason = f"HTTP {status}，但正文中没有「{plan.keyword[:60]}」"
    identity = str(done.answer.headers.get(plan.header, "")) if plan.header else ""
    return Knock(reason, identity.strip()[:200])


def dead_answers(
    plan: Plan, seen: list[str], identities: dict[str, str], out: dict[str, str]
) -> tuple[list[str], list[str]]:
    """Return the members that are out and yet answered through the virtual service, and identities nobody has.

    A member is known by the header it sent itself while it was up, by its name, or by its address.
    """
    dead, strangers = [], []
    for value in dict.fromkeys(item for item in seen if item):
        owners = [
            member.name
            for member in plan.members
            if value
            in {identities.get(member.name), member.name, f"{member.host}:{member.port}", member.host}
        ]
        if not owners:
            strangers.append(value)
        elif all(owner in out for owner in owners):
            dead.extend(owners)
    return dead, strangers


async def run(attempt: Attempt, plan: Plan) -> Finding:
    """Ask the virtual service and all members at once and return the one picture."""
    attempt.doing = "wait"
    places = [plan.vip] * plan.tries + list(plan.members)
    answers = await together(
        attempt, [partial(_knock, plan, place) for place in places], timeout_s=plan.share_s
    )
    knocks = [
        Knock(answer.message.rstrip("。")) if isinstance(answer, Failed) else answer for answer in answers
    ]
    vip, members = knocks[: plan.tries], dict(zip(plan.members, knocks[plan.tries :], strict=True))
    out = {member.name: knock.reason for member, knock in members.items() if knock.reason}
    identities: dict[str, str] = attempt.memory.setdefault("lb_identities", {})
    identities |= {member.name: knock.identity for member, knock in members.items() if knock.identity}
    seen = [knock.identity for knock in vip]
    dead, strangers = dead_answers(plan, seen, identities, out)
    failed = [knock.reason for knock in vip if knock.reason]
    up = len(plan.members) - len(out)
    facts: dict[str, Any] = {
        "vip_ok": not failed,
        "vip_failures": len(failed),
        "vip_reason": failed[0] if failed else "",
        "members": len(plan.members),
        "members_up": up,
        "members_down": len(out),
        "up_percent": 100.0 * up / len(plan.members),
        "quorum": plan.quorum,
        "quorum_ok": up >= plan.quorum,
        "out": list(out),
        "dead_answers": len(dead),
        "strangers": len(strangers),
        "duration_ms": attempt.elapsed_ms,
    }
    return Finding(
        facts,
        _sentence(plan, facts, out, dead, strangers),
        {
            name: round(float(facts[name]), 2)
            for name in ("vip_ok", "members_up", "members_down", "up_percent")
        },
        "",
        lambda: {
            "vip": [knock.reason or "正常" for knock in vip],
            "members": {member.name: out.get(member.name, "正常") for member in plan.members},
            "identities": dict(identities),
            "answered_by": seen,
        },
    )


def _sentence(
    plan: Plan, facts: dict[str, Any], out: dict[str, str], dead: list[str], strangers: list[str]
) -> str:
    parts = ["虚服务正常" if facts["vip_ok"] else f"虚服务不通：{facts['vip_reason']}"]
    parts.append(f"成员 {facts['members_up']}/{facts['members']} 在线，至少需要 {plan.quorum} 个")
    if out:
        parts.append("不在线：" + named(f"{name}（{why}）" for name, why in out.items()))
    if dead:
        parts.append(f"虚服务仍把请求转给已不在线的 {named(dead)}")
    if strangers:
        parts.append(f"虚服务由名单之外的成员应答：{named(strangers)}")
    if not facts["vip_ok"] and facts["members_up"]:
        parts.append("成员在线而虚服务不通，故障在负载均衡本身")
    return "；".join(parts)


KIND = Kind(
    name="lb",
    title="负载均衡",
    help="同时探测虚服务（VIP）与它后面的每个成员，合成一个结论：虚服务通不通、在线成员够不够、"
    "谁不在线、虚服务是否还把请求转给已不在线的成员。",
    target_label="虚服务地址",
    target_help="http://vip.example.cn/health 按网页探测；10.1.2.3:443 只探测端口。",
    params=(
        Param(
            "members",
            "成员",
            ParamType.LIST,
            required=True,
            help="每行一个 主机:端口，或 名称=主机:端口；不写端口时与虚服务相同。",
        ),
        Param("quorum", "最少在线", default="50%", help="在线成员至少要有的个数或百分比，例如 2 或 50%。"),
        Param("statuses", "正常的状态码", default="200-399", help="例如 200-399 或 200,302。"),
        Param("keyword", "应有关键字", most=500, help="正文中必须出现的文字。"),
        Param(
            "identify",
            "成员标识响应头",
            help="成员在哪个响应头里说明自己是谁，例如 X-Server-Id；填写后能发现虚服务仍转给不在线的成员。",
        ),
        Param("tries", "虚服务探测次数", ParamType.INTEGER, 3, least=1, most=20, help="同时发出的次数。"),
        *TLS_PARAMS[:3],
        Param("resume", "TLS 会话复用", ParamType.BOOLEAN, False),
    ),
    facts=(
        Fact("vip_ok", "虚服务的各次探测是否都正常"),
        Fact("vip_failures", "虚服务探测失败的次数", "次"),
        Fact("vip_reason", "虚服务不通的原因"),
        Fact("members", "成员数", "个"),
        Fact("members_up", "在线成员数", "个"),
        Fact("members_down", "不在线成员数", "个"),
        Fact("up_percent", "在线成员比例", "%"),
        Fact("quorum", "最少在线数", "个"),
        Fact("quorum_ok", "在线成员是否达到最少在线数"),
        Fact("out", '不在线成员的名称，例如 "node2" in out'),
        Fact("dead_answers", "不在线却仍在虚服务后面应答的成员数（须填成员标识响应头）", "个"),
        Fact("strangers", "在虚服务后面应答而不在名单里的成员数（须填成员标识响应头）", "个"),
        Fact("duration_ms", "总耗时", "毫秒"),
    ),
    conditions=("vip_ok", "quorum_ok", "dead_answers == 0"),
    warnings=("members_down == 0", "strangers == 0"),
    prepare=prepare,
    loop_run=run,
    keeps_metrics=True,
    verified_against="nginx 1.22（作虚服务）",
)
