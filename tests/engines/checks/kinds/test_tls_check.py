"""Kind `tls`: expiry, chain and name, told apart, whatever else is wrong."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import pytest

from taxops.engines.checks import Failed
from taxops.engines.checks.kinds.tls_check import certificate_facts, name_matches
from tests.engines.checks.kinds.conftest import Authority, TlsServer
from tests.engines.checks.rude import answering, look, reset, serving, silent


@pytest.fixture
def good(authority: Authority) -> Iterator[TlsServer]:
    server = TlsServer(authority.issue("127.0.0.1", "localhost", "*.demo.test", days=60))
    yield server
    server.close()


def test_a_good_certificate_is_well(good: TlsServer, authority: Authority) -> None:
    result = look("tls", f"127.0.0.1:{good.port}", ca_file=str(authority.path))
    assert result.verdict == "ok", result.message
    assert 59 < result.metrics["cert_days"] < 61
    assert {"connect", "tls"} <= set(result.phases)


def test_an_unknown_authority_breaks_the_chain_only(good: TlsServer) -> None:
    result = look("tls", f"127.0.0.1:{good.port}")
    assert result.verdict == "critical"
    assert "cert_chain_ok" in result.message
    assert "找不到签发证书的机构" in result.message
    assert look("tls", f"127.0.0.1:{good.port}", "cert_name_ok and cert_days > 30").verdict == "ok"


def test_names_are_checked_by_the_certificates_own_list(good: TlsServer, authority: Authority) -> None:
    def verdict(name: str) -> str:
        return look("tls", f"127.0.0.1:{good.port}", server_name=name, ca_file=str(authority.path)).verdict

    assert verdict("hall.demo.test") == "ok"
    assert verdict("a.hall.demo.test") == "critical"
    assert verdict("other.test") == "critical"


def test_an_expired_certificate_is_described_all_the_same(authority: Authority) -> None:
    server = TlsServer(authority.issue("127.0.0.1", days=-3))
    result = look("tls", f"127.0.0.1:{server.port}", ca_file=str(authority.path))
    server.close()
    assert "证书已过期 3.0 天" in result.message
    assert result.evidence["cert_subject"] == "CN=127.0.0.1"


def test_soon_and_sooner_are_warning_and_critical(authority: Authority) -> None:
    for days, verdict in ((20, "warning"), (5, "critical")):
        server = TlsServer(authority.issue("127.0.0.1", days=days))
        assert look("tls", f"127.0.0.1:{server.port}", ca_file=str(authority.path)).verdict == verdict
        server.close()


def test_self_signed_is_a_fact(authority: Authority) -> None:
    server = TlsServer(authority.issue("127.0.0.1", days=90, self_signed=True))
    assert (
        look("tls", f"127.0.0.1:{server.port}", "self_signed and cert_days > 30 and key_bits >= 256").verdict
        == "ok"
    )
    server.close()


def test_an_endpoint_without_tls_is_named() -> None:
    with serving(answering(b"220 plain\r\n")) as server:
        assert "不是 TLS" in look("tls", server.address).message
    with serving(reset) as server:
        assert look("tls", server.address).verdict == "critical"
    with serving(silent) as server:
        assert "停在：TLS 握手" in look("tls", server.address, timeout_s=0.3).message


def test_a_wrong_file_of_authorities_is_not_the_targets_fault(good: TlsServer) -> None:
    result = look("tls", f"127.0.0.1:{good.port}", ca_file="/nonexistent.pem")
    assert result.verdict == "unknown"
    assert "/nonexistent.pem" in result.message


def test_https_pages_verify_unless_told_otherwise(good: TlsServer, authority: Authority) -> None:
    url = f"https://127.0.0.1:{good.port}/"
    assert "证书不可信" in look("http", url).message
    assert look("http", url, insecure=True).verdict == "ok"
    result = look(
        "http", url, "status == 200 and cert_days > 30 and tls_ms >= 0", ca_file=str(authority.path)
    )
    assert result.verdict == "ok", result.message
    assert list(result.phases) == ["connect", "tls", "send", "wait", "read"]


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_sessions_are_taken_up_again_when_wanted(authority: Authority, newest: ssl.TLSVersion) -> None:
    server = TlsServer(authority.issue("127.0.0.1", days=60), newest=newest)
    memory: dict[str, object] = {}
    for _ in range(2):
        url = f"https://127.0.0.1:{server.port}/"
        assert look("http", url, resume=True, ca_file=str(authority.path), memory=memory).verdict == "ok"
    server.close()
    assert server.resumed == [False, True]


def test_garbage_is_no_certificate() -> None:
    with pytest.raises(Failed, match="无法解析"):
        certificate_facts(b"\x30\x03abc", "x", 0)


def test_a_star_stands_for_one_label() -> None:
    assert not name_matches("test", ["*.test"])
    assert not name_matches("127.0.0.1", ["*.0.0.1"])
    assert name_matches("::1", ["::1"])
    assert name_matches("HALL.Demo.Test.", ["*.demo.test"])
