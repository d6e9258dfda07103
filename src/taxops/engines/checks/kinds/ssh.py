"""SSH for the kinds that look into hosts (远程主机): one connection, a few read-only commands."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from taxops.engines.checks.model import Verdict
from taxops.engines.checks.wire import Failed, of_os_error

from .declaration import Param, ParamType, SideAttempt
from .places import host_and_port

if TYPE_CHECKING:
    import asyncssh

SSH_PARAMS = (
    Param("username", "账号", help="SSH 登录账号，建议使用只读的专用账号。"),
    Param("password", "口令", secret=True, help="SSH 口令；与「私钥」二选一。"),
    Param("private_key", "私钥", ParamType.LINES, secret=True, help="OpenSSH 格式的私钥。"),
    Param(
        "host_key",
        "主机公钥",
        ParamType.LINES,
        help="ssh-keyscan 得到的一行；留空用探测器账号的 known_hosts。",
    ),
    Param("trust_host", "不核对主机公钥", ParamType.BOOLEAN, False, help="只应在测试环境勾选。"),
)


@dataclass(frozen=True, slots=True)
class SshPlace:
    """Where and as whom (远程登录)."""

    host: str
    port: int
    username: str
    password: str
    private_key: str
    host_key: str
    trust_host: bool


def ssh_place(address: str, params: Mapping[str, Any], *, field: str = "target") -> SshPlace:
    """Return where to log in.

    Raises:
        BadInput: the address cannot be used.
    """
    host, port = host_and_port(address, 22, field=field)
    return SshPlace(
        host,
        port,
        params["username"] or "",
        params["password"] or "",
        params["private_key"] or "",
        params["host_key"] or "",
        params["trust_host"],
    )


@asynccontextmanager
async def logged_in(attempt: SideAttempt, place: SshPlace) -> AsyncIterator[asyncssh.SSHClientConnection]:
    """Log in and yield the connection; log out afterwards, without waiting for the other side.

    Raises:
        Failed: no connection, a host key that is not known, or a refused login.
    """
    import asyncssh  # 20 MB; only probers with SSH checks need it

    attempt.doing = "SSH 登录"
    began = attempt.clock()
    try:
        options = _options(place)
        connection = await asyncssh.connect(place.host, place.port, **options)
    except asyncssh.PermissionDenied as error:
        raise Failed("SSH 登录被拒绝：账号、口令或私钥不对。") from error
    except asyncssh.HostKeyNotVerifiable as error:
        raise Failed(
            "SSH 主机公钥与登记的不符或没有登记；请核实后填写「主机公钥」，切勿随意忽略。", Verdict.UNKNOWN
        ) from error
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise Failed("「私钥」或「主机公钥」不是有效的 OpenSSH 密钥。", Verdict.UNKNOWN) from error
    except asyncssh.Error as error:
        raise Failed(f"SSH 连接失败：{error.reason or error}。") from error
    except OSError as error:
        raise of_os_error(error, "SSH 连接") from error
    except ValueError as error:
        raise Failed(f"SSH 参数无效：{error}。", Verdict.UNKNOWN) from error
    attempt.mark("connect", began)
    attempt.note("SSH 已登录", host=place.host, username=place.username)
    try:
        yield connection
    finally:
        connection.abort()


def _options(place: SshPlace) -> dict[str, Any]:
    import asyncssh

    options: dict[str, Any] = {"config": None, "agent_path": None, "request_pty": False}
    if place.username:
        options["username"] = place.username
    if place.private_key:
        options["client_keys"] = [asyncssh.import_private_key(place.private_key)]
    else:
        options["client_keys"] = None
    if place.password:
        options["password"] = place.password
    if place.trust_host:
        options["known_hosts"] = None
    elif place.host_key:
        words = place.host_key.split()
        key = " ".join(words if words[0].startswith(("ssh-", "ecdsa-", "sk-")) else words[1:])
        options["known_hosts"] = ([asyncssh.import_public_key(key)], [], [])
    return options


async def command(
    attempt: SideAttempt, connection: asyncssh.SSHClientConnection, text: str, *, most: int = 1 << 20
) -> tuple[int, bytes, str]:
    """Run a command and return exit code, at most `most` bytes of its output, and the start of its complaints.

    Raises:
        Failed: the connection broke.
    """
    import asyncssh

    attempt.doing = "执行远程命令"
    began = attempt.clock()
    try:
        async with connection.create_process(text, encoding=None) as process:
            output = b""
            while len(output) < most:
                piece = await process.stdout.read(min(65536, most - len(output)))
                if not piece:
                    break
                output += piece
            else:
                process.kill()
            complaints = (
                (await process.stderr.read(2000)).decode("utf-8", "replace") if len(output) < most else ""
            )
            done = await process.wait(check=False)
    except asyncssh.Error as error:
        raise Failed(f"SSH 命令执行失败：{error.reason or error}。") from error
    except OSError as error:
        raise of_os_error(error, "SSH 命令") from error
    attempt.mark("read", began)
    return (done.exit_status if done.exit_status is not None else -1), output, complaints.strip()
