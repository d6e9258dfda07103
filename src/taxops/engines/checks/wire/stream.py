"""A non-blocking connection (连接): TCP or Unix socket, optionally TLS, with every error in Chinese."""

from __future__ import annotations

import errno
import select
import socket
import ssl
from typing import Any

from .attempt import Attempt, literal
from .failure import Failed, of_os_error, of_tls_error
from .loop import EDGE, Loop, Watched

READABLE = select.EPOLLIN | select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR
_WRITABLE = select.EPOLLOUT
_BROKEN = select.EPOLLERR | select.EPOLLHUP
READING = select.EPOLLIN | select.EPOLLRDHUP | select.EPOLLET
_IN_PROGRESS = errno.EINPROGRESS
_CHUNK = 65536
_STREAM = socket.SOCK_STREAM | socket.SOCK_NONBLOCK
_INET = int(socket.AF_INET)
_INET6 = int(socket.AF_INET6)


def bare_socket(family: int) -> socket.SocketType:
    """Return a non-blocking socket of the bare type: `socket.socket` adds layers of Python not needed here.

    Raises:
        Failed: there are no more descriptors.
    """
    try:
        return socket.SocketType(family, _STREAM)
    except OSError as error:
        raise of_os_error(error, "建立连接") from error


class Stream(Watched):
    """One connection of one attempt. Close it in a `finally`: nothing else does."""

    __slots__ = ("_loop", "_watched", "attempt", "fd", "sent", "sock", "tls")

    def __init__(self, attempt: Attempt, family: int, sock: socket.SocketType | None = None) -> None:
        """Make a socket, or go on with one that the loop watches already."""
        self.attempt = attempt
        self.task = None
        self.hint = 0
        self.sent = 0
        self.tls: ssl.SSLSocket | None = None
        self._loop: Loop = attempt.loop
        self._watched = sock is not None
        self.sock: socket.SocketType = sock or bare_socket(family)
        self.fd = self.sock.fileno()
        if sock is not None:
            self._loop.hand_over(self.fd, self)

    def _watch(self, events: int = EDGE) -> None:
        """Have the loop tell events of the socket; those that are there already are told too."""
        try:
            self._loop.watch(self.fd, self, events)
        except OSError as error:
            raise of_os_error(error, "建立连接") from error
        self._watched = True

    def start(self, address: Any, payload: bytes) -> bool:
        """Connect and send all of `payload` at once, which works on the machine's own addresses; else False.

        There the kernel has shaken hands before the system call returns, so nobody needs to wait for it. What
        is not done then is left to `connect` and `send_rest`.

        Raises:
            Failed: the connection was not made.
        """
        number = self.sock.connect_ex(address)
        if number == _IN_PROGRESS:
            try:
                self.sent = self.sock.send(payload)
            except BlockingIOError:
                return False
            except OSError as error:
                raise of_os_error(error, "连接") from error
            if self.sent == len(payload):
                self._watch(READING)
                return True
        return False

    async def connect(self, address: Any) -> None:
        """Connect to a socket address.

        Raises:
            Failed: the connection was not made.
        """
        number = self.sock.connect_ex(address)
        if not self._watched:
            self._watch()
        while number == errno.EINPROGRESS or number == errno.EALREADY or number == errno.EAGAIN:
            if number == errno.EAGAIN:  # a Unix socket whose backlog is full gives no event
                await self._loop.sleep(0.05)
            else:
                await self._loop.park(self)
                if self.hint & _WRITABLE and not self.hint & _BROKEN:
                    return  # writable and no error: connected; the second system call is spared
            number = self.sock.connect_ex(address)
        if number not in (0, errno.EISCONN):
            raise of_os_error(OSError(number, ""), "连接")

    async def start_tls(
        self,
        context: ssl.SSLContext,
        server_name: str | None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLSocket:
        """Shake hands and return the TLS socket.

        Raises:
            Failed: the other side does not speak TLS, or its certificate is not accepted.
        """
        try:
            tls = context.wrap_socket(
                self.sock,  # type: ignore[arg-type]  # it needs the bare socket's methods only
                server_hostname=server_name,
                do_handshake_on_connect=False,
                session=session,
            )
        except (ValueError, OSError) as error:  # a name that is no name; a peer that is gone already
            raise Failed(f"TLS 握手失败：{error}。") from error
        self.sock = self.tls = tls
        try:
            while True:
                try:
                    tls.do_handshake()
                    return tls
                except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                    await self._loop.wait(self)
        except ssl.SSLError as error:
            raise of_tls_error(error, "TLS 握手") from error
        except OSError as error:
            raise of_os_error(error, "TLS 握手") from error

    def send_now(self, payload: bytes) -> bool:
        """Send all of a small payload without waiting, as nearly always works; False: use `send`.

        Raises:
            Failed: the other side has gone.
        """
        try:
            sent = self.sock.send(payload)
        except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
            sent = 0
        except OSError as error:
            raise of_os_error(error, "发送") from error
        self.sent = sent
        return sent == len(payload)

    async def send(self, payload: bytes) -> None:
        """Send all of `payload`.

        Raises:
            Failed: the other side has gone.
        """
        if not self.send_now(payload):
            await self.send_rest(payload)

    async def send_rest(self, payload: bytes) -> None:
        """Send what `send_now` left over.

        Raises:
            Failed: the other side has gone.
        """
        view = memoryview(payload)[self.sent :]
        while True:
            await self._loop.wait(self)
            try:
                sent = self.sock.send(view)
            except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                continue
            except OSError as error:
                raise of_os_error(error, "发送") from error
            view = view[sent:]
            if not view:
                return

    def take(self, limit: int = _CHUNK) -> bytes | None:
        """Return what has come, nothing when the other side has finished, or None when one must wait.

        Raises:
            Failed: the connection broke.
        """
        try:
            return self.sock.recv(limit)
        except BlockingIOError:
            self.hint = 0
            return None
        except OSError as error:
            raise of_os_error(error, "接收") from error

    async def recv(self, limit: int = _CHUNK) -> bytes:
        """Return what has come, at least one byte, or nothing when the other side has finished.

        Raises:
            Failed: the connection broke.
        """
        if self.tls is None and not self.hint & READABLE:
            await self._loop.wait(self)  # no edge yet, so nothing can be there: spare the system call
        while True:
            try:
                return self.sock.recv(limit)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                self.hint = 0
                await self._loop.wait(self)
            except ssl.SSLZeroReturnError:
                return b""
            except OSError as error:
                raise of_os_error(error, "接收") from error

    def close(self) -> None:
        """Close the connection; calling twice does no harm."""
        if self.fd >= 0:
            self._loop.forget(self.fd)
            self.fd = -1
            try:
                self.sock.close()
            except OSError:  # a reset that the kernel tells only now; there is nobody left to care
                return


async def open_stream(
    attempt: Attempt, host: str, port: int, address: tuple[int, Any] | None = None
) -> Stream:
    """Resolve and connect, trying the addresses of a name one after the other.

    Args:
        attempt: whose phases `dns` and `connect` are booked.
        host: a name or an IP literal, or the path of a Unix socket when `port` is 0.
        port: the port.
        address: family and socket address when the caller knows them already (an IP literal).

    Raises:
        Failed: no address answered.
    """
    if address is not None:
        targets = [address]
        attempt.begin("connect")
    else:
        targets = await addresses(attempt, host, port)
    failure: Failed | None = None
    for family, where in targets:
        stream = Stream(attempt, family)
        try:
            await stream.connect(where)
        except Failed as error:
            stream.close()
            failure = error
            attempt.note("连接失败", address=str(where), reason=error.message)
        except BaseException:
            stream.close()
            raise
        else:
            attempt.mark("connect", "send")
            if attempt.tracing:
                attempt.note(
                    "已连接", address=str(where[0] if isinstance(where, tuple) else where), port=port
                )
            return stream
    attempt.mark("connect", "connect")
    assert failure is not None
    raise failure


def socket_address(host: str, port: int) -> tuple[int, Any] | None:
    """Return family and socket address of an IP literal or a Unix socket path; None for a name."""
    if port == 0 and host.startswith("/"):
        return int(socket.AF_UNIX), host
    family = literal(host)
    if family == _INET:
        return _INET, (host, port)
    if family == _INET6:
        return _INET6, (host, port, 0, 0)
    return None


async def addresses(attempt: Attempt, host: str, port: int) -> list[tuple[int, Any]]:
    """Return the socket addresses of a host, resolving its name when it is one.

    Raises:
        Failed: the name has no address.
    """
    known = socket_address(host, port)
    if known is not None:
        attempt.begin("connect")
        return [known]
    attempt.begin("dns")
    found = await attempt.names.resolve(attempt, host)
    attempt.mark("dns", "connect")
    attempt.note("域名已解析", host=host, addresses=found)
    return [made for ip in found if (made := socket_address(ip, port)) is not None]
