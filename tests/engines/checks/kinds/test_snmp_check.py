"""Kind `snmp` against a real snmpd, and against devices that answer nonsense or nothing."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from taxops.engines.base import BadInput
from taxops.engines.checks.kinds.snmp_ber import COUNTER32, COUNTER64, INTEGER, OCTETS, Value
from taxops.engines.checks.kinds.snmp_check import counter_rates, plain
from tests.engines.checks.kinds.peers import free_port, need, running, until
from tests.engines.checks.rude import look

PASSWORD = "only-for-tests"
OIDS = {"in": "1.3.6.1.2.1.31.1.1.1.6.1", "desc": "1.3.6.1.2.1.1.1.0", "none": "1.3.6.1.2.1.99.9.0"}


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder, port = Path(tmp_path_factory.mktemp("snmpd")), free_port()
    config = folder / "snmpd.conf"
    config.write_text(
        f"rocommunity {PASSWORD} 127.0.0.1\nsysName hall-switch-1\nagentaddress udp:127.0.0.1:{port}\n"
    )
    words = [need("snmpd"), "-f", "-Lo", "-C", "-c", str(config), "-p", f"{folder}/pid",
             f"--persistentDir={folder}"]  # fmt: skip
    with running(words, folder):
        target = f"127.0.0.1:{port}"
        until(lambda: look("snmp", target, "uptime_s >= 0", password=PASSWORD, timeout_s=1).verdict == "ok")
        yield target


def test_a_real_agent_tells_name_uptime_and_values(agent: str) -> None:
    result = look(
        "snmp", agent, 'system == "hall-switch-1" and value.desc contains "Linux" and value.in >= 0',
        password=PASSWORD, oids={k: OIDS[k] for k in ("in", "desc")},
    )  # fmt: skip
    assert result.verdict == "ok", result.message
    assert "hall-switch-1 应答正常" in result.message
    assert PASSWORD not in str(result.as_dict())


def test_an_object_that_is_not_there_is_named(agent: str) -> None:
    result = look("snmp", agent, password=PASSWORD, oids=OIDS)
    assert result.verdict == "critical"
    assert "设备没有这些对象：none" in result.message


def test_rates_come_with_the_second_look(agent: str) -> None:
    memory: dict[str, Any] = {}
    given: dict[str, Any] = {"password": PASSWORD, "oids": {"in": OIDS["in"]}, "memory": memory}
    look("snmp", agent, wall_ms=1_000_000, **given)
    assert look("snmp", agent, "rate.in >= 0", wall_ms=1_010_000, **given).verdict == "ok"


def test_a_wrong_community_is_silence_and_says_what_it_may_be(agent: str) -> None:
    result = look("snmp", agent, password="wrong", timeout_s=0.6)
    assert result.verdict == "critical"
    assert "团体名不对" in result.message


@contextlib.contextmanager
def device(reply: Callable[[bytes], bytes | None]) -> Iterator[str]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        target = f"127.0.0.1:{sock.getsockname()[1]}"

        def answer() -> None:
            with contextlib.suppress(OSError):
                while True:
                    data, sender = sock.recvfrom(65536)
                    made = reply(data)
                    if made is not None:
                        sock.sendto(made, sender)

        threading.Thread(target=answer, daemon=True).start()
        yield target


@pytest.mark.parametrize(
    "reply",
    [
        lambda data: None,
        lambda data: b"",
        lambda data: b"\x00" * 1400,
        lambda data: b"HTTP/1.1 400 Bad Request\r\n\r\n",
        lambda data: data,
        lambda data: data[:20],
        lambda data: b"\x30\x84\xff\xff\xff\xff" + data,
    ],
)
def test_devices_that_answer_nonsense_or_nothing_are_given_up_in_time(
    reply: Callable[[bytes], bytes | None],
) -> None:
    began = time.monotonic()
    with device(reply) as target:
        result = look("snmp", target, timeout_s=0.5)
    assert result.verdict == "critical"
    assert "没有应答 SNMP 请求（发了 3 次" in result.message
    assert time.monotonic() - began < 15


def test_a_closed_port_is_told_as_such() -> None:
    assert "连接被拒绝" in look("snmp", f"127.0.0.1:{free_port()}", timeout_s=1).message


def test_counters_that_run_over_are_followed_and_restarts_are_not() -> None:
    before = (0, {"a": (1 << 32) - 100, "b": 1_000_000, "c": 5})
    now = {"a": (COUNTER32, 900), "b": (COUNTER64, 10), "c": (COUNTER32, 25)}
    assert counter_rates(before, 10_000, now) == {"a": 100.0, "c": 2.0}
    assert counter_rates(None, 10_000, now) == {}


def test_octets_are_text_where_they_are_text() -> None:
    assert plain(Value(OCTETS, "交换机".encode())) == "交换机"
    assert plain(Value(OCTETS, b"\x00\x1b\xff")) == "00:1b:ff"
    assert plain(Value(INTEGER, -5)) == -5


def test_identifiers_that_are_none_are_refused() -> None:
    with pytest.raises(BadInput) as error:
        look("snmp", "127.0.0.1", oids="speed: ifSpeed.1")
    assert error.value.field == "oids"
