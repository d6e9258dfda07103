"""The stream through a real server: who may listen, what arrives, resuming, and stopping at once."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from taxops.project.embedded import free_port
from tests.platform.own_database import migrated_file

pytestmark = [pytest.mark.real, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[3]
LAUNCH = """
import sys
from taxops.platform.live import rules
rules.HEARTBEAT_S = 2.0  # fifteen seconds would only be waited for
import uvicorn
uvicorn.main(sys.argv[1:])
"""


@dataclass
class House:
    """A running server and a second process that publishes."""

    port: int
    server: subprocess.Popen[bytes]
    talker: subprocess.Popen[str]
    cookie: str
    person: int
    env: dict[str, str]

    def tell(self, topic: str, key: str, **payload: Any) -> None:
        """Publish from the other process."""
        self.order(do="publish", topic=topic, key=key, payload=payload)

    def order(self, **order: Any) -> None:
        """Have the other process do something, and wait until it is done."""
        assert self.talker.stdin is not None
        assert self.talker.stdout is not None
        self.talker.stdin.write(json.dumps(order) + "\n")
        self.talker.stdin.flush()
        assert self.talker.stdout.readline() == "done\n"

    def ask(self, query: str, *, signed_in: bool = True, last: str = "") -> http.client.HTTPResponse:
        """Open a stream."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Cookie": f"taxops_session={self.cookie}"} if signed_in else {}
        if last:
            headers["Last-Event-ID"] = last
        connection.request("GET", f"/live/?{query}", headers=headers)
        return connection.getresponse()


def frame(stream: http.client.HTTPResponse, event: str) -> tuple[str, dict[str, Any]]:
    """Read on until a frame of this event comes; return its id (perhaps empty) and data."""
    lines: dict[str, str] = {}
    while True:
        line = stream.readline().decode()
        assert line, "the stream ended"
        line = line.rstrip("\n")
        if line:
            name, _, value = line.partition(": ")
            lines[name] = value
        elif lines.get("event") == event:
            return lines.get("id", ""), json.loads(lines["data"])
        else:
            lines = {}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("live")
    migrated_file(folder / "taxops.db")
    env = {**os.environ, "TAXOPS_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "taxops.project.settings"}
    talker = subprocess.Popen(
        [sys.executable, "-m", "tests.platform.live.talker"],
        cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert talker.stdout is not None
    cookie, person = talker.stdout.readline().split()
    port = free_port()
    server = serve(port, env)
    yield House(port, server, talker, cookie, int(person), env)
    for process in (server, talker):
        process.kill()
        process.wait(20)


def serve(port: int, env: dict[str, str]) -> subprocess.Popen[bytes]:
    server = subprocess.Popen(
        [sys.executable, "-c", LAUNCH, "taxops.project.asgi:application", "--port", str(port),
         "--log-level", "warning", "--lifespan", "off"],
        cwd=ROOT, env=env,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return server
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


@pytest.mark.parametrize(
    ("query", "signed_in", "status", "code"),
    [
        ("topic=jobs.x", False, 401, "not_logged_in"),
        ("topic=no.such.topic", True, 404, "not_found"),
        ("topic=notify.person.1234567", True, 403, "not_permitted"),
        ("topic=monitoring", True, 403, "not_permitted"),
        ("topic=monitoring@100000/", True, 403, "not_permitted"),
        ("", True, 400, "bad_input"),
        ("&".join(f"topic=jobs.{n}" for n in range(30)), True, 400, "bad_input"),
    ],
)
def test_who_may_not_listen_is_told_in_chinese(
    house: House, query: str, signed_in: bool, status: int, code: str
) -> None:
    answer = house.ask(query, signed_in=signed_in)
    told = json.loads(answer.read())
    assert (answer.status, told["code"]) == (status, code)
    assert any("\u4e00" <= char <= "\u9fff" for char in told["what"])


def test_what_another_process_tells_arrives_and_a_gap_is_caught_up(house: House) -> None:
    topic = f"notify.person.{house.person}"
    with house.ask(f"topic={topic}&topic=jobs.x") as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        assert stream.headers["Cache-Control"] == "no-store"
        assert stream.readline().startswith(b"retry:")
        house.tell(topic, "n1", title="第一条")
        last, data = frame(stream, "diff")
        assert data["topic"] == topic
        assert data["items"] == [{"title": "第一条", "key": "n1", "path": ""}]
    house.tell(topic, "n1", title="旧的")
    house.tell(topic, "n1", title="断线时的")
    with house.ask(f"topic={topic}", last=last) as stream:
        _, data = frame(stream, "diff")
        assert [item["title"] for item in data["items"]] == ["断线时的"], "the last word of a key wins"


def test_an_id_of_another_time_asks_for_a_snapshot(house: House) -> None:
    with house.ask(f"topic=notify.person.{house.person}", last="999999999999999999") as stream:
        _, data = frame(stream, "snapshot")
    assert data["reason"] == "gap"


def test_idle_streams_hold_no_database_connection(house: House) -> None:
    streams = [house.ask(f"topic=notify.person.{house.person}") for _ in range(10)]
    for stream in streams:
        stream.readline()
    held = _connections(house)
    for stream in streams:
        stream.close()
    assert held <= 4, f"{held} connections for ten idle streams"


def _connections(house: House) -> int:
    url = os.environ.get("TAXOPS_DATABASE_URL", "")
    if url.startswith("postgresql"):
        import psycopg

        with psycopg.connect(url) as connection:
            row = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchone()
            assert row is not None
            return int(row[0]) - 1  # the talker's
    files = [file.path for file in psutil.Process(house.server.pid).open_files()]
    return sum(1 for path in files if path.endswith("taxops.db"))


def test_one_person_cannot_take_every_stream(house: House) -> None:
    deadline = time.monotonic() + 30
    while True:
        streams = [house.ask(f"topic=notify.person.{house.person}") for _ in range(12)]
        if all(stream.status == 200 for stream in streams):
            break
        for stream in streams:  # the server has not noticed yet that the last test's readers have gone
            stream.close()
        assert time.monotonic() < deadline
        time.sleep(0.2)
    for stream in streams:
        stream.readline()
    refused = house.ask(f"topic=notify.person.{house.person}")
    assert refused.status == 429
    assert "实时页面超过 12 个" in json.loads(refused.read())["what"]
    for stream in streams:
        stream.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_server_stops_at_once_with_open_streams(house: House, number: signal.Signals) -> None:
    port = free_port()
    server = serve(port, house.env)
    other = House(port, server, house.talker, house.cookie, house.person, house.env)
    streams = [other.ask(f"topic=notify.person.{house.person}") for _ in range(5)]
    for stream in streams:
        stream.readline()
    server.send_signal(number)
    for stream in streams:
        _, data = frame(stream, "bye")
        assert data == {"reason": "shutdown"}
    server.wait(20)


def test_a_login_that_ended_closes_its_streams_within_a_heartbeat(house: House) -> None:
    with house.ask(f"topic=notify.person.{house.person}") as stream:
        stream.readline()
        house.order(do="end")
        _, data = frame(stream, "bye")
    assert data == {"reason": "session"}
