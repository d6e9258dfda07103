"""Reading host and port (主机与端口) as people write them."""

from __future__ import annotations

from taxops.engines.base import BadInput
from taxops.engines.checks.wire import literal


def host_and_port(text: str, default_port: int = 0, *, field: str = "target") -> tuple[str, int]:
    """Return host and port of `host:port`, `[::1]:port`, a bare host, or a URL's host part.

    >>> host_and_port("[::1]:8443"), host_and_port("db.demo.test", 6379)
    (('::1', 8443), ('db.demo.test', 6379))

    Raises:
        BadInput: the text is not an address, or names no port where one is needed.
    """
    text = text.strip()
    help_text = "请写成 主机:端口，例如 10.1.2.3:443 或 [::1]:443。"
    host, port_text = text, ""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise BadInput(f"「{text[:80]}」不是有效的地址。", help_text, field=field)
        port_text = rest[1:]
    elif text.count(":") == 1:
        host, _, port_text = text.partition(":")
    elif text.count(":") > 1 and not literal(text):
        raise BadInput(f"「{text[:80]}」不是有效的地址。", help_text, field=field)
    if not host or any(c.isspace() or c in "/\\?#@" for c in host) or len(host) > 253:
        raise BadInput(f"「{text[:80]}」不是有效的主机名或地址。", help_text, field=field)
    if port_text and not (port_text.isdecimal() and len(port_text) <= 5):
        raise BadInput(f"「{port_text[:20]}」不是端口号。", help_text, field=field)
    port = int(port_text) if port_text else default_port
    if not 0 < port < 65536:
        raise BadInput(f"「{text[:80]}」没有有效的端口。", help_text, field=field)
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise BadInput(f"「{host[:80]}」不是有效的主机名。", help_text, field=field) from error
    return host, port
