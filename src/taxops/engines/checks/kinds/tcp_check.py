"""Kind `tcp` (端口): a connection, and where wanted a line sent and an answer expected."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from taxops.engines.base import BadInput
from taxops.engines.checks.conditions.patterns import Pattern, Refused
from taxops.engines.checks.wire import Attempt, Failed, Stream, excerpt, open_stream, socket_address

from .declaration import Fact, Finding, Kind, Param, ParamType, Wanted
from .places import host_and_port

_MOST = 64 * 1024
_ESCAPES = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is sent where and what must come back (端口检查计划)."""

    host: str
    port: int
    address: tuple[int, Any] | None
    send: bytes
    expect: bytes
    pattern: Pattern | None
    expect_text: str
    wants_text: bool


def unescape(text: str) -> bytes:
    r"""Return bytes of a text in which `\r`, `\n`, `\t`, `\0`, `\\` and `\xHH` may stand.

    Raises:
        BadInput: a backslash followed by something else.
    """
    out = bytearray()
    at = 0
    while at < len(text):
        if text[at] != "\\":
            out += text[at].encode()
            at += 1
        elif text[at + 1 : at + 2] in _ESCAPES:
            out += _ESCAPES[text[at + 1]]
            at += 2
        elif re.fullmatch(r"x[0-9a-fA-F]{2}", text[at + 1 : at + 4]):
            out.append(int(text[at + 2 : at + 4], 16))
            at += 4
        else:
            raise BadInput(
                f"发送内容中的「{text[at : at + 4]}」无法识别。", r"可用 \r \n \t \0 \\ \xHH。", field="send"
            )
    return bytes(out)


def prepare(wanted: Wanted) -> Plan:
    """Return the plan of a check.

    Raises:
        BadInput: the address or a parameter cannot be used.
    """
    params = wanted.params
    host, port = host_and_port(wanted.target)
    text = params["expect"] or ""
    pattern = None
    if text and params["is_pattern"]:
        try:
            pattern = Pattern(text)
        except Refused as error:
            raise BadInput(f"「应有应答」{error}", field="expect") from error
    return Plan(
        host=host,
        port=port,
        address=socket_address(host, port),
        send=unescape(params["send"] or ""),
        expect=b"" if pattern else text.encode(),
        pattern=pattern,
        expect_text=text,
        wants_text="text" in wanted.names,
    )


async def run(attempt: Attempt, plan: Plan) -> Finding:
    """Connect, talk where wanted, and return what was seen.

    Raises:
        Failed: no connection, or the expected answer did not come.
    """
    stream = await open_stream(attempt, plan.host, plan.port, plan.address)
    data = b""
    try:
        if plan.send:
            await stream.send(plan.send)
            attempt.mark("send", "wait")
        if plan.expect_text or plan.wants_text:
            data = await _listen(attempt, stream, plan)
    finally:
        stream.close()
    facts: dict[str, Any] = {
        "duration_ms": attempt.elapsed_ms,
        "connect_ms": attempt.phases.get("connect", 0.0),
        "text": data.decode("utf-8", "replace"),
        "size": len(data),
    }
    return Finding(
        facts,
        f"端口已连通，{facts['duration_ms']:.0f} 毫秒",
        {},
        "",
        lambda: {"address": f"{plan.host}:{plan.port}", "received": excerpt(data, 500)},
    )


def _found(plan: Plan, data: bytes) -> bool:
    if plan.pattern is not None:
        return plan.pattern.search(data.decode("utf-8", "replace"))
    return plan.expect in data


async def _listen(attempt: Attempt, stream: Stream, plan: Plan) -> bytes:
    data = b""
    attempt.doing = "wait"
    while len(data) < _MOST:
        more = await stream.recv()
        if not data:
            attempt.mark("wait", "read")
        data += more
        if not plan.expect_text or _found(plan, data):
            return data
        if not more:
            got = f"收到「{excerpt(data, 80)}」" if data else "没有收到任何内容"
            raise Failed(f"对方关闭了连接，{got}，其中没有「{plan.expect_text[:80]}」。")
    raise Failed(f"已收到 {_MOST // 1024} KiB，其中没有「{plan.expect_text[:80]}」。")


KIND = Kind(
    name="tcp",
    title="端口",
    help="连接一个 TCP 端口；可发送一段内容并核对应答。",
    target_label="主机与端口",
    target_help="例如 10.1.2.3:1521。",
    params=(
        Param("send", "发送内容", help=r"连通后发送；可用 \r \n \xHH。"),
        Param("expect", "应有应答", most=500, help="应答中必须出现的文字。"),
        Param("is_pattern", "按正则表达式匹配", ParamType.BOOLEAN, False),
    ),
    facts=(
        Fact("duration_ms", "总耗时", "毫秒"),
        Fact("connect_ms", "建立连接耗时", "毫秒"),
        Fact("text", "收到的文字"),
        Fact("size", "收到的字节数", "字节"),
    ),
    prepare=prepare,
    loop_run=run,
    verified_against="nginx 1.22、Redis 7.0",
)
