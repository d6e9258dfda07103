"""The end of a demonstration: whatever way it comes, nothing is left: no process, no port, no stream."""

from __future__ import annotations

import signal
import socket
import threading
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from .stage import Stage, gone, until

pytestmark = [pytest.mark.journey, pytest.mark.slow, pytest.mark.real]

END_S = 8.0


def _free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _listen(stage: Stage, heard: threading.Event) -> threading.Thread:
    """Open a live stream and keep reading it."""

    def follow() -> None:
        try:
            with stage.client.stream("GET", "/live/", params={"topic": "monitoring"}, timeout=60) as stream:
                for _ in stream.iter_lines():
                    heard.set()
        except httpx.HTTPError:
            heard.set()  # cut off by the end: what this test is about

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=["ctrl-c", "term", "kill"]
)
def test_the_end_leaves_nothing(tmp_path: Path, number: int) -> None:
    stage = Stage(tmp_path / "data")
    try:
        heard = threading.Event()
        reader = _listen(stage, heard)
        assert heard.wait(20)
        stage.break_("acceptance", "hang")
        everybody = stage.everybody()
        assert len(everybody) >= 12, everybody
        took = stage.order_to_end(number)
        gone(everybody)
        reader.join(10)
        assert not reader.is_alive()
        assert took <= END_S, f"the end took {took:.1f} s"
        ports = [stage.port, stage.lab.control_port, *(a.port for a in stage.lab.services.values() if a.port)]
        until(lambda: all(_free(port) for port in ports), 5, f"{ports} to be free")
        print(f"{signal.Signals(number).name}: {len(everybody)} processes gone after {took:.2f} s")
    finally:
        stage.close()


def test_the_second_start_keeps_the_data_and_the_addresses(tmp_path: Path) -> None:
    stage = Stage(tmp_path / "data")
    before = {row["code"]: (row["id"], row["target"]) for row in stage.items("monitoring/checks")}
    first = stage.facts["seconds"]
    stage.order_to_end()
    stage.close()
    again = Stage(tmp_path / "data")
    try:
        after = {row["code"]: (row["id"], row["target"]) for row in again.items("monitoring/checks")}
        assert after == before
        print(f"first start {first} s, second {again.facts['seconds']} s")
    finally:
        again.close()
