"""Kind `docker` against a stand-in on a Unix socket whose answers fit the Engine API's description."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from taxops.engines.base import BadInput
from tests.engines.checks.kinds.fakes import Answers, http_peer, unix_peer
from tests.engines.checks.kinds.vendor_schemas import DOCKER_INSPECT, DOCKER_LIST, fitting
from tests.engines.checks.rude import look, page


@pytest.fixture
def near() -> Iterator[Path]:
    """Return a folder with a short path: a Unix socket's has 107 bytes, of which a test's own folder takes too many."""
    with tempfile.TemporaryDirectory(prefix="tx") as folder:
        yield Path(folder)


def container(name: str, state: str = "running", health: str = "", **more: Any) -> dict[str, Any]:
    return {"name": name, "state": state, "health": health, "restarts": 0, "exit": 0, "oom": False, **more}


def engine(*containers: dict[str, Any]) -> Answers:
    rows = [
        {
            "Id": f"{number:064x}",
            "Names": [f"/{c['name']}"],
            "Image": "zhfw:1",
            "State": c["state"],
            "Status": f"Up 2 hours ({c['health']})" if c["health"] else "Up 2 hours",
        }
        for number, c in enumerate(containers, 1)
    ]
    answers: Answers = {"/containers/json?all=true": fitting(DOCKER_LIST, rows)}
    for number, c in enumerate(containers, 1):
        state: dict[str, Any] = {
            "Status": c["state"], "Running": c["state"] == "running", "OOMKilled": c["oom"], "ExitCode": c["exit"],
        }  # fmt: skip
        if c["health"]:
            state["Health"] = {"Status": c["health"]}
        answers[f"/containers/{number:064x}/json"] = fitting(
            DOCKER_INSPECT,
            {"Id": f"{number:064x}", "Name": f"/{c['name']}", "RestartCount": c["restarts"], "State": state},
        )
    return answers


def test_containers_by_name_on_a_unix_socket(near: Path) -> None:
    answers = engine(container("zhfw-a", health="healthy"), container("zhfw-b"), container("other", "exited"))
    with unix_peer(near / "docker.sock", answers) as path:
        result = look("docker", f"unix://{path}", names="zhfw-*", least=2)
        everything = look("docker", path)
    assert result.verdict == "ok", result.message
    assert result.message == "2/2 个容器正常，至少需要 2 个。"
    assert everything.verdict == "warning"
    assert "other（已退出，退出码 0）" in everything.message


def test_stopped_unhealthy_and_missing_containers_are_named(near: Path) -> None:
    answers = engine(
        container("zhfw-a", health="unhealthy"),
        container("zhfw-b", "exited", exit=137, oom=True),
        container("zhfw-c"),
    )
    with unix_peer(near / "docker.sock", answers) as path:
        result = look("docker", path, names="zhfw-*, gone-*")
    assert result.verdict == "critical"
    assert "zhfw-a（健康检查不通过）、zhfw-b（已退出，退出码 137）" in result.message
    assert "没有名称符合 gone-* 的容器" in result.message


def test_restarts_since_the_last_look_warn_once(near: Path) -> None:
    memory: dict[str, Any] = {}
    with http_peer(engine(container("a", restarts=3))) as server:
        assert look("docker", server.address.join(("tcp://", "")), memory=memory).verdict == "ok"
    with http_peer(engine(container("a", restarts=5))) as server:
        again = look("docker", server.url, memory=memory)
        calm = look("docker", server.url, memory=memory)
    assert again.verdict == "warning"
    assert "new_restarts 实际为 2" in again.message
    assert "上次检查以来重启过：a" in again.message
    assert calm.verdict == "ok"


def test_a_socket_that_is_not_there_or_not_ours_says_so(near: Path) -> None:
    assert "套接字文件不存在" in look("docker", str(near / "none.sock")).message
    with unix_peer(near / "d.sock", {"/": page(b"{}", "403 Forbidden")}) as path:
        assert "拒绝访问" in look("docker", path).message


def test_an_address_that_is_none_is_refused() -> None:
    for target in ("unix://relative.sock", "/" + "x" * 200, "ftp://x"):
        with pytest.raises(BadInput) as error:
            look("docker", target)
        assert error.value.field == "target"
