"""The lab's real servers (真实服务器): PostgreSQL from a package; nginx and redis where the machine has them."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from contextlib import closing
from pathlib import Path

import redis

from taxops.engines.base import Unavailable
from taxops.project import embedded
from taxops.project.children import end, spawn, tail
from taxops.project.lab.plan import Lab, program
from taxops.project.lab.units import START_LIMIT_S, Told, Unit, freeze, kill, pid_of, thaw

SECRET = "changed-by-somebody"  # noqa: S105  # the lab sets and removes it to look locked out
_NGINX = """daemon off;
master_process off;
pid {folder}/nginx.pid;
lock_file {folder}/nginx.lock;
error_log {folder}/error.log warn;
events {{ worker_connections 512; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    proxy_connect_timeout 2s;
    proxy_read_timeout 5s;
    server {{
        listen 127.0.0.1:{port};
        location = /nginx_status {{ stub_status; access_log off; }}
        location = /index.html {{ default_type text/html; return 200 "<title>lab</title>ok\\n"; }}
        location / {{
            if (-f {folder}/upstream-down) {{ proxy_pass http://127.0.0.1:1; }}
            proxy_pass http://127.0.0.1:{upstream};
        }}
    }}
}}
"""


def wait_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until something accepts on a loopback port.

    Raises:
        Unavailable: the process ends or does not listen in time.
    """
    limit = time.monotonic() + START_LIMIT_S
    while time.monotonic() < limit and process.poll() is None:
        with closing(socket.socket()) as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise Unavailable(f"{log.stem} 没有在端口 {port} 上就绪。", tail(log))


class Nginx:
    """nginx as a single process, so that no worker can outlive it."""

    def __init__(self, lab: Lab) -> None:
        self.folder = lab.folder / "nginx"
        self.port = lab["nginx"].port
        self.upstream = lab["acceptance"].port
        self.log = self.folder / "nginx.out"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def switch(self) -> Path:
        """The file whose presence sends requests to a dead upstream (nginx looks at each request)."""
        return self.folder / "upstream-down"

    def configure(self) -> None:
        """Write the configuration."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.switch.unlink(missing_ok=True)
        text = _NGINX.format(folder=self.folder, port=self.port, upstream=self.upstream)
        (self.folder / "nginx.conf").write_text(text)

    def begin(self) -> None:
        """Start it without waiting."""
        self.configure()
        for name in ("access.log", "error.log"):
            path = self.folder / name
            if path.exists() and path.stat().st_size > 5_000_000:
                path.replace(self.folder / f"{name}.1")
        self.process = spawn(
            [
                program("nginx") or "nginx",
                "-p",
                self.folder,
                "-c",
                self.folder / "nginx.conf",
                "-e",
                self.folder / "error.log",
            ],
            log=self.log,
        )

    def wait_ready(self) -> None:
        """Wait until it accepts."""
        assert self.process is not None
        wait_port(self.port, self.process, self.log)

    def apply(self, mode: str) -> None:
        """Kill it, freeze it, or send its requests to a dead upstream."""
        if mode == "stop":
            kill(self.process)
        elif mode == "hang":
            freeze(self.process)
        else:
            self.switch.touch()

    def heal(self, mode: str) -> None:
        """Start, wake or repair it."""
        if self.main_pid() is None:
            self.begin()
            self.wait_ready()
        elif mode == "hang":
            thaw(self.process)
        else:
            self.switch.unlink(missing_ok=True)

    def main_pid(self) -> int | None:
        """Return its process."""
        return pid_of(self.process)

    def end(self) -> None:
        """End it."""
        if self.process is not None:
            end([self.process], grace=1.0)


class Redis:
    """redis, in memory only."""

    def __init__(self, lab: Lab) -> None:
        self.folder = lab.folder / "redis"
        self.port = lab["redis"].port
        self.log = self.folder / "redis.out"
        self.process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Start it without waiting."""
        self.folder.mkdir(parents=True, exist_ok=True)
        options = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "save": "",
            "appendonly": "no",
            "dir": str(self.folder),
            "maxmemory": "64mb",
            "maxmemory-policy": "noeviction",
        }
        argv = [program("redis-server") or "redis-server"]
        for name, value in options.items():
            argv += [f"--{name}", value]
        self.process = spawn(argv, log=self.log)

    def wait_ready(self) -> None:
        """Wait until it accepts, and give it something to hold."""
        assert self.process is not None
        wait_port(self.port, self.process, self.log)
        with closing(self._client("")) as client:
            client.set("acceptance:last", "lab")

    def _client(self, password: str) -> redis.Redis:
        return redis.Redis(port=self.port, password=password or None, socket_timeout=3)

    def apply(self, mode: str) -> None:
        """Kill it, freeze it, lock it, or fill it."""
        if mode == "stop":
            kill(self.process)
        elif mode == "hang":
            freeze(self.process)
        else:
            with closing(self._client("")) as client:
                if mode == "error":
                    client.config_set("requirepass", SECRET)
                else:
                    used = int(client.info("memory")["used_memory"])
                    client.config_set("maxmemory", str(used * 98 // 100))

    def heal(self, mode: str) -> None:
        """Start, wake, unlock or empty it."""
        if self.main_pid() is None:
            self.begin()
            self.wait_ready()
        elif mode == "hang":
            thaw(self.process)
        else:
            with closing(self._client(SECRET if mode == "error" else "")) as client:
                client.config_set("requirepass", "")
                client.config_set("maxmemory", "64mb")

    def main_pid(self) -> int | None:
        """Return its process."""
        return pid_of(self.process)

    def end(self) -> None:
        """End it."""
        if self.process is not None:
            end([self.process], grace=1.0)


class Postgres:
    """PostgreSQL with the business tables, and the process that keeps them moving."""

    def __init__(self, lab: Lab) -> None:
        self.folder = lab.folder / "postgres"
        self.port = lab["postgres"].port
        self.server: embedded.Server | None = None
        self.business = Told(lab, "business", f"postgresql://postgres@127.0.0.1:{self.port}/business")

    def begin(self) -> None:
        """Start the server; its data is kept from last time."""
        self.server = embedded.start(self.folder, port=self.port, database="business", mortal=True)
        if pid_of(self.business.process) is None:
            self.business.begin()
            self.business.wait_ready()

    def wait_ready(self) -> None:
        """Do nothing: `begin` has waited."""

    def apply(self, mode: str) -> None:
        """Stop the server, freeze it, or disturb its data."""
        if mode == "stop":
            if self.server is not None:
                self.server.stop()
        elif mode == "hang":
            freeze(self.server.process if self.server else None)
        else:
            self.business.tell(mode)

    def heal(self, mode: str) -> None:
        """Start, wake or correct it."""
        if self.main_pid() is None:
            self.begin()
        elif mode == "hang":
            thaw(self.server.process if self.server else None)
        else:
            self.business.tell("ok")

    def main_pid(self) -> int | None:
        """Return the server's process."""
        return pid_of(self.server.process) if self.server else None

    def end(self) -> None:
        """End both: the data's mover first."""
        self.business.kill()
        if self.server is not None and self.main_pid() is not None:
            thaw(self.server.process)
            end([self.server.process], grace=3.0, sig=signal.SIGINT)


def server_units(lab: Lab) -> dict[str, Unit]:
    """Return the units of the servers that this machine has."""
    units: dict[str, Unit] = {"postgres": Postgres(lab)}
    if lab["nginx"].installed:
        units["nginx"] = Nginx(lab)
    if lab["redis"].installed:
        units["redis"] = Redis(lab)
    return units
