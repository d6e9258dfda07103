"""The keeper: what it says, refuses, notices and leaves behind, and when things truly happened."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import socket
import time
from contextlib import closing
from pathlib import Path

import pytest

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Unavailable
from taxops.project.children import pid_alive
from taxops.project.lab import control, plan

from .reach import eventually, get, state

pytestmark = [pytest.mark.real]


def test_breaking_twice_and_healing_the_healthy_do_nothing_and_say_so(data: Path) -> None:
    assert control.break_(data, "dns")["changed"]
    pid_after = state(data, "dns")["since_ms"]
    again = control.break_(data, "dns")
    assert not again["changed"]
    assert "未做任何事" in again["message"]
    assert state(data, "dns")["since_ms"] == pid_after
    assert control.heal(data, "dns")["changed"]
    again = control.heal(data, "dns")
    assert not again["changed"]
    assert "未做任何事" in again["message"]


def test_another_way_of_breaking_needs_healing_first(data: Path) -> None:
    control.break_(data, "dns", "error")
    with pytest.raises(Conflict, match="SERVFAIL"):
        control.break_(data, "dns", "stop")


def test_unknown_names_and_modes_list_the_known_ones(data: Path) -> None:
    with pytest.raises(NotFound, match="acceptance（受理服务）"):
        control.break_(data, "mainframe")
    with pytest.raises(NotFound, match="nginx"):
        control.heal(data, "mainframe")
    with pytest.raises(BadInput, match="hang（挂起"):
        control.break_(data, "tls", "melt")


def test_what_somebody_does_behind_the_keepers_back_is_noticed(data: Path, lab: plan.Lab) -> None:
    pid = state(data, "acceptance")["pid"]
    os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: state(data, "acceptance")["state"] == "broken", 20)
    assert "不是由实验室操作" in state(data, "acceptance")["state_label"]
    assert control.heal(data, "acceptance")["changed"]
    pid = state(data, "acceptance")["pid"]
    os.kill(pid, signal.SIGSTOP)
    assert eventually(lambda: state(data, "acceptance")["mode"] == "hang", 20)
    os.kill(pid, signal.SIGCONT)
    assert eventually(lambda: state(data, "acceptance")["state"] == "running", 20)
    assert get(lab["acceptance"].target)[0] == 200


def test_events_bracket_the_true_instants(data: Path) -> None:
    before = time.time_ns() // 1_000_000
    control.break_(data, "dns")
    middle = time.time_ns() // 1_000_000
    control.heal(data, "dns")
    heal, stop = control.events(data, 2)
    assert before <= stop["began_ms"] <= stop["done_ms"] <= middle
    assert middle <= heal["began_ms"] <= heal["done_ms"] <= time.time_ns() // 1_000_000
    assert (stop["act"], heal["act"]) == ("break", "heal")


@pytest.mark.parametrize(
    "line", [b"\n", b"[]\n", b"{}\n", b"x" * 10_000 + b"\n", b'{"op":"break","name":"dns","token":"no"}\n']
)
def test_the_door_refuses_nonsense_and_strangers(data: Path, lab: plan.Lab, line: bytes) -> None:
    with closing(socket.create_connection(("127.0.0.1", lab.control_port), timeout=5)) as door:
        door.sendall(line)
        told = json.loads(door.makefile("rb").readline())
    assert told["error"]["code"] in {"bad_input", "not_permitted"}
    assert state(data, "dns")["state"] == "running"


def test_a_wrong_token_opens_nothing(data: Path, lab: plan.Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(plan, "load", lambda _: dataclasses.replace(lab, token="wrong"))
        with pytest.raises(NotPermitted):
            control.status(data)


def test_a_missing_server_is_named_and_not_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from taxops.project.lab.keeper import Keeper

    monkeypatch.setattr(plan, "program", lambda _: None)
    keeper = Keeper(plan.lay(tmp_path / "lab"))
    assert {code for code in ("nginx", "redis") if code in keeper.units} == set()
    assert keeper.describe("nginx")["state_label"] == "未安装，未启动"
    with pytest.raises(Unavailable, match="nginx（nginx）未安装，未启动"):
        keeper.break_({"name": "nginx"})


def test_asking_a_lab_that_never_was_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="taxops demo"):
        control.status(tmp_path)


def test_addresses_stay_the_same_from_start_to_start(tmp_path: Path) -> None:
    first = plan.lay(tmp_path)
    plan.save(first)
    second = plan.lay(tmp_path)
    assert {c: a.port for c, a in first.services.items()} == {c: a.port for c, a in second.services.items()}
    assert first.token != second.token


def test_a_taken_port_is_replaced(tmp_path: Path) -> None:
    first = plan.lay(tmp_path)
    plan.save(first)
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", first["dns"].port))
        taken.listen()
        second = plan.lay(tmp_path)
    assert second["dns"].port not in {0, first["dns"].port}


def test_only_one_keeper_runs_on_a_folder(running: tuple[Path, plan.Lab]) -> None:
    import subprocess

    from taxops.project.children import python

    done = subprocess.run(
        python("taxops.project.lab.keeper", str(running[0] / "lab")),
        capture_output=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 2
    assert "已经在运行" in done.stderr.decode()
    assert plan.load(running[0] / "lab").pid == running[1].pid


@pytest.mark.slow
def test_killing_the_keeper_leaves_nothing_even_of_frozen_services(tmp_path: Path) -> None:
    lab = control.start(tmp_path)
    for name in ("postgres", "acceptance", "nginx", "redis"):
        if lab[name].installed:
            control.break_(tmp_path, name, "hang")
    pids = [service["pid"] for service in control.status(tmp_path) if service["pid"]]
    assert len(pids) >= 6
    os.kill(lab.pid, signal.SIGKILL)
    assert eventually(lambda: not any(pid_alive(pid) for pid in pids), 30)
    with pytest.raises(Unavailable, match="没有在运行"):
        control.status(tmp_path)
    again = control.start(tmp_path)
    try:
        assert not [service for service in control.status(tmp_path) if service["state"] == "broken"]
        assert again["postgres"].port == lab["postgres"].port
    finally:
        control.stop(tmp_path)
