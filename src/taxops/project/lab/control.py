"""How others talk to the keeper (实验室控制): status, break, heal, start, stop."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, TaxopsError, TooLarge, Unavailable
from taxops.project.children import open_log, python, tail
from taxops.project.lab import catalogue, plan

ANSWER_S = 30.0
_ERRORS: Mapping[str, type[TaxopsError]] = {
    kind.code: kind for kind in (BadInput, Conflict, NotFound, NotPermitted, TooLarge, Unavailable)
}


def folder_in(data: Path) -> Path:
    """Return where the lab of a data folder lives."""
    return data / "lab"


def ask(data: Path, op: str, **asked: Any) -> dict[str, Any]:
    """Send the keeper one request and return its answer.

    Raises:
        NotFound: no lab was ever started here, or there is no such service.
        Unavailable: the keeper is not running or does not answer.
        Conflict: the service is broken in another way already.
        BadInput: the service cannot be broken that way.
    """
    lab = plan.load(folder_in(data))
    line = json.dumps({"token": lab.token, "op": op, **asked}).encode() + b"\n"
    try:
        with socket.create_connection(("127.0.0.1", lab.control_port), timeout=2) as door:
            door.settimeout(ANSWER_S)
            door.sendall(line)
            told = json.loads(door.makefile("rb").readline())
    except (OSError, ValueError) as error:
        raise Unavailable("实验室没有在运行。", "请先执行 taxops demo 或 taxops lab start。") from error
    if "error" in told:
        error_told = told["error"]
        kind = _ERRORS.get(error_told.get("code", ""), TaxopsError)
        raise kind(error_told["what"], error_told.get("todo", ""), field=error_told.get("field"))
    answer: dict[str, Any] = told["ok"]
    return answer


def status(data: Path) -> list[dict[str, Any]]:
    """Return how each service is.

    Raises:
        NotFound: no lab was ever started here.
        Unavailable: the keeper is not running.
    """
    services: list[dict[str, Any]] = ask(data, "status")["services"]
    return services


def break_(data: Path, name: str, mode: str | None = None) -> dict[str, Any]:
    """Break a service; answers `changed`, a Chinese `message`, the `event` with its exact instants.

    Raises:
        NotFound: there is no such service, or no lab.
        BadInput: the service cannot be broken that way.
        Conflict: it is broken in another way already.
        Unavailable: the keeper is not running, or the server is not installed.
    """
    catalogue.find(name).mode(mode)
    return ask(data, "break", name=name, mode=mode)


def heal(data: Path, name: str) -> dict[str, Any]:
    """Bring a service back; answers like `break_`.

    Raises:
        NotFound: there is no such service, or no lab.
        Unavailable: the keeper is not running, or the server is not installed.
    """
    catalogue.find(name)
    return ask(data, "heal", name=name)


def events(data: Path, limit: int = 50) -> list[dict[str, Any]]:
    """Return the latest breaks and heals, newest first."""
    try:
        lines = (folder_in(data) / "events.jsonl").read_text().splitlines()[-limit:]
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in reversed(lines)]


def is_running(data: Path) -> bool:
    """Test whether the keeper answers."""
    try:
        ask(data, "status")
    except TaxopsError:
        return False
    return True


def start(data: Path) -> plan.Lab:
    """Start a lab that stays when we end (`taxops lab start`); return it when it is ready.

    Raises:
        Conflict: it runs already.
        Unavailable: it does not come up.
    """
    if is_running(data):
        raise Conflict("实验室已经在运行。", "查看：taxops lab status。")
    folder = folder_in(data)
    log = data / "logs" / "lab.log"
    with open_log(log) as words:
        process = subprocess.Popen(
            python("taxops.project.lab.keeper", str(folder)),
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            start_new_session=True,
        )
    limit = time.monotonic() + 60
    while time.monotonic() < limit and process.poll() is None:
        try:
            lab = plan.load(folder)
        except NotFound:
            lab = None
        if lab is not None and lab.pid == process.pid and lab.ready:
            return lab
        time.sleep(0.05)
    raise Unavailable("实验室没有启动。", tail(log))


def stop(data: Path) -> bool:
    """End the lab and every service in it; return whether there was one running.

    Raises:
        Unavailable: it does not end.
    """
    if not is_running(data):
        return False
    lab = plan.load(folder_in(data))
    if not lab.pid:
        return False
    os.kill(lab.pid, signal.SIGTERM)
    limit = time.monotonic() + 20
    while time.monotonic() < limit:
        if not Path(f"/proc/{lab.pid}").exists() or not plan.load(folder_in(data)).pid:
            return True
        time.sleep(0.05)
    raise Unavailable(f"实验室进程 {lab.pid} 没有结束。", "请查看 logs/lab.log。")
