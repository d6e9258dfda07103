"""What is watched: a real nginx on twenty loopback addresses, and a server that hangs."""

from __future__ import annotations

import os
import re
import shutil
import sys
import urllib.request
from pathlib import Path

from checks.processes import Processes, free_port, wait_for

ADDRESSES = [f"127.0.0.{n}" for n in range(1, 21)]
KEYWORD = "running"


class Nginx:
    """One worker, a 250-byte page, stub_status as the counter of record."""

    def __init__(self, processes: Processes) -> None:
        self.port, self.status_port = free_port(), free_port()
        folder = processes.folder / "nginx"
        folder.mkdir()
        page = f"<html><body>service is {KEYWORD}</body></html>\n"
        (folder / "index.html").write_text(page + "." * (250 - len(page)))
        listens = "\n".join(f"    listen {address}:{self.port} backlog=4096;" for address in ADDRESSES)
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(
            f"""{user} daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 8192; }}
http {{ access_log off; keepalive_timeout 5;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  server {{
{listens}
    root {folder}; location / {{ try_files /index.html =404; }}
    location /d {{ default_type text/html; return 200 "<html>service is {KEYWORD}, ticket $request_id</html>"; }}
  }}
  server {{ listen 127.0.0.1:{self.status_port}; location / {{ stub_status; }} }}
}}
"""
        )
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        self.child = processes.start("nginx", [program, "-c", str(folder / "nginx.conf"), "-p", str(folder)])
        wait_for(f"http://127.0.0.1:{self.status_port}/")

    def urls(self, count: int, page: str = "c") -> list[str]:
        """Return so many addresses; page `c` stays the same, page `d` differs with each answer."""
        return [f"http://{ADDRESSES[n % len(ADDRESSES)]}:{self.port}/{page}{n}" for n in range(count)]

    def requests(self) -> int:
        """Return how many requests nginx has handled, those for this number left out."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.status_port}/") as answer:
            numbers = re.search(r"\n\s*(\d+) (\d+) (\d+)", answer.read().decode())
        assert numbers is not None
        self._own = getattr(self, "_own", 0) + 1
        return int(numbers.group(3)) - self._own


_HANG = """
import socket, sys
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=4096)
held = []
while True:
    held.append(listener.accept()[0])
    if len(held) > 4000:
        held.pop(0).close()
"""


class Hang:
    """Accepts and never answers."""

    def __init__(self, processes: Processes) -> None:
        self.port = free_port()
        script = processes.folder / "hang.py"
        script.write_text(_HANG)
        self.child = processes.start("hang", [sys.executable, str(script), str(self.port)])

    def urls(self, count: int) -> list[str]:
        """Return so many addresses."""
        return [f"http://127.0.0.1:{self.port}/h{n}" for n in range(count)]


def has_nginx() -> bool:
    """Whether this machine has an nginx."""
    return bool(shutil.which("nginx") or Path("/usr/sbin/nginx").exists())
