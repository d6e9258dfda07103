"""Kind `lb`: a real nginx as the virtual service before its members, and the wrong sort of balancer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from taxops.engines.base import BadInput
from taxops.engines.checks.kinds.lb_check import read_quorum
from tests.engines.checks.kinds.peers import free_port, need, running
from tests.engines.checks.rude import Server, answering, look, page, serving, silent, speaking_http


@contextlib.contextmanager
def balancer(folder: Path, members: list[int], vip: int) -> Iterator[None]:
    """A real nginx that spreads requests over the ports of members in turn."""
    lines = "".join(f"server 127.0.0.1:{port} max_fails=0;" for port in members)
    config = folder / f"nginx{vip}.conf"
    config.write_text(
        f"daemon off; pid {folder}/nginx{vip}.pid; error_log {folder}/error.log; events {{}}"
        f"http {{ access_log off; upstream pool {{ {lines} }}"
        f" client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;"
        f" uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;"
        f" server {{ listen 127.0.0.1:{vip}; location / {{ proxy_pass http://pool;"
        " proxy_next_upstream off; proxy_connect_timeout 1s; } } }"
    )
    with running([need("nginx"), "-p", str(folder), "-c", str(config)], folder, vip):
        yield


def member(name: str, status: str = "200 OK") -> contextlib.AbstractContextManager[Server]:
    return serving(speaking_http(lambda _: page(b"alive", status, f"X-Server-Id: {name}")))


def test_a_balancer_with_all_members_is_well(tmp_path: Path) -> None:
    vip = free_port()
    with member("a") as a, member("b") as b, balancer(tmp_path, [a.port, b.port], vip):
        result = look(
            "lb", f"http://127.0.0.1:{vip}/health", members=f"a={a.address}, b={b.address}",
            identify="X-Server-Id", keyword="alive", timeout_s=5,
        )  # fmt: skip
    assert result.verdict == "ok", result.message
    assert result.message.startswith("虚服务正常；成员 2/2 在线，至少需要 1 个")
    assert set(result.evidence["answered_by"]) == {"a", "b"}


def test_a_member_that_is_out_is_a_warning_and_named_with_its_reason(tmp_path: Path) -> None:
    vip = free_port()
    with member("a") as a, member("b") as b, balancer(tmp_path, [a.port], vip):
        b.close()
        result = look("lb", f"http://127.0.0.1:{vip}/", members=[f"a={a.address}", f"b={b.address}"])
        strict = look("lb", f"http://127.0.0.1:{vip}/", members=[a.address, b.address], quorum="2")
    assert result.verdict == "warning"
    assert "不在线：b（连接失败：连接被拒绝，端口上没有服务在监听）" in result.message
    assert strict.verdict == "critical"
    assert "quorum_ok" in strict.message


def test_members_up_behind_a_dead_virtual_service_blame_the_balancer() -> None:
    with member("a") as a:
        result = look("lb", f"http://127.0.0.1:{free_port()}/", members=a.address)
    assert result.verdict == "critical"
    assert "成员在线而虚服务不通，故障在负载均衡本身" in result.message


def test_a_balancer_that_keeps_sending_to_a_sick_member_is_caught(tmp_path: Path) -> None:
    vip = free_port()
    healthy = {"b": True}

    def b_talk(_: bytes) -> bytes:
        return page(b"alive", "200 OK" if healthy["b"] else "503 Service Unavailable", "X-Server-Id: b")

    memory: dict[str, object] = {}
    with (
        member("a") as a,
        serving(speaking_http(b_talk)) as b,
        balancer(tmp_path, [a.port, b.port], vip),
    ):
        given = {"members": f"node-a={a.address},node-b={b.address}", "identify": "X-Server-Id", "tries": 4}
        assert look("lb", f"http://127.0.0.1:{vip}/", memory=memory, **given).verdict == "ok"
        healthy["b"] = False
        result = look("lb", f"http://127.0.0.1:{vip}/", "dead_answers == 0", memory=memory, **given)
    assert result.verdict == "critical"
    assert "虚服务仍把请求转给已不在线的 node-b" in result.message


def test_somebody_not_on_the_list_behind_the_virtual_service_is_told(tmp_path: Path) -> None:
    vip = free_port()
    with member("a") as a, member("x") as x, balancer(tmp_path, [x.port], vip):
        result = look("lb", f"http://127.0.0.1:{vip}/", members=f"a={a.address}", identify="X-Server-Id")
    assert result.verdict == "warning"
    assert "名单之外的成员应答：x" in result.message


def test_ports_alone_are_enough_and_silence_costs_no_more_than_the_timeout() -> None:
    with serving(silent) as vip, serving(answering(b"x")) as a:
        over_tcp = look("lb", vip.address, members=a.address)
        over_http = look("lb", vip.url, members=a.address, timeout_s=0.6)
    assert over_tcp.verdict == "ok"
    assert "没有应答（停在：等待响应）" in over_http.message
    assert over_http.verdict == "critical"


def test_many_members_are_asked_side_by_side() -> None:
    with serving(silent) as stuck, member("a") as a:
        names = [f"m{n}={stuck.address}" for n in range(12)] + [f"good={a.address}"]
        result = look("lb", a.url, members=names, quorum="1", timeout_s=2.0)
    assert result.verdict == "warning"
    assert "成员 1/13 在线" in result.message
    assert "等 12 个" in result.message


def test_garbage_from_a_member_is_a_reason_not_an_error() -> None:
    with serving(answering(b"\x00\x01garbage\r\n\r\n")) as bad, member("a") as a:
        result = look("lb", a.url, members=[a.address, f"bad={bad.address}"])
    assert "bad（" in result.message
    assert "不是 HTTP 响应" in result.message


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"members": ""}, "members"),
        ({"members": "a=h:1,a=h:2"}, "members"),
        ({"members": "h:1", "quorum": "2"}, "quorum"),
        ({"members": "h:1", "quorum": "half"}, "quorum"),
        ({"members": "h:1", "statuses": "ok"}, "statuses"),
        ({"members": "h:1", "identify": "bad header"}, "identify"),
        ({"members": [f"h:{n}" for n in range(1, 80)]}, "members"),
    ],
)
def test_parameters_that_do_not_fit_name_their_field(params: dict[str, object], field: str) -> None:
    with pytest.raises(BadInput) as error:
        look("lb", "http://127.0.0.1:1/", **params)
    assert error.value.field == field


def test_a_percentage_is_rounded_up() -> None:
    assert [read_quorum("50%", n) for n in (1, 2, 3, 5)] == [1, 1, 2, 3]
    assert read_quorum("0", 3) == 0
