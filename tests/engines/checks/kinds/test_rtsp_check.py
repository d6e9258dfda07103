"""Kind `rtsp` against a stand-in that speaks RFC 2326 with digest logins, and against everything else."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Callable

import pytest

from taxops.engines.base import BadInput
from tests.engines.checks.rude import Talk, answering, look, reset, serving, silent

SDP = "v=0\r\ns=cam\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H265/90000\r\nm=audio 0 RTP/AVP 8\r\n"


def reply(status: str, cseq: str, body: str = "", *headers: str) -> bytes:
    lines = [f"RTSP/1.0 {status}", f"CSeq: {cseq}", *headers]
    if body:
        lines += ["Content-Type: application/sdp", f"Content-Length: {len(body)}"]
    return ("\r\n".join([*lines, "", ""]) + body).encode()


def camera(answer: Callable[[str, dict[str, str], str], bytes]) -> Talk:
    """Answer each request on one connection with `answer(method, headers, url)`."""

    def talk(connection: socket.socket) -> None:
        data = b""
        while True:
            while b"\r\n\r\n" not in data:
                more = connection.recv(65536)
                if not more:
                    return
                data += more
            head, _, data = data.partition(b"\r\n\r\n")
            lines = head.decode().split("\r\n")
            method, url, _ = lines[0].split(" ")
            headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines[1:])}
            connection.sendall(answer(method, headers, url))

    return talk


def open_camera(sdp: str = SDP, status: str = "200 OK") -> Talk:
    return camera(
        lambda method, headers, _: (
            reply("200 OK", headers["cseq"], "", "Public: OPTIONS, DESCRIBE")
            if method == "OPTIONS"
            else reply(status, headers["cseq"], sdp if status.startswith("200") else "")
        )
    )


def locked_camera(user: str, password: str) -> Talk:
    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    def answer(method: str, headers: dict[str, str], url: str) -> bytes:
        expected = md5(f"{md5(f'{user}:cam:{password}')}:n0nce:{md5(f'{method}:{url}')}")
        if method == "OPTIONS" or f'response="{expected}"' in headers.get("authorization", ""):
            return reply("200 OK", headers["cseq"], SDP if method == "DESCRIBE" else "")
        challenge = 'WWW-Authenticate: Digest realm="cam", nonce="n0nce"'
        return reply(
            "401 Unauthorized", headers["cseq"], "", 'WWW-Authenticate: Basic realm="cam"', challenge
        )

    return camera(answer)


def test_a_camera_with_video_is_well() -> None:
    with serving(open_camera()) as server:
        result = look(
            "rtsp", f"rtsp://{server.address}/ch/101?x=1", 'has_video and codec == "H265" and has_audio'
        )
    assert result.verdict == "ok", result.message
    assert "视频流可用：video H265、audio" in result.message


def test_a_stream_without_video_is_critical() -> None:
    with serving(open_camera("v=0\r\nm=audio 0 RTP/AVP 8\r\n")) as server:
        assert look("rtsp", f"rtsp://{server.address}/").verdict == "critical"


def test_a_digest_login_is_answered_and_the_password_stays_here() -> None:
    with serving(locked_camera("ops", "Pass-1")) as server:
        target = f"rtsp://{server.address}/ch"
        good = look("rtsp", target, username="ops", password="Pass-1")
        wrong = look("rtsp", target, username="ops", password="Pass-2")
        none = look("rtsp", target)
    assert good.verdict == "ok", good.message
    assert "Pass-1" not in str(good.as_dict())
    assert (wrong.verdict, wrong.message) == ("unknown", "视频流拒绝访问：账号或口令错误。")
    assert none.message == "视频流拒绝访问：需要账号和口令。"


@pytest.mark.parametrize(("status", "words"), [("404 Not Found", "没有这一路"), ("503 Busy", "503 Busy")])
def test_refused_streams_say_why(status: str, words: str) -> None:
    with serving(open_camera(status=status)) as server:
        result = look("rtsp", f"rtsp://{server.address}/")
    assert result.verdict == "critical"
    assert words in result.message


@pytest.mark.parametrize(
    ("talk", "words"),
    [
        (silent, "停在：等待响应"),
        (reset, "重置"),
        (answering(b""), "没有应答就关闭"),
        (answering(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "不是 RTSP 协议，开头是「HTTP/1.1 400"),
        (answering(b"\x00\xff" * 50), "不是 RTSP 协议"),
        (answering(b"RTSP/1.0 200 OK\r\nContent-Length: 999999999\r\n\r\n"), "过大"),
        (answering(b"RTSP/1.0 200 OK\r\nContent-Length: 50\r\n\r\nabc"), "没有收完"),
        (answering(b"RTSP/1.0 200 OK\r\n" + b"X: y\r\n" * 20000), "过大"),
    ],
)
def test_pretenders_are_named(talk: Talk, words: str) -> None:
    with serving(talk) as server:
        result = look("rtsp", f"rtsp://{server.address}/", timeout_s=0.8)
    assert result.verdict == "critical"
    assert words in result.message


@pytest.mark.parametrize("target", ["http://h/", "rtsp://u:p@h/", "rtsp://", "rtsp://h:0/", "rtsp://h/a b"])
def test_addresses_that_do_not_fit_are_refused(target: str) -> None:
    with pytest.raises(BadInput) as error:
        look("rtsp", target)
    assert error.value.field == "target"
