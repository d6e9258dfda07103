"""Names to addresses: hosts file first, our own queries, nothing that blocks."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from taxops.engines.checks import Failed
from taxops.engines.checks.wire import Attempt, Loop, Resolver, ask
from taxops.engines.checks.wire.resolver import read_hosts, read_resolv
from taxops.project.embedded import free_port

Reply = Callable[[dns.message.Message], bytes | None]


class NameServer:
    """A name server on loopback that answers as told."""

    def __init__(self, reply: Reply) -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.port = free_port()  # for TCP too: a truncated answer is asked for again there
        self.sock.bind(("127.0.0.1", self.port))
        self.reply = reply
        self.asked = 0
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        while True:
            try:
                packet, peer = self.sock.recvfrom(4096)
            except OSError:
                return
            self.asked += 1
            answer = self.reply(dns.message.from_wire(packet))
            if answer is not None:
                self.sock.sendto(answer, peer)


@pytest.fixture
def name_server() -> Iterator[Callable[[Reply], NameServer]]:
    made: list[NameServer] = []

    def make(reply: Reply) -> NameServer:
        made.append(NameServer(reply))
        return made[-1]

    yield make
    for server in made:
        server.sock.close()


def answer(
    query: dns.message.Message, *records: tuple[str, str], rcode: str = "NOERROR"
) -> dns.message.Message:
    response = dns.message.make_response(query)
    response.set_rcode(dns.rcode.from_text(rcode))
    for kind, text in records:
        response.answer.append(dns.rrset.from_text(query.question[0].name, 60, "IN", kind, text))
    return response


def resolve(resolver: Resolver, *hosts: str) -> list[object]:
    found: list[object] = []
    loop = Loop(time.monotonic)
    attempt = Attempt(loop, resolver, memory={}, tracing=False, wall_ms=0)

    async def work() -> None:
        for host in hosts:
            try:
                found.append(await resolver.resolve(attempt, host))
            except Failed as failure:
                found.append(failure.message)

    done: list[BaseException | None] = []
    loop.spawn(work(), time.monotonic() + 8, lambda _, __, error: done.append(error))
    while not done:
        loop.turn()
    loop.close()
    assert done == [None]
    return found


def resolver_for(tmp_path: Path, port: int, hosts: str = "") -> Resolver:
    (tmp_path / "hosts").write_text(hosts)
    (tmp_path / "resolv").write_text("nameserver 127.0.0.1\nsearch tax.test\noptions ndots:1\n")
    return Resolver(
        time.monotonic, hosts=str(tmp_path / "hosts"), resolv=str(tmp_path / "resolv"), port=port, wait_s=0.15
    )


def test_the_hosts_file_comes_first_and_asks_nobody(tmp_path: Path) -> None:
    resolver = resolver_for(tmp_path, 1, "127.0.0.9 etax.test etax # comment\n::1 etax.test\nrubbish\n")
    assert resolve(resolver, "ETAX.test", "etax.") == [["127.0.0.9", "::1"], ["127.0.0.9"]]


def test_a_name_is_asked_once_and_kept_for_its_time(
    tmp_path: Path, name_server: Callable[[Reply], NameServer]
) -> None:
    server = name_server(lambda query: answer(query, ("A", "127.0.0.7")).to_wire())
    assert resolve(resolver_for(tmp_path, server.port), "a.test", "a.test", "A.TEST") == [["127.0.0.7"]] * 3
    assert server.asked == 1


def test_ipv6_is_asked_for_when_there_is_no_ipv4(
    tmp_path: Path, name_server: Callable[[Reply], NameServer]
) -> None:
    def reply(query: dns.message.Message) -> bytes:
        six = query.question[0].rdtype == 28
        return answer(query, *([("AAAA", "::1")] if six else [])).to_wire()

    assert resolve(resolver_for(tmp_path, name_server(reply).port), "six.test") == [["::1"]]


def test_search_domains_are_tried_for_short_names(
    tmp_path: Path, name_server: Callable[[Reply], NameServer]
) -> None:
    def reply(query: dns.message.Message) -> bytes:
        known = str(query.question[0].name) == "db.tax.test."
        return answer(
            query, *([("A", "127.0.0.3")] if known else []), rcode="NOERROR" if known else "NXDOMAIN"
        ).to_wire()

    assert resolve(resolver_for(tmp_path, name_server(reply).port), "db") == [["127.0.0.3"]]


def test_failures_are_said_in_words(tmp_path: Path, name_server: Callable[[Reply], NameServer]) -> None:
    gone = name_server(lambda query: answer(query, rcode="NXDOMAIN").to_wire())
    broken = name_server(lambda query: answer(query, rcode="SERVFAIL").to_wire())
    assert "不存在" in str(resolve(resolver_for(tmp_path, gone.port), "x.test")[0])
    assert "SERVFAIL" in str(resolve(resolver_for(tmp_path, broken.port), "x.test")[0])
    assert "没有在服务" in str(resolve(resolver_for(tmp_path, 1), "x.test")[0])


def test_garbage_and_forged_answers_are_passed_over(
    tmp_path: Path, name_server: Callable[[Reply], NameServer]
) -> None:
    def forged(query: dns.message.Message) -> bytes:
        other = dns.message.make_query("other.test", "A")
        return answer(other, ("A", "6.6.6.6")).to_wire()

    found = resolve(resolver_for(tmp_path, name_server(forged).port), "x.test")
    assert "不是有效的 DNS 应答" in str(found[0])


def test_a_lost_packet_is_asked_again(tmp_path: Path, name_server: Callable[[Reply], NameServer]) -> None:
    seen: list[int] = []

    def reply(query: dns.message.Message) -> bytes | None:
        seen.append(1)
        return answer(query, ("A", "127.0.0.4")).to_wire() if len(seen) > 1 else None

    assert resolve(resolver_for(tmp_path, name_server(reply).port), "slow.test") == [["127.0.0.4"]]


def test_a_truncated_answer_is_fetched_over_tcp(name_server: Callable[[Reply], NameServer]) -> None:
    def short(query: dns.message.Message) -> bytes:
        response = answer(query)
        response.flags |= dns.flags.TC
        return response.to_wire()

    server = name_server(short)
    listener = socket.create_server(("127.0.0.1", server.port))

    def over_tcp() -> None:
        connection, _ = listener.accept()
        size = int.from_bytes(connection.recv(2), "big")
        raw = answer(dns.message.from_wire(connection.recv(size)), ("TXT", '"long"')).to_wire()
        connection.sendall((len(raw).to_bytes(2, "big") + raw)[:5])
        connection.sendall((len(raw).to_bytes(2, "big") + raw)[5:])

    threading.Thread(target=over_tcp, daemon=True).start()
    loop = Loop(time.monotonic)
    attempt = Attempt(loop, Resolver(time.monotonic), memory={}, tracing=False, wall_ms=0)
    done: list[object] = []
    loop.spawn(
        ask(attempt, "t.test", "TXT", "127.0.0.1", server.port),
        time.monotonic() + 5,
        lambda _, value, error: done.append(value or error),
    )
    while not done:
        loop.turn()
    loop.close()
    listener.close()
    assert done[0].answers == ('"long"',)  # type: ignore[attr-defined]


def test_the_two_files_are_read_whatever_stands_in_them() -> None:
    assert read_resolv("nameserver x\nnameserver 10.0.0.1\n\noptions ndots:x\nsearch a b") == (
        ["10.0.0.1"],
        ["a", "b"],
        1,
    )
    assert read_hosts("1.2.3.4\n::1 x\n1.2.3.4 x\n#\n") == {"x": ["1.2.3.4", "::1"]}


def test_what_is_known_is_told_without_asking(
    tmp_path: Path, name_server: Callable[[Reply], NameServer]
) -> None:
    server = name_server(lambda query: answer(query, ("A", "127.0.0.7")).to_wire())
    resolver = resolver_for(tmp_path, server.port, "127.0.0.9 etax.test\n")
    assert resolver.known("ETAX.test.") == ["127.0.0.9"]
    assert resolver.known("a.test") is None
    assert server.asked == 0
    resolve(resolver, "a.test")
    assert resolver.known("A.test") == ["127.0.0.7"]
