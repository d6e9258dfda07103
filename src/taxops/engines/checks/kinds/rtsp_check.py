"""Kind `rtsp` (视频流): a camera or recorder answers OPTIONS and DESCRIBE and offers a video track."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from taxops.engines.base import BadInput
from taxops.engines.checks.model import Verdict
from taxops.engines.checks.wire import Attempt, Failed, Stream, excerpt, open_stream, socket_address

from .declaration import Fact, Finding, Kind, Param, Wanted
from .json_reading import named
from .places import host_and_port

_HEAD = 64 * 1024
_BODY = 256 * 1024
_STATUS = re.compile(rb"RTSP/\d\.\d (\d{3}) ?([^\r\n]*)")
_FIELD = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


@dataclass(frozen=True, slots=True)
class Plan:
    """Which stream under which account (视频流检查计划)."""

    url: str
    host: str
    port: int
    address: tuple[int, Any] | None
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An RTSP response (应答)."""

    status: int
    reason: str
    headers: dict[str, list[str]]
    body: bytes


def prepare(wanted: Wanted) -> Plan:
    """Return the plan of a check.

    Raises:
        BadInput: it is not an rtsp address.
    """
    help_text = "例如 rtsp://10.1.2.3:554/Streaming/Channels/101。"
    parts = urlsplit(wanted.target)
    if parts.scheme != "rtsp" or not parts.netloc or any(ord(char) < 33 for char in wanted.target):
        raise BadInput(f"「{wanted.target[:80]}」不是 rtsp 地址。", help_text, field="target")
    if "@" in parts.netloc:
        raise BadInput("地址中不能带账号和口令。", "请填到「账号」和「口令」参数里。", field="target")
    host, port = host_and_port(parts.netloc, 554)
    path = quote(parts.path or "/", safe="/:@!$&'()*+,;=-._~%")
    shown = f"[{host}]" if ":" in host else host
    query = "?" + quote(parts.query, safe="/:?@!$&'()*+,;=-._~%") if parts.query else ""
    params = wanted.params
    return Plan(
        f"rtsp://{shown}:{port}{path}{query}",
        host,
        port,
        socket_address(host, port),
        params["username"] or "",
        params["password"] or "",
    )


async def _reply(stream: Stream) -> Reply:
    data = b""
    while b"\r\n\r\n" not in data:
        more = await stream.recv()
        if not more:
            raise Failed("对方没有应答完就关闭了连接。" if data else "对方没有应答就关闭了连接。")
        data += more
        if not b"RTSP/".startswith(data[:5]):
            raise Failed(f"对方返回的不是 RTSP 协议，开头是「{excerpt(data, 60)}」。")
        if len(data) > _HEAD:
            raise Failed("RTSP 应答头过大。")
    head, _, body = data.partition(b"\r\n\r\n")
    found = _STATUS.match(head)
    if found is None:
        raise Failed(f"对方返回的不是 RTSP 协议，开头是「{excerpt(data, 60)}」。")
    headers: dict[str, list[str]] = {}
    for line in head.decode("utf-8", "replace").splitlines()[1:]:
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.strip().lower(), []).append(value.strip())
    length = headers.get("content-length", ["0"])[0]
    wanted = int(length) if length.isdecimal() and len(length) < 10 else 0
    if wanted > _BODY:
        raise Failed("RTSP 应答正文过大。")
    while len(body) < wanted:
        more = await stream.recv()
        if not more:
            raise Failed("RTSP 应答正文没有收完，对方就关闭了连接。")
        body += more
    return Reply(int(found[1]), excerpt(found[2], 60), headers, body[:wanted])


def authorization(challenges: list[str], plan: Plan, method: str) -> str:
    """Return the Authorization header that answers a challenge; digest before basic, as RFC 2326 has both.

    Raises:
        Failed: no challenge of a known sort.
    """
    digest = next((c for c in challenges if c.lower().startswith("digest ")), "")
    if digest:
        fields = {name.lower(): quoted or plain for name, quoted, plain in _FIELD.findall(digest[7:])}
        algorithm = fields.get("algorithm", "MD5").upper()
        if algorithm not in {"MD5", "SHA-256"}:
            raise Failed(f"摄像机要求的认证算法 {algorithm[:20]} 不支持。", Verdict.UNKNOWN)

        def digest_of(text: str) -> str:
            made = hashlib.sha256 if algorithm == "SHA-256" else hashlib.md5
            return made(text.encode(), usedforsecurity=False).hexdigest()

        realm, nonce = fields.get("realm", ""), fields.get("nonce", "")
        own = digest_of(f"{plan.username}:{realm}:{plan.password}")
        response = digest_of(f"{own}:{nonce}:{digest_of(f'{method}:{plan.url}')}")
        return (
            f'Digest username="{plan.username}", realm="{realm}", nonce="{nonce}", uri="{plan.url}", '
            f'response="{response}", algorithm={algorithm}'
        )
    if any(c.lower().startswith("basic") for c in challenges):
        return "Basic " + base64.b64encode(f"{plan.username}:{plan.password}".encode()).decode()
    raise Failed("摄像机要求的认证方式不支持。", Verdict.UNKNOWN)


async def _ask(
    attempt: Attempt, stream: Stream, plan: Plan, method: str, number: int, extra: str = ""
) -> Reply:
    words = f"{method} {plan.url} RTSP/1.0\r\nCSeq: {number}\r\nUser-Agent: TaxOps-Prober/1\r\n{extra}\r\n"
    await stream.send(words.encode())
    attempt.doing = "wait"
    reply = await _reply(stream)
    attempt.note(method, status=reply.status, reason=reply.reason)
    return reply


def tracks(sdp: str) -> list[tuple[str, str]]:
    """Return medium and codec of each track of a session description.

    >>> tracks("v=0\\r\\nm=video 0 RTP/AVP 96\\r\\na=rtpmap:96 H265/90000\\r\\nm=audio 0 RTP/AVP 8\\r\\n")
    [('video', 'H265'), ('audio', '')]
    """
    found: list[tuple[str, str]] = []
    for line in sdp.splitlines():
        if line.startswith("m="):
            found.append((line[2:].split(" ", 1)[0], ""))
        elif line.startswith("a=rtpmap:") and found and " " in line:
            found[-1] = (found[-1][0], line.split(" ", 1)[1].split("/", 1)[0][:20])
    return found


async def run(attempt: Attempt, plan: Plan) -> Finding:
    """Ask for options and description and return which tracks are offered.

    Raises:
        Failed: no connection, no RTSP, a refused login, or no such stream.
    """
    stream = await open_stream(attempt, plan.host, plan.port, plan.address)
    try:
        options = await _ask(attempt, stream, plan, "OPTIONS", 1)
        described = await _ask(attempt, stream, plan, "DESCRIBE", 2, "Accept: application/sdp\r\n")
        if described.status == 401 and plan.username:
            proof = authorization(described.headers.get("www-authenticate", []), plan, "DESCRIBE")
            extra = f"Accept: application/sdp\r\nAuthorization: {proof}\r\n"
            described = await _ask(attempt, stream, plan, "DESCRIBE", 3, extra)
        attempt.mark("wait", "read")
    finally:
        stream.close()
    if described.status == 401:
        words = "账号或口令错误" if plan.username else "需要账号和口令"
        raise Failed(f"视频流拒绝访问：{words}。", Verdict.UNKNOWN)
    if described.status == 404:
        raise Failed("没有这一路视频流（404），请核对通道与路径。")
    sdp = described.body.decode("utf-8", "replace")
    offered = tracks(sdp) if described.status == 200 else []
    facts: dict[str, Any] = {
        "options_status": options.status,
        "status": described.status,
        "tracks": len(offered),
        "has_video": any(medium == "video" for medium, _ in offered),
        "has_audio": any(medium == "audio" for medium, _ in offered),
        "codec": next((codec for medium, codec in offered if medium == "video"), ""),
        "server": options.headers.get("server", [""])[0][:100],
        "duration_ms": attempt.elapsed_ms,
    }
    shown = f"DESCRIBE 返回 {described.status} {described.reason}".rstrip()
    if offered:
        shown = "视频流可用：" + named(f"{medium} {codec}".strip() for medium, codec in offered)
    return Finding(
        facts,
        shown,
        {"tracks": float(len(offered))},
        "" if described.status == 200 else f"视频流不可用：{shown}。",
        lambda: {"url": plan.url, "sdp": sdp[:2000], "facts": facts},
    )


KIND = Kind(
    name="rtsp",
    title="视频流",
    stand_in="按 RFC 2326 与摘要认证应答的替身",
    help="向摄像机或录像机请求 RTSP 视频流（OPTIONS、DESCRIBE），核对能否取流、有没有视频轨；不拉取画面。",
    target_label="RTSP 地址",
    target_help="例如 rtsp://10.1.2.3:554/Streaming/Channels/101；账号口令另填。",
    params=(
        Param("username", "账号", help="支持 Digest 与 Basic 认证。"),
        Param("password", "口令", secret=True),
    ),
    facts=(
        Fact("status", "DESCRIBE 的状态码"),
        Fact("options_status", "OPTIONS 的状态码"),
        Fact("has_video", "有没有视频轨"),
        Fact("has_audio", "有没有音频轨"),
        Fact("tracks", "轨数", "个"),
        Fact("codec", "视频编码，例如 H264、H265"),
        Fact("server", "设备自报的名称"),
        Fact("duration_ms", "总耗时", "毫秒"),
    ),
    conditions=("has_video",),
    prepare=prepare,
    loop_run=run,
)
