"""Kind `dns`: what a name server answers."""

from __future__ import annotations

import dns.message
import pytest

from taxops.engines.base import BadInput
from tests.engines.checks.rude import look
from tests.engines.checks.wire.test_resolver import NameServer, answer


def test_an_answer_is_judged() -> None:
    server = NameServer(lambda query: answer(query, ("A", "10.0.0.9"), ("A", "10.0.0.8")).to_wire())
    at = f"127.0.0.1:{server.port}"
    good = look("dns", "etax.test", server=at, expect="10.0.0.9, 10.0.0.8")
    assert good.verdict == "ok", good.message
    assert look("dns", "etax.test", 'first == "10.0.0.8" and ttl_s == 60', server=at).verdict == "ok"
    bad = look("dns", "etax.test", server=at, expect="10.0.0.9")
    assert "与应有结果 10.0.0.9 不符" in bad.message
    server.sock.close()


def test_no_such_name_is_critical() -> None:
    server = NameServer(lambda query: answer(query, rcode="NXDOMAIN").to_wire())
    result = look("dns", "gone.test", server=f"127.0.0.1:{server.port}")
    assert (result.verdict, "NXDOMAIN" in result.message) == ("critical", True)
    server.sock.close()


def test_a_server_that_says_nothing_is_critical() -> None:
    def nothing(_: dns.message.Message) -> None:
        return None

    server = NameServer(nothing)
    assert look("dns", "x.test", server=f"127.0.0.1:{server.port}", timeout_s=0.3).verdict == "critical"
    server.sock.close()


@pytest.mark.parametrize(
    ("target", "params", "field"),
    [
        ("a..b", {}, "target"),
        ("a" * 70 + ".test", {}, "target"),
        ("x.test", {"type": "ANY"}, "type"),
        ("x.test", {"server": "ns.test"}, "server"),
    ],
)
def test_questions_that_are_none_are_refused(target: str, params: dict[str, str], field: str) -> None:
    with pytest.raises(BadInput) as error:
        look("dns", target, **params)
    assert error.value.field == field
