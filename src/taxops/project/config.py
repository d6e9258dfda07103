"""The installation's settings (安装参数), read once from the environment into one typed value."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from taxops.engines.base import BadInput


@dataclass(frozen=True, slots=True)
class Config:
    """What one installation is told from outside; everything has a default that works.

    Args:
        data: folder for the embedded database, files, spools and keys (`TAXOPS_DATA`).
        database_url: `sqlite:///…` or `postgresql://…` (`TAXOPS_DATABASE_URL`); empty: SQLite in `data`.
        host: address to listen on (`TAXOPS_HOST`).
        port: port to listen on (`TAXOPS_PORT`).
        demo: whether this is a demonstration (`TAXOPS_DEMO`): one-click login, lab buttons, `/kit/`.
        demo_password: of every demonstration account (`TAXOPS_DEMO_PASSWORD`).
        redis_url: where live events go when several web processes run (`TAXOPS_REDIS_URL`).
        public_url: how people reach the site (`TAXOPS_PUBLIC_URL`), for links in notices and QR codes.
        trusted_proxies: networks of reverse proxies whose `X-Forwarded-For` is believed
            (`TAXOPS_TRUSTED_PROXIES`, separated by commas).
        secret_key: signs sessions; from `TAXOPS_SECRET_KEY` or made once in `data`.
    """

    data: Path
    database_url: str
    host: str
    port: int
    demo: bool
    demo_password: str
    redis_url: str
    public_url: str
    trusted_proxies: tuple[str, ...]
    secret_key: str


def _proxies(text: str) -> tuple[str, ...]:
    """Return networks in canonical form.

    Raises:
        BadInput: one is no address and no network.
    """
    found = []
    for part in text.replace("，", ",").split(","):
        if part.strip():
            try:
                found.append(str(ip_network(part.strip(), strict=False)))
            except ValueError as error:
                raise BadInput(
                    f"TAXOPS_TRUSTED_PROXIES 中的「{part.strip()}」不是网络地址。",
                    "写作 127.0.0.1 或 10.1.2.0/24。",
                ) from error
    return tuple(found)


def _port(text: str) -> int:
    try:
        port = int(text)
    except ValueError:
        port = -1
    if not 0 < port < 65536:
        raise BadInput(f"TAXOPS_PORT 的值「{text}」不是端口号。", "请填写 1 到 65535 之间的整数。")
    return port


def _secret_key(data: Path) -> str:
    """Return the key kept in the data folder, making it on first use; readable by the owner only."""
    path = data / "secret.key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass  # the first start: make it below
    key = secrets.token_urlsafe(48)
    draft = data / f"secret.key.{os.getpid()}"
    draft.touch(mode=0o600)
    draft.write_text(key)
    try:
        os.link(draft, path)  # only one of several starting processes wins
    except FileExistsError:
        key = path.read_text().strip()
    finally:
        draft.unlink()
    return key


def load(environ: Mapping[str, str]) -> Config:
    """Return the settings that the environment names.

    Raises:
        BadInput: a value cannot be used, or the data folder cannot be written.
    """
    data = Path(environ.get("TAXOPS_DATA") or "var/data").resolve()
    try:
        data.mkdir(parents=True, exist_ok=True)
        if not os.access(data, os.W_OK | os.X_OK):
            raise PermissionError(data)
        secret_key = environ.get("TAXOPS_SECRET_KEY") or _secret_key(data)
    except OSError as error:
        raise BadInput(
            f"数据目录 {data} 无法写入（{error.strerror or '没有权限'}）。",
            "请用 TAXOPS_DATA 指定一个当前用户可写的目录，或修改该目录的权限。",
        ) from error
    host = environ.get("TAXOPS_HOST") or "127.0.0.1"
    port = _port(environ.get("TAXOPS_PORT") or "8000")
    return Config(
        data=data,
        database_url=environ.get("TAXOPS_DATABASE_URL") or f"sqlite:///{data / 'taxops.db'}",
        host=host,
        port=port,
        demo=environ.get("TAXOPS_DEMO") == "1",
        demo_password=environ.get("TAXOPS_DEMO_PASSWORD") or "",
        redis_url=environ.get("TAXOPS_REDIS_URL") or "",
        trusted_proxies=_proxies(environ.get("TAXOPS_TRUSTED_PROXIES") or ""),
        public_url=(environ.get("TAXOPS_PUBLIC_URL") or f"http://{host}:{port}").rstrip("/"),
        secret_key=secret_key,
    )


def database(url: str) -> dict[str, Any]:
    """Return Django's description of the database that a URL names.

    Raises:
        BadInput: the URL is not one of the two supported kinds, or is incomplete.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadInput("TAXOPS_DATABASE_URL 不是有效的地址。", _URL_HELP) from error
    if parts.scheme == "sqlite":
        path = unquote(parts.path)
        if not path or path == "/":
            raise BadInput("TAXOPS_DATABASE_URL 没有写出 SQLite 文件的路径。", _URL_HELP)
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": path,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"
                "PRAGMA cache_size=-16000;PRAGMA busy_timeout=20000;",
            },
        }
    if parts.scheme in {"postgresql", "postgres"}:
        name = unquote(parts.path.lstrip("/"))
        if not name:
            raise BadInput("TAXOPS_DATABASE_URL 没有写出数据库名。", _URL_HELP)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": name,
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(port or 5432),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {"connect_timeout": 5},
        }
    raise BadInput(f"TAXOPS_DATABASE_URL 的类型「{parts.scheme or '（空）'}」不受支持。", _URL_HELP)


_URL_HELP = "可用的写法：sqlite:////绝对/路径/taxops.db 或 postgresql://用户:口令@主机:5432/库名。"
