"""A real demonstration on free ports, driven as a stranger would: by the command line, the API and a browser."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from taxops.engines.base import to_millis
from taxops.project.children import pid_alive, tail
from taxops.project.embedded import free_port
from taxops.project.lab import control, plan

READY_S = 240.0
"""How long a start may take on a machine that does many things at once; the figure itself is measured."""


def until(test: Callable[[], Any], seconds: float, what: str, words: Callable[[], str] = str) -> Any:
    """Return the first true value of `test`; `words` tells more when it does not come.

    Raises:
        AssertionError: it did not come in time.
    """
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if found := test():
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds:g} s: {what}\n{words()}")


def millis(text: str | None) -> int | None:
    """Return an API instant in milliseconds."""
    return None if text is None else to_millis(datetime.fromisoformat(text))


class Stage:
    """A running demonstration."""

    def __init__(self, data: Path, database: str = "sqlite") -> None:
        self.data = data
        self.port = free_port()
        ready = data.parent / f"{data.name}.ready.json"
        env = {key: value for key, value in os.environ.items() if not key.startswith("TAXOPS_")}
        self.env = env | {"TAXOPS_DATA": str(data), "TAXOPS_PORT": str(self.port)}
        argv = [
            sys.executable,
            "-m",
            "taxops.cli",
            "demo",
            "--database",
            database,
            "--ready-file",
            str(ready),
        ]
        self.console = (data.parent / f"{data.name}.console").open("a+b")
        self.process = subprocess.Popen(argv, env=self.env, stdout=self.console, stderr=self.console)
        try:
            until(
                lambda: ready.exists() or self.process.poll() is not None, READY_S, f"ready; {self.words()}"
            )
            assert self.process.poll() is None, self.words()
            self.facts: dict[str, Any] = json.loads(ready.read_text())
            self.url: str = self.facts["url"]
            self.lab = plan.load(control.folder_in(data))
            # somebody no story signs in as: the third login of a person ends the first
            self.client = self.sign_in("risk")
        except BaseException:
            self.close()
            raise

    def words(self) -> str:
        """Return what the console and the logs say, for a failing test."""
        self.console.flush()
        said = [Path(self.console.name).read_text(errors="replace")[-2000:]]
        said += [f"{log.name}:\n{tail(log, 12)}" for log in sorted((self.data / "logs").glob("*.log"))]
        return "\n".join(said)

    def sign_in(self, username: str) -> httpx.Client:
        """Return a client that came in by one click."""
        client = httpx.Client(base_url=self.url, timeout=30, follow_redirects=True)
        page = client.get("/login/").text
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found, page[:500]
        answer = client.post(
            "/login/demo/",
            data={"csrfmiddlewaretoken": found[1], "username": username},
            headers={"Referer": self.url},
            follow_redirects=False,
        )
        assert answer.status_code == 302, answer.text[:500]
        return client

    def api(self, path: str, **params: Any) -> Any:
        """Return what the API answers; a web process that is being restarted is asked again."""
        for attempt in range(40):
            try:
                answer = self.client.get(f"/api/v1/{path}", params=params)
            except httpx.TransportError:
                if attempt == 39:
                    raise
                time.sleep(0.25)
                continue
            assert answer.status_code == 200, answer.text[:500]
            return answer.json()
        raise AssertionError("unreachable")

    def items(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """Return the rows of a list."""
        rows: list[dict[str, Any]] = self.api(path, limit=1000, **params)["items"]
        return rows

    def taxops(self, *arguments: str) -> Any:
        """Run the command line and return its JSON."""
        argv = [sys.executable, "-m", "taxops.cli", *arguments, "--json"]
        done = subprocess.run(argv, env=self.env, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def break_(self, name: str, mode: str = "") -> dict[str, Any]:
        """Break a service by the command line; return the event with its true instants."""
        answer = self.taxops("lab", "break", name, *(["--mode", mode] if mode else []))
        assert answer["changed"], answer
        event: dict[str, Any] = answer["event"]
        return event

    def heal(self, name: str) -> dict[str, Any]:
        """Heal a service by the command line; return the event with its true instants."""
        answer = self.taxops("lab", "heal", name)
        assert answer["changed"], answer
        event: dict[str, Any] = answer["event"]
        return event

    def named(self, code: str) -> dict[str, Any]:
        """Return the check of a code, with its definition."""
        for row in self.items("monitoring/checks"):
            if row["code"] == code:
                full: dict[str, Any] = self.api(f"monitoring/checks/{row['id']}")
                return full
        raise AssertionError(f"no check {code}")

    def check_of(self, name: str, kind: str) -> dict[str, Any]:
        """Return the check of a kind that watches a service, with its definition."""
        port = re.compile(rf":{self.lab[name].port}(?!\d)")
        for row in self.items("monitoring/checks", kind=kind):
            if port.search(row["target"]):
                full: dict[str, Any] = self.api(f"monitoring/checks/{row['id']}")
                return full
        raise AssertionError(f"no {kind} check watches {name}")

    def outages(self, check: dict[str, Any], since_ms: int) -> list[dict[str, Any]]:
        """Return a check's outages that began after an instant, oldest first."""
        rows = self.items("monitoring/outages", check_id=check["id"])
        return sorted(
            (o for o in rows if (millis(o["started_at"]) or 0) >= since_ms), key=lambda o: o["started_at"]
        )

    def results(self, check: dict[str, Any], since_ms: int) -> list[dict[str, Any]]:
        """Return a check's single results since an instant, oldest first."""
        start = datetime.fromtimestamp(since_ms / 1000).astimezone()
        answer = self.api(
            f"monitoring/checks/{check['id']}/results",
            start=start.isoformat(),
            end=(datetime.now().astimezone() + timedelta(minutes=1)).isoformat(),
        )
        rows: list[dict[str, Any]] = answer["results"]
        return rows

    def settled(self, check: dict[str, Any], seconds: float = 60) -> None:
        """Wait until a check is known to be good."""
        until(
            lambda: self.api(f"monitoring/checks/{check['id']}")["state"] == "ok",
            seconds,
            f"{check['name']} to be ok: {self.api('monitoring/checks/' + str(check['id']))}",
        )

    def pids(self) -> dict[str, int]:
        """Return the living processes of the site by name."""
        told = json.loads((self.data / "supervisor.json").read_text())["processes"]
        return {name: one["pid"] for name, one in told.items() if one["pid"]}

    def everybody(self) -> list[int]:
        """Return every process of the demonstration: the site's, the lab's, and theirs."""
        import psutil

        found = [self.process.pid]
        found += [child.pid for child in psutil.Process(self.process.pid).children(recursive=True)]
        return found

    def order_to_end(self, number: int = signal.SIGINT) -> float:
        """Press Ctrl-C (or another signal) and return how long the end took."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(30)
        return time.monotonic() - began

    def close(self) -> None:
        """End whatever is left."""
        if hasattr(self, "client"):
            self.client.close()
        if self.process.poll() is None:
            try:
                self.order_to_end(signal.SIGTERM)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.console.close()


def gone(pids: list[int], seconds: float = 10) -> None:
    """Wait until processes are gone.

    Raises:
        AssertionError: some stay.
    """
    until(lambda: not any(pid_alive(pid) for pid in pids), seconds, f"{pids} to be gone")
