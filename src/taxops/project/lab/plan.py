"""Where everything of the lab is (`$TAXOPS_DATA/lab/lab.json`): addresses, files, how to reach its keeper."""

from __future__ import annotations

import itertools
import json
import os
import secrets
import shutil
import socket
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from taxops.engines.base import NotFound
from taxops.project.embedded import free_port
from taxops.project.lab import catalogue
from taxops.project.lab.certificates import NAME as TLS_NAME

_SBIN = "/usr/sbin:/usr/local/sbin:/sbin"
DNS_NAMES = ("fpcy.lab.test", "inv-veri.lab.test", "access.lab.test", "auth.lab.test")


@dataclass(frozen=True, slots=True)
class Address:
    """Where one service of the lab answers (服务地址).

    Args:
        code: its name.
        title: its Chinese name.
        installed: whether this machine has the server; if not it is never started.
        host: loopback.
        port: 0 when it listens nowhere.
        target: what a check of its natural kind is given as target (检查对象).
        facts: everything else a check may need: file paths, names, DSNs.
    """

    code: str
    title: str
    installed: bool
    host: str
    port: int
    target: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lab:
    """The whole lab (实验室) as others see it."""

    folder: Path
    control_port: int
    token: str
    services: Mapping[str, Address]
    pid: int = 0
    ready: bool = False

    def __getitem__(self, code: str) -> Address:
        """Return one service's address.

        Raises:
            NotFound: there is no such service.
        """
        catalogue.find(code)
        return self.services[code]

    def installed(self) -> list[Address]:
        """Return the services that this machine can run."""
        return [address for address in self.services.values() if address.installed]


def program(name: str) -> str | None:
    """Return the path of a server of this machine, looking where servers live too; None: not installed."""
    return shutil.which(name) or shutil.which(name, path=_SBIN)


def free_ports(wanted: Iterable[int]) -> list[int]:
    """Return a free loopback port for each wanted one: itself if it is free (for UDP too), else another."""
    held: list[socket.socket] = []
    ports: list[int] = []
    try:
        for want in wanted:
            for candidate in itertools.chain([want] if want else [], (free_port() for _ in range(20))):
                tcp, udp = (
                    socket.socket(),
                    socket.socket(type=socket.SOCK_DGRAM),
                )
                try:
                    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    tcp.bind(("127.0.0.1", candidate))
                    udp.bind(("127.0.0.1", tcp.getsockname()[1]))
                except OSError:
                    tcp.close()
                    udp.close()
                    continue
                held += [tcp, udp]  # until all are chosen, so that none is chosen twice
                ports.append(tcp.getsockname()[1])
                break
    finally:
        for one in held:
            one.close()
    return ports


_LISTENING = ("control", "acceptance", "tls", "postgres", "nginx", "redis", "kafka", "dns")


def lay(folder: Path) -> Lab:
    """Choose addresses, the same as last time where they are still free, so that checks keep their targets."""
    try:
        old = load(folder)
        before = {code: address.port for code, address in old.services.items()}
        before["control"] = old.control_port
    except NotFound:
        before = {}
    ports = dict(zip(_LISTENING, free_ports(before.get(code, 0) for code in _LISTENING), strict=True))
    logs = folder / "logs"
    http = f"http://127.0.0.1:{ports['acceptance']}"
    targets: dict[str, tuple[str, dict[str, Any]]] = {
        "acceptance": (
            f"{http}/health",
            {"base": http, "user": "probe", "password": "lab-only", "query": "/query?number="},
        ),
        "tls": (
            f"127.0.0.1:{ports['tls']}",
            {"name": TLS_NAME, "ca_file": str(folder / "tls" / "ca.pem")},
        ),
        "postgres": (f"postgresql://watch@127.0.0.1:{ports['postgres']}/business", {"database": "business"}),
        "nginx": (
            f"http://127.0.0.1:{ports['nginx']}/nginx_status",
            {
                "base": f"http://127.0.0.1:{ports['nginx']}",
                "proxied": f"http://127.0.0.1:{ports['nginx']}/health",
                "error_log": str(folder / "nginx" / "error.log"),
                "access_log": str(folder / "nginx" / "access.log"),
            },
        ),
        "redis": (f"redis://127.0.0.1:{ports['redis']}/0", {}),
        "kafka": (f"127.0.0.1:{ports['kafka']}", {"topic": "invoice-events", "group": "ledger-writer"}),
        "dns": (DNS_NAMES[0], {"server": f"127.0.0.1:{ports['dns']}", "names": list(DNS_NAMES)}),
        "logs": (
            str(logs / "os-outer.log"),
            {
                "outer": str(logs / "os-outer.log"),
                "inner": str(logs / "os-inner.log"),
                "inner_encoding": "gbk",
                "transfer": str(logs / "transfer.log"),
            },
        ),
        "heartbeat": ("lab-upload", {"file": str(folder / "heartbeat.json"), "every_s": 3}),
    }
    services = {}
    for service in catalogue.SERVICES:
        target, facts = targets[service.code]
        present = not service.program or program(service.program) is not None
        port = ports.get(service.code, 0)
        services[service.code] = Address(
            service.code, service.title, present, "127.0.0.1", port, target, facts
        )
    return Lab(folder, ports["control"], secrets.token_urlsafe(24), services)


def save(lab: Lab) -> None:
    """Write `lab.json` whole or not at all; only the owner may read it (it opens the keeper)."""
    lab.folder.mkdir(parents=True, exist_ok=True)
    content = {
        "pid": lab.pid,
        "ready": lab.ready,
        "control_port": lab.control_port,
        "token": lab.token,
        "services": {code: asdict(address) for code, address in lab.services.items()},
    }
    draft = lab.folder / f"lab.json.{os.getpid()}"
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(content, ensure_ascii=False, indent=1))
    draft.replace(lab.folder / "lab.json")


def load(folder: Path) -> Lab:
    """Return the lab that `lab.json` describes.

    Raises:
        NotFound: there is none, or the file is damaged.
    """
    try:
        told = json.loads((folder / "lab.json").read_text())
        services = {code: Address(**address) for code, address in told["services"].items()}
        return Lab(folder, told["control_port"], told["token"], services, told["pid"], told["ready"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotFound("实验室还没有建立。", "请先执行 taxops demo 或 taxops lab start。") from error
