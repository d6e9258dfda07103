"""Names to addresses (域名解析) without ever blocking the loop: hosts file, cache, and our own UDP queries.

dnspython builds and reads the messages; it is imported when the first name has to be asked for.
"""

from __future__ import annotations

import errno
import select
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from taxops.engines.checks.model import Verdict

from .attempt import Attempt, literal
from .failure import Failed, of_os_error
from .loop import Watched
from .stream import open_stream

if TYPE_CHECKING:
    import dns.message

_TTL_LEAST_S = 1.0
_TTL_MOST_S = 300.0
_NEGATIVE_S = 5.0
_FILES_S = 5.0
_MOST_NAMES = 20_000
_READABLE = select.EPOLLIN | select.EPOLLERR


class _Datagram(Watched):
    """A connected UDP socket of one query."""

    __slots__ = ("sock",)

    def __init__(self, server: str, port: int) -> None:
        super().__init__()
        family = socket.AF_INET6 if ":" in server else socket.AF_INET
        self.sock = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            self.sock.connect((server, port))
        except OSError:
            self.sock.close()
            raise


@dataclass(frozen=True, slots=True)
class Asked:
    """The answer to one DNS question (解析应答)."""

    rcode: str
    answers: tuple[str, ...]
    ttl: float
    authoritative: bool
    server: str


@dataclass(slots=True)
class _System:
    """What the machine's two files say."""

    hosts: dict[str, list[str]] = field(default_factory=dict)
    servers: list[str] = field(default_factory=list)
    search: list[str] = field(default_factory=list)
    ndots: int = 1


def read_hosts(text: str) -> dict[str, list[str]]:
    """Return the addresses of each name in the text of a hosts file."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        words = line.split("#", 1)[0].split()
        if len(words) > 1 and literal(words[0]):
            for name in words[1:]:
                known = found.setdefault(name.lower(), [])
                if words[0] not in known:
                    known.append(words[0])
    for known in found.values():
        known.sort(key=lambda ip: ":" in ip)  # IPv4 first, as the prober tries them in this order
    return found


def read_resolv(text: str) -> tuple[list[str], list[str], int]:
    """Return servers, search domains and ndots of the text of a resolv.conf."""
    servers: list[str] = []
    search: list[str] = []
    ndots = 1
    for line in text.splitlines():
        words = line.split()
        if len(words) < 2:
            continue
        if words[0] == "nameserver" and literal(words[1].split("%")[0]):
            servers.append(words[1])
        elif words[0] in {"search", "domain"}:
            search = words[1:]
        elif words[0] == "options":
            for option in words[1:]:
                if option.startswith("ndots:") and option[6:].isdecimal():
                    ndots = int(option[6:])
    return servers, search, ndots


async def ask(
    attempt: Attempt,
    name: str,
    kind: str,
    server: str,
    port: int = 53,
    *,
    wait_s: float = 1.0,
    tries: int = 3,
) -> Asked:
    """Ask one server one question, again after `wait_s` when nothing comes, over TCP when truncated.

    Raises:
        Failed: no usable answer.
    """
    import dns.exception  # dnspython costs 8 MB; most probers meet addresses and hosts-file names only
    import dns.flags
    import dns.message

    try:
        query = dns.message.make_query(name, kind)
    except (dns.exception.DNSException, ValueError) as error:
        raise Failed(f"「{name}」不是有效的域名。", Verdict.UNKNOWN) from error
    wire = query.to_wire()
    answer = await _ask_udp(attempt, query, wire, server, port, wait_s=wait_s, tries=tries)
    if answer.flags & dns.flags.TC:
        answer = await _ask_tcp(attempt, query, wire, server, port)
    return _read_answer(answer, server)


def _read_answer(answer: dns.message.Message, server: str) -> Asked:
    import dns.flags
    import dns.rcode

    texts: list[str] = []
    ttl = _TTL_MOST_S
    for rrset in answer.answer:
        ttl = min(ttl, float(rrset.ttl))
        if rrset.rdtype == answer.question[0].rdtype:
            texts.extend(item.to_text() for item in rrset)
    return Asked(
        rcode=dns.rcode.to_text(answer.rcode()),
        answers=tuple(texts),
        ttl=ttl,
        authoritative=bool(answer.flags & dns.flags.AA),
        server=server,
    )


def _parse(query: dns.message.Message, packet: bytes) -> dns.message.Message | None:
    """Return the message when it answers this query; None for anything else that came in."""
    import dns.exception
    import dns.message

    try:
        answer = dns.message.from_wire(packet, ignore_trailing=True)
        return answer if query.is_response(answer) else None
    except (dns.exception.DNSException, ValueError, IndexError):
        return None


async def _ask_udp(
    attempt: Attempt,
    query: dns.message.Message,
    wire: bytes,
    server: str,
    port: int,
    *,
    wait_s: float,
    tries: int,
) -> dns.message.Message:
    loop = attempt.loop
    garbage = False
    refused = False
    for _ in range(tries):
        try:
            datagram = _Datagram(server, port)
        except OSError as error:
            raise of_os_error(error, f"查询域名服务器 {server} ") from error
        fd = datagram.sock.fileno()
        try:
            loop.watch(fd, datagram)
            datagram.sock.send(wire)
            until = loop.clock() + wait_s
            while (left := until - loop.clock()) > 0:
                if not datagram.hint & _READABLE and not await loop.wait(datagram, left):
                    break
                try:
                    packet = datagram.sock.recv(65535)
                except BlockingIOError:
                    datagram.hint = 0
                    continue
                answer = _parse(query, packet)
                if answer is not None:
                    return answer
                garbage = True
        except OSError as error:
            if error.errno != errno.ECONNREFUSED:
                raise of_os_error(error, f"查询域名服务器 {server} ") from error
            refused = True
        finally:
            loop.forget(fd)
            datagram.sock.close()
        if refused:
            break
    if refused:
        raise Failed(f"域名服务器 {server}:{port} 没有在服务（端口被拒绝）。")
    if garbage:
        raise Failed(f"域名服务器 {server}:{port} 返回的不是有效的 DNS 应答。")
    raise Failed(f"域名服务器 {server}:{port} 没有应答。")


async def _ask_tcp(
    attempt: Attempt, query: dns.message.Message, wire: bytes, server: str, port: int
) -> dns.message.Message:
    stream = await open_stream(attempt, server, port)
    try:
        await stream.send(len(wire).to_bytes(2, "big") + wire)
        data = b""
        while len(data) < 2 or len(data) < 2 + int.from_bytes(data[:2], "big"):
            more = await stream.recv()
            if not more:
                raise Failed(f"域名服务器 {server}:{port} 中途关闭了连接。")
            data += more
    finally:
        stream.close()
    answer = _parse(query, data[2 : 2 + int.from_bytes(data[:2], "big")])
    if answer is None:
        raise Failed(f"域名服务器 {server}:{port} 返回的不是有效的 DNS 应答。")
    return answer


class Resolver:
    """The machine's resolver, rewritten so that nothing in it can block (解析器).

    Args:
        clock: monotonic seconds.
        hosts: path of the hosts file.
        resolv: path of resolv.conf.
        port: of the name servers; 53 except in tests.
        wait_s: how long the first question waits for its answer.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        hosts: str = "/etc/hosts",
        resolv: str = "/etc/resolv.conf",
        port: int = 53,
        wait_s: float = 1.0,
    ) -> None:
        self._clock = clock
        self._wait_s = wait_s
        self._hosts = Path(hosts)
        self._resolv = Path(resolv)
        self._port = port
        self._system = _System()
        self._read_at = -1e9
        self._stamp: tuple[float, float] | None = None
        self._cache: dict[str, tuple[float, list[str] | Failed]] = {}

    def system(self) -> _System:
        """Return what the two files say, reading them again when they have changed."""
        now = self._clock()
        if now - self._read_at < _FILES_S:
            return self._system
        self._read_at = now
        stamp = (_changed(self._hosts), _changed(self._resolv))
        if stamp != self._stamp:
            self._stamp = stamp
            servers, search, ndots = read_resolv(_text(self._resolv))
            self._system = _System(read_hosts(_text(self._hosts)), servers, search, ndots)
            self._cache.clear()
        return self._system

    def known(self, host: str) -> list[str] | None:
        """Return the addresses of a host that need not be asked for: listed, or answered not long ago."""
        name = host.rstrip(".").lower()
        listed = self.system().hosts.get(name)
        if listed:
            return listed
        cached = self._cache.get(name)
        if cached is None or isinstance(cached[1], Failed) or cached[0] <= self._clock():
            return None
        return cached[1]

    async def resolve(self, attempt: Attempt, host: str) -> list[str]:
        """Return the addresses of a host, IPv4 before IPv6.

        Raises:
            Failed: it has none, or nobody answers.
        """
        name = host.rstrip(".").lower()
        system = self.system()
        listed = system.hosts.get(name)
        if listed:
            return listed
        cached = self._cache.get(name)
        now = self._clock()
        if cached is not None and cached[0] > now:
            if isinstance(cached[1], Failed):
                raise Failed(cached[1].message, cached[1].verdict)
            return cached[1]
        if len(self._cache) >= _MOST_NAMES:
            self._cache.clear()
        try:
            ttl, found = await self._ask_all(attempt, name, system)
        except Failed as error:
            self._cache[name] = (self._clock() + _NEGATIVE_S, error)
            raise
        self._cache[name] = (self._clock() + min(max(ttl, _TTL_LEAST_S), _TTL_MOST_S), found)
        return found

    async def _ask_all(self, attempt: Attempt, name: str, system: _System) -> tuple[float, list[str]]:
        """Return time to live and addresses, asking servers in turn and search domains in order."""
        if not system.servers:
            raise Failed(f"域名「{name}」无法解析：本机没有配置域名服务器。", Verdict.UNKNOWN)
        domains = [f"{name}.{domain}" for domain in system.search]
        names = [name, *domains] if name.count(".") >= system.ndots else [*domains, name]
        for candidate in names:
            for kind in ("A", "AAAA"):
                asked = await self._ask_servers(attempt, candidate, kind, system.servers)
                if asked.answers:
                    return asked.ttl, list(asked.answers)
                if asked.rcode == "NXDOMAIN":
                    break
                if asked.rcode not in {"NOERROR", "NXDOMAIN"}:
                    raise Failed(f"域名「{name}」解析失败：域名服务器回答 {asked.rcode}。")
        raise Failed(f"域名「{name}」不存在或没有地址记录。")

    async def _ask_servers(self, attempt: Attempt, name: str, kind: str, servers: list[str]) -> Asked:
        failure = Failed(f"域名「{name}」无法解析。")
        for tries in (1, 2):  # each server once quickly, then patiently
            for server in servers[:3]:
                try:
                    return await ask(
                        attempt, name, kind, server, self._port, wait_s=self._wait_s * tries, tries=1
                    )
                except Failed as error:
                    failure = Failed(f"域名「{name}」解析失败：{error.message}", error.verdict)
        raise failure


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
