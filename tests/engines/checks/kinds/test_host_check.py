"""Kind `host`: this machine and one behind SSH, by the same numbers."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from taxops.engines.base import BadInput
from taxops.engines.checks import Failed
from taxops.engines.checks.kinds.host_check import Sample, host_facts, read_remote, remote_command
from tests.engines.checks.kinds.ssh_server import SshServer
from tests.engines.checks.rude import look, reset, serving

LOGIN = {"username": "ops", "password": "only-for-tests"}


def proc() -> dict[str, str]:
    return {
        name: (Path("/proc") / name).read_text()
        for name in ("stat", "loadavg", "meminfo", "diskstats", "uptime")
    }


def test_this_machine_is_read_as_psutil_reads_it() -> None:
    result = look("host", "local", "cores > 0 and uptime_s > 0", 'disk["/"].percent >= 0', mounts="/, /tmp")
    assert result.verdict == "ok", result.message
    assert result.metrics["memory_percent"] == pytest.approx(psutil.virtual_memory().percent, abs=8)
    assert result.metrics["disk_percent"] >= psutil.disk_usage("/").percent - 1
    assert 0 <= result.metrics["cpu_percent"] <= 100


def test_cpu_is_the_share_between_two_samples() -> None:
    texts = proc()
    old = Sample(
        0.0, {**texts, "stat": "cpu 100 0 100 800 0 0 0 0\ncpu0 1\ncpu1 1\n"}, {"/": (1000, 250, 10.0)}
    )
    new = Sample(
        10.0, {**texts, "stat": "cpu 150 0 125 900 25 0 0 0\ncpu0 1\ncpu1 1\n"}, {"/": (1000, 250, 10.0)}
    )
    facts = host_facts(old, new)
    assert (facts["cpu_percent"], facts["iowait_percent"], facts["cores"]) == (37.5, 12.5, 2)
    assert (facts["disk_percent"], facts["disk_free"], facts["inode_percent"]) == (75.0, 250, 10.0)


def test_disk_traffic_counts_whole_disks_once() -> None:
    texts = proc()
    line = "8 {} {} 0 0 {} 0 0 0 {} 0 0 {} 0\n"
    old = line.format(0, "sda", 0, 0, 0) + line.format(1, "sda1", 0, 0, 0)
    new = line.format(0, "sda", 200, 400, 5000) + line.format(1, "sda1", 200, 400, 5000)
    facts = host_facts(Sample(0.0, {**texts, "diskstats": old}), Sample(10.0, {**texts, "diskstats": new}))
    assert (facts["disk_read_per_s"], facts["disk_write_per_s"], facts["io_busy_percent"]) == (
        10240,
        20480,
        50,
    )


def test_something_that_is_no_linux_is_named() -> None:
    empty = Sample(0.0, dict.fromkeys(("stat", "loadavg", "meminfo", "diskstats", "uptime"), ""))
    with pytest.raises(Failed, match="可能不是 Linux"):
        host_facts(empty, empty)


def test_a_mount_that_is_not_there_is_named() -> None:
    assert "读取挂载点 /nonexistent 失败" in look("host", "local", mounts="/nonexistent").message
    with pytest.raises(BadInput):
        look("host", "local", mounts="relative")


def test_the_remote_command_gives_what_the_local_files_say() -> None:
    text = os.popen(remote_command(("/",))).read()
    sample = read_remote(text, ("/",), 1.0)
    assert sample.texts["stat"].startswith("cpu ")
    found = psutil.disk_usage("/")
    usable, free, _ = sample.disks["/"]
    assert usable == pytest.approx(found.used + found.free, rel=0.02)
    assert free == pytest.approx(found.free, rel=0.02)


@pytest.mark.real
def test_a_host_behind_ssh_is_read(ssh_server: SshServer) -> None:
    memory: dict[str, object] = {}
    for _ in range(2):
        result = look(
            "host", f"127.0.0.1:{ssh_server.port}", "cores > 0 and memory_percent > 0",
            host_key=ssh_server.host_key, memory=memory, timeout_s=15.0, **LOGIN,
        )  # fmt: skip
        assert result.verdict == "ok", result.message
    assert "disk_read_per_s" in result.metrics


@pytest.mark.real
def test_logins_that_fail_say_why(ssh_server: SshServer) -> None:
    target = f"127.0.0.1:{ssh_server.port}"
    wrong = look("host", target, username="ops", password="x", trust_host=True, timeout_s=10.0)
    assert "登录被拒绝" in wrong.message
    stranger = look("host", target, timeout_s=10.0, **LOGIN)
    assert (stranger.verdict, "主机公钥" in stranger.message) == ("unknown", True)
    badly = look("host", target, timeout_s=10.0, host_key="ssh-ed25519 nonsense", **LOGIN)
    assert (badly.verdict, "OpenSSH" in badly.message) == ("unknown", True)
    assert "连接被拒绝" in look("host", "127.0.0.1:1", timeout_s=5.0, **LOGIN).message
    with serving(reset) as server:
        assert look("host", server.address, timeout_s=5.0, **LOGIN).verdict == "critical"
