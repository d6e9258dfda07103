"""Breaking and healing real services: they are really gone, really hang, really come back."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

import dns.exception
import dns.message
import dns.query
import dns.rcode
import psycopg
import pytest
import redis
from confluent_kafka import Consumer, TopicPartition
from redis.backoff import NoBackoff
from redis.retry import Retry

from taxops.project.lab import control, plan

from .reach import eventually, get, need, state

pytestmark = [pytest.mark.real]


def test_everything_that_is_installed_runs(data: Path, lab: plan.Lab) -> None:
    told = {service["name"]: service["state"] for service in control.status(data)}
    assert told == {
        code: "running" if address.installed else "absent" for code, address in lab.services.items()
    }


def test_a_stopped_service_refuses_connections_and_comes_back_on_its_port(data: Path, lab: plan.Lab) -> None:
    target = lab["acceptance"].target
    assert json.loads(get(target)[1])["code"] == "0"
    answer = control.break_(data, "acceptance")
    assert answer["changed"]
    with pytest.raises(urllib.error.URLError, match="refused"):
        get(target)
    assert state(data, "acceptance")["pid"] is None
    assert control.heal(data, "acceptance")["changed"]
    assert get(target)[0] == 200


def test_a_hung_service_accepts_and_never_answers(data: Path, lab: plan.Lab) -> None:
    control.break_(data, "acceptance", "hang")
    with closing(socket.create_connection(("127.0.0.1", lab["acceptance"].port), timeout=1)) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\n\r\n")
        connection.settimeout(0.5)
        with pytest.raises(TimeoutError):
            connection.recv(1)
    control.heal(data, "acceptance")
    assert get(lab["acceptance"].target)[0] == 200


@pytest.mark.parametrize(
    ("mode", "status", "code"), [("error", 500, "500"), ("degraded", 200, "9")], ids=["error", "degraded"]
)
def test_the_acceptance_service_answers_badly(
    data: Path, lab: plan.Lab, mode: str, status: int, code: str
) -> None:
    control.break_(data, "acceptance", mode)
    got, body = get(lab["acceptance"].target)
    assert (got, json.loads(body)["code"]) == (status, code)


def test_garbage_is_not_http(data: Path, lab: plan.Lab) -> None:
    control.break_(data, "acceptance", "garbage")
    with closing(socket.create_connection(("127.0.0.1", lab["acceptance"].port), timeout=2)) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\n\r\n")
        assert not connection.recv(100).startswith(b"HTTP/")


def test_a_slow_service_takes_three_seconds(data: Path, lab: plan.Lab) -> None:
    control.break_(data, "acceptance", "slow")
    with pytest.raises((TimeoutError, urllib.error.URLError)):
        get(lab["acceptance"].target, timeout=1)
    assert get(lab["acceptance"].target, timeout=10)[0] == 200


def test_login_token_and_query_make_one_flow(lab: plan.Lab) -> None:
    base, facts = lab["acceptance"].facts["base"], lab["acceptance"].facts

    def post(path: str, body: dict[str, str]) -> Any:
        request = urllib.request.Request(base + path, json.dumps(body).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=3) as answer:
            return json.loads(answer.read())["data"]

    ticket = post("/login", {"user": facts["user"], "password": facts["password"]})["ticket"]
    token = post("/token", {"ticket": ticket})["access_token"]
    request = urllib.request.Request(
        f"{base}/query?number=24222000000012345678", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=3) as answer:
        assert json.loads(answer.read())["data"]["status"] == "正常"
    with pytest.raises(urllib.error.HTTPError, match="401"):
        post("/login", {"user": facts["user"], "password": "wrong"})


def _handshake(lab: plan.Lab) -> dict[str, Any]:
    facts = lab["tls"].facts
    context = ssl.create_default_context(cafile=facts["ca_file"])
    with (
        closing(socket.create_connection(("127.0.0.1", lab["tls"].port), timeout=2)) as raw,
        context.wrap_socket(raw, server_hostname=facts["name"]) as wrapped,
    ):
        return dict(wrapped.getpeercert() or {})


@pytest.mark.parametrize(
    ("mode", "reason"),
    [("expired", "expired"), ("wrong_name", "mismatch"), ("untrusted", "unable to get local issuer")],
    ids=["expired", "wrong_name", "untrusted"],
)
def test_a_bad_certificate_is_refused_for_its_own_reason(
    data: Path, lab: plan.Lab, mode: str, reason: str
) -> None:
    assert _handshake(lab)
    control.break_(data, "tls", mode)
    with pytest.raises(ssl.SSLCertVerificationError, match=reason):
        _handshake(lab)
    control.heal(data, "tls")
    assert _handshake(lab)


def test_an_expiring_certificate_is_valid_for_five_days(data: Path, lab: plan.Lab) -> None:
    control.break_(data, "tls", "expiring")
    left = ssl.cert_time_to_seconds(_handshake(lab)["notAfter"]) - time.time()
    assert 5 <= left / 86400 < 6


def _one(url: str, query: str) -> Any:
    with psycopg.connect(url, connect_timeout=2) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[call-overload]  # fixed texts of this file
        assert row is not None
        return row[0]


_AGE = "SELECT extract(epoch FROM now() - max(received_at)) FROM transfer_batches"
_DIFFERENCE = "SELECT sum(o.invoices - i.invoices) FROM outer_ledger o JOIN inner_ledger i USING (day)"


def test_business_tables_move_until_they_are_told_not_to(data: Path, lab: plan.Lab) -> None:
    url = lab["postgres"].target
    assert eventually(lambda: _one(url, _AGE) < 2)
    control.break_(data, "postgres", "stale")
    assert eventually(lambda: _one(url, _AGE) > 4)
    control.heal(data, "postgres")
    assert eventually(lambda: _one(url, _AGE) < 2)


def test_ledgers_differ_by_three_and_agree_again(data: Path, lab: plan.Lab) -> None:
    url = lab["postgres"].target
    assert _one(url, _DIFFERENCE) == 0
    control.break_(data, "postgres", "mismatch")
    assert eventually(lambda: _one(url, _DIFFERENCE) == 3)
    control.heal(data, "postgres")
    assert eventually(lambda: _one(url, _DIFFERENCE) == 0)


def test_the_account_for_checks_can_only_read(lab: plan.Lab) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        _one(lab["postgres"].target, "DELETE FROM outer_ledger RETURNING 1")


@pytest.mark.parametrize("mode", ["stop", "hang"])
def test_a_broken_database_cannot_be_entered_and_comes_back_with_its_data(
    data: Path, lab: plan.Lab, mode: str
) -> None:
    url = lab["postgres"].target
    before = _one(url, "SELECT count(*) FROM hourly_volume")
    control.break_(data, "postgres", mode)
    with pytest.raises(psycopg.OperationalError):
        _one(url, "SELECT 1")
    control.heal(data, "postgres")
    assert _one(url, "SELECT count(*) FROM hourly_volume") == before


def test_nginx_proxies_and_fails_with_its_upstream(data: Path, lab: plan.Lab) -> None:
    need(lab, "nginx")
    facts = lab["nginx"].facts
    assert b"Active connections" in get(lab["nginx"].target)[1]
    assert get(facts["proxied"])[0] == 200
    control.break_(data, "nginx", "error")
    assert eventually(lambda: get(facts["proxied"])[0] == 502)
    assert get(lab["nginx"].target)[0] == 200
    control.heal(data, "nginx")
    assert eventually(lambda: get(facts["proxied"])[0] == 200)
    assert Path(facts["error_log"]).read_text().count("Connection refused") > 0


@pytest.mark.parametrize(
    ("mode", "error"),
    [
        ("stop", redis.ConnectionError),
        ("error", redis.AuthenticationError),
        ("full", redis.OutOfMemoryError),
        ("hang", redis.TimeoutError),
    ],
    ids=["stop", "error", "full", "hang"],
)
def test_redis_fails_in_its_own_ways(data: Path, lab: plan.Lab, mode: str, error: type[Exception]) -> None:
    need(lab, "redis")

    def write() -> Any:
        with closing(
            redis.Redis(port=lab["redis"].port, socket_timeout=1, retry=Retry(NoBackoff(), 0))
        ) as client:
            return client.set("probe", "1")

    assert write()
    control.break_(data, "redis", mode)
    with pytest.raises(error):
        write()
    control.heal(data, "redis")
    assert write()


def _lag(lab: plan.Lab) -> int:
    """Return how far the group is behind, as a check would count it; -1 when nobody has committed."""
    facts = lab["kafka"].facts
    consumer = Consumer(
        {"bootstrap.servers": lab["kafka"].target, "group.id": facts["group"], "log_level": 0}
    )
    try:
        parts = [TopicPartition(facts["topic"], number) for number in range(4)]
        committed = consumer.committed(parts, timeout=5)
        if any(part.offset < 0 for part in committed):
            return -1
        return sum(consumer.get_watermark_offsets(part, timeout=5)[1] - part.offset for part in committed)
    finally:
        consumer.close()


def test_lag_grows_while_the_consumer_is_away_and_shrinks_after(data: Path, lab: plan.Lab) -> None:
    assert eventually(lambda: 0 <= _lag(lab) < 60, 20)
    control.break_(data, "kafka", "lag")
    assert eventually(lambda: _lag(lab) > 80, 20)
    control.heal(data, "kafka")
    assert eventually(lambda: 0 <= _lag(lab) < 60, 20)


def test_a_restarted_broker_is_found_at_the_same_address(data: Path, lab: plan.Lab) -> None:
    control.break_(data, "kafka", "stop")
    control.heal(data, "kafka")
    assert eventually(lambda: 0 <= _lag(lab) < 60, 20)


def _resolve(lab: plan.Lab, name: str = "fpcy.lab.test") -> dns.message.Message:
    query = dns.message.make_query(name, "A")
    return dns.query.udp(query, "127.0.0.1", timeout=1, port=lab["dns"].port)


def test_names_resolve_wrongly_refuse_or_not_at_all(data: Path, lab: plan.Lab) -> None:
    assert _resolve(lab).answer[0][0].to_text() == "127.0.0.1"
    assert _resolve(lab, "nobody.lab.test").rcode() == dns.rcode.NXDOMAIN
    control.break_(data, "dns", "wrong")
    assert _resolve(lab).answer[0][0].to_text() == "192.0.2.66"
    control.heal(data, "dns")
    control.break_(data, "dns", "error")
    assert _resolve(lab).rcode() == dns.rcode.SERVFAIL
    control.heal(data, "dns")
    control.break_(data, "dns", "hang")
    with pytest.raises(dns.exception.Timeout):
        _resolve(lab)


@pytest.mark.parametrize("packet", [b"", b"\x00", b"\xff" * 600, b"\x12\x34" + b"\xc0\x0c" * 20])
def test_the_dns_server_survives_nonsense(lab: plan.Lab, packet: bytes) -> None:
    with closing(socket.socket(type=socket.SOCK_DGRAM)) as out:
        out.sendto(packet, ("127.0.0.1", lab["dns"].port))
    assert _resolve(lab).rcode() == dns.rcode.NOERROR


def test_logs_grow_in_their_encodings_show_errors_and_fall_silent(data: Path, lab: plan.Lab) -> None:
    inner = Path(lab["logs"].facts["inner"])
    assert "处理服务" in inner.read_text(encoding="gbk")
    control.break_(data, "logs", "error")
    assert eventually(lambda: "错误" in inner.read_text(encoding="gbk"), 30)
    control.heal(data, "logs")
    control.break_(data, "logs", "stop")
    size = inner.stat().st_size
    assert not eventually(lambda: inner.stat().st_size != size, 2.5)


def test_the_acceptance_service_survives_nonsense(lab: plan.Lab) -> None:
    async def throw(data: bytes) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", lab["acceptance"].port)
        writer.write(data)
        writer.close()

    for data in (
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"\x00" * 200_000,
    ):
        asyncio.run(throw(data))
    assert get(lab["acceptance"].target)[0] == 200
