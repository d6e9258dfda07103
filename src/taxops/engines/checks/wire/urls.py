"""Addresses of pages (网址) as people write them, and as the wire wants them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urlsplit

from taxops.engines.base import BadInput

_SAFE = "/:?#[]@!$&'()*+,;=%-._~"


@dataclass(frozen=True, slots=True)
class Url:
    """An http or https address taken apart (网址)."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def secure(self) -> bool:
        """Whether TLS is spoken."""
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """What stands in the `Host` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port: credentials go nowhere else."""
        return self.scheme, self.host, self.port

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"


def parse_url(text: str, *, field: str = "target") -> Url:
    """Return the parts of an address as people write it.

    >>> str(parse_url("http://demo.test/缴税?q=1 2"))
    'http://demo.test/%E7%BC%B4%E7%A8%8E?q=1%202'

    Raises:
        BadInput: it is not an http or https address.
    """
    text = text.strip()
    help_text = "请写成 http://主机[:端口]/路径 或 https://主机[:端口]/路径。"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise BadInput(f"「{short(text)}」不是有效的网址。", help_text, field=field) from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadInput(f"「{short(text)}」不是 http 或 https 网址。", help_text, field=field)
    if parts.username or parts.password:
        raise BadInput("网址中不能带账号和口令。", "请把它们填到「账号」和「口令」参数里。", field=field)
    host = _host(parts.hostname, text, field)
    if port == 0:
        raise BadInput(f"「{short(text)}」的端口无效。", help_text, field=field)
    return Url(parts.scheme, host, port or (443 if parts.scheme == "https" else 80), _target(parts))


def _target(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe=_SAFE)
    return path + ("?" + quote(parts.query, safe=_SAFE) if parts.query else "")


def _host(host: str, text: str, field: str) -> str:
    try:
        name = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise BadInput(f"「{short(text)}」中的主机名无效。", field=field) from error
    if any(c <= " " or c in '\\<>"^`{|}\x7f' for c in name):
        raise BadInput(f"「{short(text)}」中的主机名无效。", field=field)
    return name


def short(text: str) -> str:
    """Return a text cut for a message."""
    return text if len(text) <= 80 else text[:77] + "…"
