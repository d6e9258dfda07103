"""Each kind of channel speaks its protocol to a real server, and puts every failure into words."""

from __future__ import annotations

import email
import email.policy
import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from taxops.engines.base import BadInput, NotFound
from taxops.platform.notify.channels import KINDS, Answer, Message, Receiver, kind_of
from taxops.platform.notify.channels.base import shorten
from taxops.platform.notify.channels.robots import markdown
from tests.platform.notify import servers

MESSAGE = Message(
    id="taxops-1",
    severity="critical",
    title="申报系统中断",
    body="第一行 <b>\n第二行",
    link="https://ops.example.test/outages/1/",
    at=datetime(2026, 6, 1, 2, 0, tzinfo=UTC),
)


def folded(count: int) -> Message:
    entries = [replace(MESSAGE, id=f"taxops-{n}", title=f"第{n}项中断") for n in range(count)]
    return replace(MESSAGE, entries=entries)


def send(
    kind: str, message: Message = MESSAGE, to: str = "li@example.test", timeout: float = 5, **values: str
) -> Answer:
    what = kind_of(kind)
    return what.send(Receiver(to, what.accept(values), timeout), message)


def mail(port: int, **more: Any) -> Answer:
    values = {"host": "127.0.0.1", "port": str(port), "sender": "ops@example.test", **more}
    timeout = values.pop("timeout", 5)
    to = values.pop("to", "li@example.test")
    return send("smtp", to=to, timeout=timeout, **values)


def test_a_webhook_gets_signed_json() -> None:
    with servers.web() as web:
        answer = send("webhook", url=web.url, signing_key="k" * 20)
    assert answer.is_ok, answer.text
    path, headers, body = web.requests[0]
    assert path == "/send?key=abcdefghijklmnop"
    mac = hmac.new(b"k" * 20, headers["X-Taxops-Timestamp"].encode() + b"." + body, hashlib.sha256)
    assert headers["X-Taxops-Signature"] == f"sha256={mac.hexdigest()}"
    assert headers["X-Taxops-Delivery"] == "taxops-1"
    assert web.payloads()[0]["title"] == "申报系统中断"
    assert web.payloads()[0]["notices"][0]["severity"] == "critical"


def test_a_wecom_robot_gets_markdown_of_at_most_4096_bytes() -> None:
    with servers.web() as web:
        assert send("wecom", url=web.url).is_ok
        assert send("wecom", folded(400), url=web.url).is_ok
        assert send("wecom", replace(MESSAGE, body="长" * 5000), url=web.url).is_ok
    one, many, long = (payload["markdown"]["content"] for payload in web.payloads())
    assert one.startswith("**【严重】申报系统中断**")
    assert "＜b>" in one, "nothing of the text is taken for markup"
    assert "2026-06-01 10:00:00" in one
    assert "[查看详情](https://ops.example.test/outages/1/)" in one
    assert "合并通知 400 条" in many
    assert "另有 370 条" in many
    assert len(long.encode()) <= 4096


def test_a_dingtalk_robot_gets_a_signature_that_verifies() -> None:
    with servers.web() as web:
        assert send("dingtalk", url=web.url, sign_key="SECabc").is_ok
    asked = parse_qs(urlsplit(web.requests[0][0]).query)
    stamp = asked["timestamp"][0]
    assert abs(int(stamp) / 1000 - time.time()) < 60
    import base64

    expected = base64.b64encode(
        hmac.new(b"SECabc", f"{stamp}\nSECabc".encode(), hashlib.sha256).digest()
    ).decode()
    assert asked["sign"] == [expected]
    assert asked["key"] == ["abcdefghijklmnop"]
    assert web.payloads()[0]["markdown"]["title"] == "【严重】申报系统中断"


@pytest.mark.parametrize(
    ("status", "body", "words", "is_final", "wait"),
    [
        (200, b'{"errcode":45009,"errmsg":"freq out of limit"}', "45009", False, 60.0),
        (200, b'{"errcode":310000,"errmsg":"sign not match"}', "310000 sign not match", True, None),
        (200, b'{"errcode":-1,"errmsg":"busy"}', "busy", False, None),
        (200, b"<html>login</html>", "不是机器人接口", False, None),
        (200, b'{"errcode":"0"}', "不是机器人接口", False, None),
        (404, b"nothing here", "HTTP 404 nothing here", True, None),
        (503, b"", "HTTP 503", False, None),
        (302, b"", "HTTP 302", False, None),
        (429, b"", "HTTP 429", False, 7.0),
    ],
)
def test_a_robots_refusal_is_told_apart(
    status: int, body: bytes, words: str, is_final: bool, wait: float | None
) -> None:
    with servers.web(status=status, body=body, headers={"Retry-After": "7"} if status == 429 else {}) as web:
        answer = send("wecom", url=web.url)
    assert (answer.is_ok, answer.is_final, answer.retry_after) == (False, is_final, wait)
    assert words in answer.text


@pytest.mark.parametrize(
    ("speak", "words"),
    [
        (servers.garbage, "不是 HTTP"),
        (servers.silence, "0.3 秒内没有"),
        (servers.drip, ("0.3 秒内没有", "不是 HTTP")),
        (servers.hang_up, "断开"),
    ],
)
def test_a_server_that_misbehaves_ends_in_words_and_in_time(
    speak: Callable[[Any], None], words: str | tuple[str, ...]
) -> None:
    started = time.monotonic()
    with servers.raw(speak) as port:
        answer = send("webhook", url=f"http://127.0.0.1:{port}/", timeout=0.3)
        secure = send("webhook", url=f"https://127.0.0.1:{port}/", timeout=0.3)
        mailed = mail(port, timeout=0.3)
    assert time.monotonic() - started < 20
    assert not answer.is_ok
    assert any(word in answer.text for word in ([words] if isinstance(words, str) else words)), answer.text
    assert not secure.is_ok
    assert secure.text
    assert not mailed.is_ok
    assert not mailed.is_final, mailed.text


def test_nobody_at_home_and_unknown_names_are_said() -> None:
    with servers.raw(servers.silence) as port:
        pass
    assert "拒绝连接" in send("webhook", url=f"http://127.0.0.1:{port}/").text
    assert "拒绝连接" in mail(port).text
    assert "无法解析" in send("webhook", url="http://no-such-host.invalid/").text


def test_a_mail_arrives_in_chinese_with_a_stable_id() -> None:
    with servers.smtp() as sink:
        assert mail(sink.port, username="ops", password="p").is_ok
        assert mail(sink.port).is_ok
    assert len(sink.logins) == 1
    sender, to, data = sink.mails[0]
    assert (sender, to) == ("ops@example.test", ["li@example.test"])
    found = email.message_from_bytes(data, policy=email.policy.default)
    assert found["Subject"] == "【严重】申报系统中断"
    assert found["From"] == "运维服务平台 <ops@example.test>"
    assert found["Message-ID"] == "<taxops-1@example.test>"
    body = found.get_body()
    assert body is not None
    assert "2026-06-01 10:00:00" in body.get_content()


@pytest.mark.parametrize(
    ("refuse", "words", "is_final"),
    [
        ("AUTH", "拒绝登录：535", False),
        ("RCPT", "收件人被拒绝：550", True),
        ("MAIL", "拒绝：550", True),
        ("DATA", "451", False),
    ],
)
def test_a_mail_servers_refusal_is_kept_in_its_words(refuse: str, words: str, is_final: bool) -> None:
    with servers.smtp(refuse=refuse) as sink:
        answer = mail(sink.port, username="ops", password="p")
    assert words in answer.text
    assert answer.is_final is is_final
    assert sink.mails == []


@pytest.mark.parametrize("to", ["", "li", "a@b\nBcc: c@d.example", "a b@example.test", "李@example.test"])
def test_an_address_that_is_none_never_reaches_the_server(to: str) -> None:
    with servers.smtp() as sink:
        answer = mail(sink.port, to=to)
    assert not answer.is_ok
    assert sink.mails == []


def test_starttls_where_there_is_none_is_said() -> None:
    with servers.smtp() as sink:
        assert "不支持" in mail(sink.port, security="starttls").text


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        ("webhook", {}, "请填写「推送地址」"),
        ("webhook", {"url": "ftp://x"}, "推送地址不正确"),
        ("webhook", {"url": "http://"}, "推送地址不正确"),
        ("webhook", {"url": "http://a:b@c/"}, "推送地址不正确"),
        ("webhook", {"url": "http://c:99999/"}, "推送地址不正确"),
        ("webhook", {"url": "http://c/ d"}, "推送地址不正确"),
        ("webhook", {"url": "http://c/", "verify": "maybe"}, "只能是"),
        ("webhook", {"url": "http://c/", "colour": "red"}, "没有名为"),
        ("smtp", {"host": "h", "sender": "a@b.example", "port": "70000"}, "端口"),
        ("smtp", {"host": "h", "sender": "nobody"}, "发件地址"),
        ("smtp", {"host": "h\nx", "sender": "a@b.example"}, "不能换行"),
    ],
)
def test_wrong_parameters_are_named(kind: str, values: dict[str, str], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        kind_of(kind).accept(values)


def test_kinds_are_known_by_code_and_name_their_place_without_secrets() -> None:
    with pytest.raises(NotFound, match="渠道类型"):
        kind_of("pigeon")
    for kind in KINDS:
        values = {field.name: field.default for field in kind.fields}
        values |= {"url": "https://robot.example.test/send?key=SECRET", "host": "h"}
        assert "SECRET" not in kind.place(values)
    assert shorten("长长长", 8).encode() == "……".encode() or len(shorten("长长长", 8).encode()) <= 8
    assert "【" in markdown(MESSAGE)
