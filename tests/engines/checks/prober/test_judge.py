"""From what was seen to a verdict."""

from __future__ import annotations

from taxops.engines.checks import CheckSpec, prepare
from tests.engines.checks.rude import answering, look, page, serving


def test_a_check_without_conditions_takes_its_kinds() -> None:
    prepared = prepare(CheckSpec(1, "tls", "h:443"))
    assert [condition.text for condition in prepared.conditions] == [
        "cert_chain_ok and cert_name_ok",
        "cert_days > 7",
    ]
    assert [condition.text for condition in prepared.warnings] == ["cert_days > 30"]


def test_a_check_with_conditions_of_its_own_inherits_no_warnings() -> None:
    assert prepare(CheckSpec(1, "tls", "h:443", conditions=("cert_days > 1",))).warnings == ()


def test_critical_goes_before_warning() -> None:
    with serving(answering(page())) as server:
        result = look("http", server.url, "status == 404", warnings=("size > 100",))
    assert result.verdict == "critical"


def test_age_is_counted_from_the_time_of_fact() -> None:
    body = b'{"at": "2026-06-01T09:00:00+08:00"}'
    now = 1_780_279_200_000
    with serving(answering(page(body))) as server:
        assert look("http", server.url, "age(body.at) == 1h", wall_ms=now).verdict == "ok"


def test_the_trace_of_a_try_shows_steps_conditions_request_and_answer() -> None:
    with serving(answering(page(b"hello"))) as server:
        evidence = look("http", server.url, "status == 200").evidence
    assert [step["step"] for step in evidence["trace"]] == ["已连接", "已收到响应"]
    assert evidence["conditions"][0]["holds"] is True
    assert evidence["request"].startswith("GET / HTTP/1.1\nHost: 127.0.0.1")
    assert evidence["response"].startswith("HTTP/1.1 200 OK")
    assert evidence["body"] == "hello"


def test_a_try_from_a_thread_with_a_running_asyncio_loop_works() -> None:
    import asyncio

    async def inside() -> str:
        return look("host", "local", "cores > 0").verdict

    assert asyncio.run(inside()) == "ok"
