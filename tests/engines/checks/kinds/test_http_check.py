"""Kind `http` against servers that do everything wrong: always a verdict in words, never a leak."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from taxops.engines.base import BadInput
from tests.engines.checks.rude import (
    Talk,
    answering,
    look,
    open_descriptors,
    page,
    reset,
    serving,
    silent,
    speaking_http,
)

JSON = page(
    b'{"code": "0", "data": [{"n": 3}]}', "200 OK", "Content-Type: application/json", "X-Site: Hall-9"
)


def forever(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def trickle(connection: socket.socket) -> None:
    connection.recv(65536)
    for byte in page(b"y" * 500):
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


def endless_headers(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-More: " + b"a" * 1000 + b"\r\n")


def half_closed(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_WR)
    connection.recv(65536)


def closes_at_once(connection: socket.socket) -> None:
    connection.close()


@pytest.mark.parametrize(
    ("talk", "words"),
    [
        (silent, "超过 0.4 秒没有完成（停在：等待响应）"),
        (trickle, "停在：接收数据"),
        (reset, "被对方重置"),
        (half_closed, "没有返回任何内容"),
        (closes_at_once, ""),
        (answering(b"220 smtp.demo.test ESMTP\r\n"), "不是 HTTP 响应，开头是「220 smtp.demo.test ESMTP"),
        (answering(b"\x16\x03\x01\x02\x00\x01\x00"), "TLS 数据"),
        (answering(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"), "还差 97 字节"),
        (answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n"), "块长度"),
        (endless_headers, "响应头超过 64 KiB"),
        (answering(page(b"", "503 Service Unavailable")), "status 实际为 503"),
        (answering(page(b"", "302 Found", "Location: /")), "重定向超过 5 次"),
        (answering(page(b"", "302 Found", "Location: ftp://x/")), "不是 http 或 https 网址"),
        (answering(page(b"", "302 Found", "Location: http://[bad")), "不是 http 或 https 网址"),
        (answering(b"HTTP/1.1 99 Low\r\n\r\n"), "不是 HTTP 响应"),
    ],
)
def test_every_sort_of_misbehaviour_is_critical_and_named(talk: Talk, words: str) -> None:
    with serving(talk) as server:
        result = look("http", server.url, timeout_s=0.4)
    assert result.verdict == "critical"
    assert words in result.message
    assert result.message.endswith("。")


def test_an_endless_body_is_cut_at_the_limit_and_judged() -> None:
    with serving(forever) as server:
        result = look("http", server.url, "size == 8192", max_body_kib=8)
    assert result.verdict == "ok"
    assert result.evidence["truncated"] is True


def test_no_descriptor_is_left_behind_whatever_happens() -> None:
    look("http", "http://127.0.0.1:1/")
    before = open_descriptors()
    talks: tuple[Talk, ...] = (
        reset,
        closes_at_once,
        answering(b"x"),
        answering(page(b"", "302 Found", "Location: /")),
    )
    for talk in talks:
        with serving(talk) as server:
            for _ in range(5):
                look("http", server.url, timeout_s=0.5)
                look("http", server.url.replace("http", "https"), timeout_s=0.5)
    time.sleep(0.05)
    assert open_descriptors() <= before + 1


def test_refused_unreachable_and_unknown_are_told_apart() -> None:
    assert "连接被拒绝" in look("http", "http://127.0.0.1:1/").message
    with serving(answering(b"HTTP/1.1 400 Bad\r\n\r\n")) as server:
        assert "不是 TLS" in look("http", server.url.replace("http", "https")).message


def test_conditions_speak_of_status_headers_json_and_times() -> None:
    with serving(answering(JSON)) as server:
        good = look(
            "http",
            server.url,
            'status == 200 and body.code == "0" and body.data[0].n == 3',
            'header["x-site"] == "Hall-9"',
            "duration_ms < 5s and wait_ms >= 0 and size > 10",
        )
        bad = look("http", server.url, 'body.code == "1"')
    assert good.verdict == "ok", good.message
    assert list(good.phases) == ["connect", "send", "wait", "read"]
    assert bad.verdict == "critical"
    assert "body.code 实际为" in bad.message
    assert bad.evidence["conditions"][0]["holds"] is False


def test_a_condition_on_json_that_is_none_says_so() -> None:
    with serving(answering(page(b"<html>"))) as server:
        result = look("http", server.url, 'body.code == "0"')
    assert result.message == "HTTP 200，但正文不是有效的 JSON，无法按条件判断。"


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_keywords_are_found_in_either_encoding(encoding: str) -> None:
    with serving(answering(page("系统正常运行".encode(encoding)))) as server:
        assert look("http", server.url, keyword="正常运行").verdict == "ok"
        assert "没有关键字「维护」" in look("http", server.url, keyword="维护").message
        assert "出现了不应有的「正常」" in look("http", server.url, absent="正常").message


def test_a_warning_condition_warns() -> None:
    with serving(answering(page())) as server:
        result = look("http", server.url, "status == 200", warnings=("size > 100",))
    assert result.verdict == "warning"
    assert "size 实际为 5" in result.message


def test_credentials_go_along_but_never_into_the_trace_nor_to_strangers() -> None:
    seen: list[bytes] = []

    def stranger_reply(request: bytes) -> bytes:
        seen.append(request)
        return page()

    with serving(speaking_http(stranger_reply)) as stranger:

        def reply(request: bytes) -> bytes:
            seen.append(request)
            return page(b"", "302 Found", f"Location: {stranger.url}elsewhere")

        with serving(speaking_http(reply)) as server:
            result = look(
                "http", server.url, username="zhang", password="Secret-77", headers={"X-Api-Key": "k-123"}
            )
    assert result.verdict == "ok"
    assert b"Authorization: Basic emhhbmc6U2VjcmV0LTc3" in seen[0]
    assert b"uthorization" not in seen[1]
    assert b"k-123" not in seen[1]
    assert "Secret-77" not in str(result.evidence)
    assert "emhhbmc6" not in str(result.evidence)


def test_methods_bodies_and_redirects_follow_the_rules() -> None:
    seen: list[bytes] = []

    def reply(request: bytes) -> bytes:
        seen.append(request)
        if b" /form " in request:
            return page(b"", "303 See Other", "Location: done")
        return (
            page(b"", "307 Temporary Redirect", "Location: /last") if b" /keep " in request else page(b"end")
        )

    with serving(speaking_http(reply)) as server:
        for path in ("form", "keep"):
            assert look("http", server.url + path, method="POST", body='{"a": 1}').verdict == "ok"
        unfollowed = look(
            "http", server.url + "form", "status == 303 and redirects == 0", method="POST", follow=0
        )
    assert [request.split(b" HTTP")[0] for request in seen[:4]] == [
        b"POST /form",
        b"GET /done",
        b"POST /keep",
        b"POST /last",
    ]
    assert b"Content-Type: application/json" in seen[0]
    assert b'{"a": 1}' in seen[3]
    assert unfollowed.verdict == "ok"


def test_a_name_is_resolved_from_the_hosts_file() -> None:
    with serving(answering(page())) as server:
        result = look("http", f"http://localhost:{server.port}/")
    assert result.verdict == "ok"
    assert "dns" in result.phases


def test_connect_to_goes_to_one_node_behind_a_name() -> None:
    seen: list[bytes] = []

    def reply(request: bytes) -> bytes:
        seen.append(request)
        return page()

    with serving(speaking_http(reply)) as server:
        assert look("http", f"http://vip.demo.test:{server.port}/", connect_to="127.0.0.1").verdict == "ok"
    assert f"Host: vip.demo.test:{server.port}".encode() in seen[0]


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"method": "BREW"}, "method"),
        ({"follow": "many"}, "follow"),
        ({"follow": 99}, "follow"),
        ({"headers": "no colon here"}, "headers"),
        ({"headers": {"X": "a\r\nY: b"}}, "headers"),
        ({"body": "x"}, "method"),
        ({"nonsense": 1}, "nonsense"),
        ({"insecure": "maybe"}, "insecure"),
    ],
)
def test_parameters_that_do_not_fit_name_their_field(params: dict[str, object], field: str) -> None:
    with pytest.raises(BadInput) as error:
        look("http", "http://127.0.0.1:1/", **params)
    assert error.value.field == field


def test_several_threads_look_at_once_without_disturbing_each_other() -> None:
    with serving(answering(page())) as server:
        found: list[str] = []
        threads = [
            threading.Thread(target=lambda: found.append(look("http", server.url).verdict)) for _ in range(12)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == ["ok"] * 12
