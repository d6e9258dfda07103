"""Addresses of target databases (目标数据库地址): parts that people fill in, one text that is sealed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from taxops.engines.base import BadInput

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.\-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\]")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a target lies and who enters it (连接信息); the password may be left out where it is not to be shown."""

    host: str
    port: int
    database: str
    user: str
    password: str = ""

    @property
    def place(self) -> tuple[str, int, str]:
        """Host, user and port: whom a password is told to. One that moves needs its password anew."""
        return (self.host.lower(), self.port, self.user)


def address_of(parts: Address) -> str:
    """Return the text that the driver wants.

    >>> address_of(Address("db.example", 5432, "征管", "fix", "p@ss/word"))
    'postgresql://fix:p%40ss%2Fword@db.example:5432/%E5%BE%81%E7%AE%A1'

    Raises:
        BadInput: a part that cannot be; says which.
    """
    if not _HOST.fullmatch(parts.host):
        raise BadInput("主机名或地址不正确。", "只写主机名或 IP，不带协议和端口。", field="host")
    if not 1 <= parts.port <= 65535:
        raise BadInput("端口应在 1 到 65535 之间。", field="port")
    for name, value in (("database", parts.database), ("user", parts.user), ("password", parts.password)):
        if not value or any(ord(sign) < 32 for sign in value):
            raise BadInput("库名、用户和口令都要填写，且不含控制字符。", field=name)
    user, password, database = (quote(v, safe="") for v in (parts.user, parts.password, parts.database))
    return f"postgresql://{user}:{password}@{parts.host}:{parts.port}/{database}"


def parts_of(address: str) -> Address:
    """Return the parts of a text that `address_of` or an administrator wrote; the port is 5432 when left out.

    >>> parts_of("postgresql://fix:p%40ss@db.example/core?sslmode=require")
    Address(host='db.example', port=5432, database='core', user='fix', password='p@ss')
    """
    found = urlsplit(address)
    host = found.netloc.rpartition("@")[2]
    host = host[: host.index("]") + 1] if host.startswith("[") else host.partition(":")[0]
    return Address(
        host,
        found.port or 5432,
        unquote(found.path.lstrip("/")),
        unquote(found.username or ""),
        unquote(found.password or ""),
    )
