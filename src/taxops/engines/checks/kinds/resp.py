"""The Redis protocol, whole replies with arrays (Redis 协议): what cluster and sentinel answer with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from taxops.engines.base import BadInput
from taxops.engines.checks.model import Verdict
from taxops.engines.checks.wire import (
    Attempt,
    Failed,
    Stream,
    excerpt,
    open_stream,
    socket_address,
    tls_context,
)

from .declaration import Param, ParamType
from .places import host_and_port
from .redis_check import command

MOST = 4 * 1024 * 1024
_DEEP = 8
_MANY = 100_000
LOGIN_PARAMS = (
    Param("username", "账号", help="Redis 6 以上的访问控制账号。"),
    Param("password", "口令", secret=True),
    Param("tls", "使用 TLS", ParamType.BOOLEAN, False),
    Param("insecure", "不验证证书", ParamType.BOOLEAN, False),
)


@dataclass(frozen=True, slots=True)
class Login:
    """Under which account and how (登录方式)."""

    username: str
    password: str
    tls: bool
    insecure: bool


def login_of(params: Mapping[str, Any]) -> Login:
    """Return the login among the parameters of a kind with `LOGIN_PARAMS`."""
    return Login(params["username"] or "", params["password"] or "", params["tls"], params["insecure"])


def places(target: str, port: int, *, most: int = 32) -> tuple[tuple[str, int], ...]:
    """Return the addresses in a list divided by commas.

    Raises:
        BadInput: one cannot be used, or there are too many.
    """
    found = [host_and_port(part, port) for part in target.replace("，", ",").split(",") if part.strip()]
    if not 0 < len(found) <= most:
        raise BadInput(f"请填写 1 到 {most} 个地址，用逗号分隔。", field="target")
    return tuple(dict.fromkeys(found))


class Refusal(Exception):
    """An error reply (错误应答): the server understood and refused."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Conversation:
    """One connection: commands out, replies in (会话)."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._data = bytearray()
        self._read = 0

    async def _line(self) -> bytes:
        while True:
            end = self._data.find(b"\r\n")
            if end >= 0:
                line = bytes(self._data[:end])
                del self._data[: end + 2]
                return line
            if self._data and self._data[:1] not in b"+-:$*":
                raise Failed(f"对方返回的不是 Redis 协议，开头是「{excerpt(bytes(self._data), 60)}」。")
            await self._more()

    async def _more(self) -> None:
        more = await self._stream.recv()
        if not more:
            raise Failed("对方在应答中途关闭了连接。" if self._read else "对方没有应答就关闭了连接。")
        self._read += len(more)
        if self._read > MOST:
            raise Failed("应答过大，不像是 Redis 的应答。")
        self._data += more

    async def reply(self, deep: int = 0) -> Any:
        """Return the next reply: text, number, None, or a list of these.

        Raises:
            Refusal: an error reply.
            Failed: it is not RESP.
        """
        line = await self._line()
        sort, rest = line[:1], line[1:]
        if sort == b"+":
            return rest.decode("utf-8", "replace")
        if sort == b"-":
            raise Refusal(rest.decode("utf-8", "replace")[:200])
        digits = rest.removeprefix(b"-")
        if sort not in {b":", b"$", b"*"} or not digits.isdigit() or len(digits) > 18:
            raise Failed(f"对方返回的不是 Redis 协议，开头是「{excerpt(line, 60)}」。")
        size = int(rest)
        if sort == b":":
            return size
        if size < 0:
            return None
        if size > (MOST if sort == b"$" else _MANY) or deep > _DEEP:
            raise Failed("应答过大，不像是 Redis 的应答。")
        if sort == b"*":
            return [await self.reply(deep + 1) for _ in range(size)]
        while len(self._data) < size + 2:
            await self._more()
        value = bytes(self._data[:size])
        del self._data[: size + 2]
        return value.decode("utf-8", "replace")

    async def ask(self, *words: str) -> Any:
        """Send a command and return its reply.

        Raises:
            Refusal: an error reply.
            Failed: the connection broke, or it is not RESP.
        """
        await self._stream.send(command(*words))
        return await self.reply()

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()


async def converse(attempt: Attempt, place: tuple[str, int], login: Login) -> Conversation:
    """Connect, log in where wanted, and return the conversation; the caller closes it.

    Raises:
        Failed: no connection, or the login is refused.
    """
    host, port = place
    stream = await open_stream(attempt, host, port, socket_address(host, port))
    talk = Conversation(stream)
    try:
        if login.tls:
            attempt.begin("tls")
            await stream.start_tls(tls_context(verify=not login.insecure), host)
            attempt.mark("tls", "send")
        attempt.doing = "wait"
        if login.password:
            await talk.ask("AUTH", *([login.username] if login.username else []), login.password)
    except Refusal as refusal:
        talk.close()
        raise refused(refusal) from refusal
    except BaseException:
        talk.close()
        raise
    return talk


def refused(refusal: Refusal) -> Failed:
    """Return the failure that an error reply means."""
    for start, words in (
        ("NOAUTH", "需要口令，请填写「口令」参数"),
        ("WRONGPASS", "账号或口令错误"),
        ("ERR invalid password", "账号或口令错误"),
        ("ERR Client sent AUTH", "对方没有设置口令，请清空「口令」参数"),
        ("ERR AUTH <password> called without", "对方没有设置口令，请清空「口令」参数"),
        ("NOPERM", "账号没有执行所需命令的权限"),
        ("ERR This instance has cluster support disabled", "该节点没有启用集群模式"),
        ("DENIED", "处于保护模式，拒绝来自外部的连接"),
    ):
        if refusal.text.startswith(start):
            return Failed(f"Redis 拒绝：{words}。", Verdict.UNKNOWN)
    if refusal.text.startswith("LOADING"):
        return Failed("Redis 正在从磁盘载入数据，尚不能服务。")
    return Failed(f"Redis 返回错误：{refusal.text[:120]}。")


def pairs(value: Any) -> dict[str, str]:
    """Return a flat list of names and values as a dictionary; what is no such list is empty."""
    if not isinstance(value, list):
        return {}
    return {str(name): str(item) for name, item in zip(value[::2], value[1::2], strict=False)}
