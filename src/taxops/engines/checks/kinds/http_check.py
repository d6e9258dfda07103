"""Kind `http` (网页与接口): status, headers, JSON body, keyword, certificate and phases of one request."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from taxops.engines.base import BadInput
from taxops.engines.checks.wire import (
    METHODS,
    Attempt,
    Begun,
    Exchange,
    Request,
    Tls,
    certificate_days,
    check_header,
    fetch,
    parse_url,
)

from .declaration import Fact, Finding, Kind, Param, ParamType, Wanted

PHASES = ("dns", "connect", "tls", "send", "wait", "read")
_SLOW = frozenset({"header", "text", "body", "url", "tls_version"})
TLS_PARAMS = (
    Param(
        "insecure",
        "不验证证书",
        ParamType.BOOLEAN,
        False,
        help="自签名证书的内部系统可勾选；证书另用 tls 检查。",
    ),
    Param("ca_file", "受信任机构文件", help="探测器上的 PEM 文件路径；留空用系统自带的。"),
    Param("server_name", "TLS 主机名", help="SNI 与证书核对用的主机名；留空用网址中的。"),
    Param("resume", "TLS 会话复用", ParamType.BOOLEAN, False, help="减少握手开销；复用时不重新核对证书链。"),
)
AUTH_PARAMS = (
    Param("username", "账号", help="HTTP Basic 认证的账号。"),
    Param("password", "口令", secret=True, help="HTTP Basic 认证的口令。"),
    Param("bearer", "令牌", secret=True, help="放入 Authorization: Bearer 请求头。"),
)
HEADER_PARAM = Param("headers", "请求头", ParamType.MAP, {}, help="每行一个，例如 Accept: application/json。")


@dataclass(frozen=True, slots=True)
class Plan:
    """A request with everything that can be worked out beforehand (请求计划)."""

    request: Request
    tls: Tls
    follow: int
    keyword: str
    absent: str
    names: frozenset[str]
    phases: tuple[tuple[str, str], ...]
    slow_names: bool


def auth_headers(params: Any) -> list[tuple[str, str]]:
    """Return the caller's headers and credentials as header lines.

    Raises:
        BadInput: a header that may not be sent.
    """
    headers = [(str(k), str(v)) for k, v in (params.get("headers") or {}).items()]
    if params.get("bearer"):
        headers.append(("Authorization", f"Bearer {params['bearer']}"))
    elif params.get("username"):
        pair = f"{params['username']}:{params.get('password') or ''}".encode()
        headers.append(("Authorization", "Basic " + base64.b64encode(pair).decode()))
    for name, value in headers:
        check_header(name, value)
    return headers


def tls_of(params: Any) -> Tls:
    """Return the TLS options of a kind that has `TLS_PARAMS`."""
    return Tls(
        verify=not params["insecure"],
        ca_file=params["ca_file"] or "",
        server_name=params["server_name"] or "",
        resume=params["resume"],
    )


def prepare(wanted: Wanted) -> Plan:
    """Return the plan of a check.

    Raises:
        BadInput: the address or a parameter cannot be used.
    """
    params = wanted.params
    body = (params["body"] or "").encode()
    headers = auth_headers(params)
    if body and not any(name.lower() == "content-type" for name, _ in headers):
        is_json = params["body"].lstrip()[:1] in ("{", "[")
        headers.append(
            ("Content-Type", "application/json" if is_json else "application/x-www-form-urlencoded")
        )
    if body and params["method"] in {"GET", "HEAD"}:
        raise BadInput(f"{params['method']} 请求不能带正文。", "请改用 POST 或清空请求正文。", field="method")
    request = Request(
        method=params["method"],
        url=parse_url(wanted.target),
        headers=tuple(headers),
        body=body,
        limit=params["max_body_kib"] * 1024,
        connect_host=params["connect_to"] or "",
    )
    return Plan(
        request=request.ready(),
        tls=tls_of(params),
        follow=params["follow"],
        keyword=params["keyword"] or "",
        absent=params["absent"] or "",
        names=wanted.names,
        phases=tuple((f"{phase}_ms", phase) for phase in PHASES if f"{phase}_ms" in wanted.names),
        slow_names=bool(_SLOW & wanted.names),
    )


def parsed_body(text: str) -> Any:
    """Return a body as JSON, or None when it is none (its absence makes conditions on it fail)."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def exchange_facts(attempt: Attempt, done: Exchange, plan: Plan) -> dict[str, Any]:
    """Return the facts of an exchange; costly ones only when a condition speaks of them."""
    answer = done.answer
    facts: dict[str, Any] = {
        "status": answer.status,
        "size": len(answer.body),
        "duration_ms": attempt.elapsed_ms,
        "redirects": done.redirects,
    }
    for name, phase in plan.phases:
        facts[name] = attempt.phases.get(phase, 0.0)
    if plan.slow_names:
        facts |= _slow_facts(done, plan.names)
    if done.certificate is not None:
        days = certificate_days(done.certificate, attempt.wall_ms)
        if days is not None:
            facts["cert_days"] = days
    return facts


def _slow_facts(done: Exchange, names: frozenset[str]) -> dict[str, Any]:
    answer = done.answer
    facts: dict[str, Any] = {}
    if "header" in names:
        facts["header"] = answer.headers
    if "text" in names:
        facts["text"] = answer.text()
    if "body" in names:
        body = parsed_body(answer.text())
        if body is not None:
            facts["body"] = body
    if "url" in names:
        facts["url"] = str(done.request.url)
    if "tls_version" in names:
        facts["tls_version"] = done.tls_version
    return facts


def _has(done: Exchange, keyword: str) -> bool:
    # bytes are enough for ASCII in every charset that a page may have
    return keyword.encode() in done.answer.body or (not keyword.isascii() and keyword in done.answer.text())


async def run(attempt: Attempt, plan: Plan, begun: Begun | None = None) -> Finding:
    """Make the request, or go on with one that was begun, and return what came back.

    Raises:
        Failed: no complete answer came.
    """
    done = await fetch(attempt, plan.request, plan.tls, follow=plan.follow, begun=begun)
    return finding_of(attempt, done, plan)


def finding_of(attempt: Attempt, done: Exchange, plan: Plan) -> Finding:
    """Return what an exchange came to, for the conditions."""
    answer = done.answer
    facts = exchange_facts(attempt, done, plan)
    problem = ""
    if plan.keyword and not _has(done, plan.keyword):
        problem = f"HTTP {answer.status}，但正文中没有关键字「{plan.keyword}」。"
    elif plan.absent and _has(done, plan.absent):
        problem = f"HTTP {answer.status}，但正文中出现了不应有的「{plan.absent}」。"
    elif "body" in plan.names and "body" not in facts:
        problem = f"HTTP {answer.status}，但正文不是有效的 JSON，无法按条件判断。"
    metrics = {"status": float(answer.status), "size": float(len(answer.body))}
    if "cert_days" in facts:
        metrics["cert_days"] = round(facts["cert_days"], 2)
    return Finding(
        facts,
        f"HTTP {answer.status}，{round(facts['duration_ms'])} 毫秒",
        metrics,
        problem,
        done.evidence,
    )


KIND = Kind(
    name="http",
    title="网页与接口",
    help="请求一个 http 或 https 地址，判断状态码、响应头、JSON 内容、关键字、证书和各阶段耗时。",
    target_label="网址",
    target_help="例如 https://etax.example.cn/health。",
    params=(
        Param("method", "请求方法", ParamType.CHOICE, "GET", choices=tuple((m, m) for m in METHODS)),
        HEADER_PARAM,
        Param("body", "请求正文", ParamType.LINES, help="POST、PUT 等方法发送的内容。"),
        *AUTH_PARAMS,
        Param("keyword", "应有关键字", most=500, help="正文中必须出现的文字。"),
        Param("absent", "不应有文字", most=500, help="正文中不得出现的文字，例如「系统维护中」。"),
        Param("follow", "跟随重定向次数", ParamType.INTEGER, 5, least=0, most=20, help="0 表示不跟随。"),
        *TLS_PARAMS,
        Param(
            "connect_to", "实际连接地址", help="不解析网址中的主机名，改连这个地址（负载均衡后的单个节点）。"
        ),
        Param("max_body_kib", "最多读取正文 KiB", ParamType.INTEGER, 1024, least=1, most=16384),
    ),
    facts=(
        Fact("status", "HTTP 状态码"),
        Fact("header", '响应头，按小写名称取，例如 header["content-type"]'),
        Fact("body", "正文按 JSON 解析后的内容，例如 body.data[0].code"),
        Fact("text", "正文文字"),
        Fact("size", "正文大小", "字节"),
        Fact("duration_ms", "总耗时", "毫秒"),
        Fact("dns_ms", "域名解析耗时", "毫秒"),
        Fact("connect_ms", "建立连接耗时", "毫秒"),
        Fact("tls_ms", "TLS 握手耗时", "毫秒"),
        Fact("send_ms", "发送请求耗时", "毫秒"),
        Fact("wait_ms", "等待首字节耗时", "毫秒"),
        Fact("read_ms", "接收正文耗时", "毫秒"),
        Fact("redirects", "重定向次数"),
        Fact("url", "最后一次请求的网址"),
        Fact("cert_days", "证书剩余天数（验证证书时才有）", "天"),
        Fact("tls_version", "TLS 版本"),
    ),
    conditions=("status >= 200 and status < 300",),
    prepare=prepare,
    loop_run=run,
    verified_against="nginx 1.22",
)
