"""Kind `flow`: a login in several steps, with variables and cookies."""

from __future__ import annotations

import json
from typing import Any

import pytest

from taxops.engines.base import BadInput
from taxops.engines.checks.kinds.cookies import Jar
from taxops.engines.checks.wire import parse_url
from tests.engines.checks.rude import answering, look, page, serving, silent, speaking_http

LOGIN: list[dict[str, Any]] = [
    {"name": "登录页", "url": "/login", "extract": {"csrf": 'regex:name="csrf" value="([^"]+)"'}},
    {
        "name": "登录",
        "url": "/login",
        "form": {"user": "${user}", "password": "${password}", "csrf": "${csrf}"},
        "follow": 0,
        "assert": ["status == 302"],
        "extract": {"session": "cookie:SESSION", "place": "header:Location"},
    },
    {"name": "首页", "url": "${place}", "keyword": "欢迎"},
    {
        "name": "查询",
        "url": "/api/me?session=${session}",
        "headers": {"X-Session": "${session}"},
        "assert": ['body.code == "0"', 'vars.csrf == "a1b2"'],
        "extract": {"name": "json:data.people[0].name"},
    },
]


def site(seen: list[bytes]) -> Any:
    def reply(request: bytes) -> bytes:
        seen.append(request)
        if request.startswith(b"GET /login"):
            return page(b'<input name="csrf" value="a1b2">', "200 OK", "Set-Cookie: PRE=1; Path=/")
        if request.startswith(b"POST /login"):
            good = (
                b"password=Secret-77" in request and b"csrf=a1b2" in request and b"Cookie: PRE=1" in request
            )
            if not good:
                return page("口令错误".encode(), "403 Forbidden")
            return page(b"", "302 Found", "Set-Cookie: SESSION=s=9; Path=/; HttpOnly", "Location: /home")
        if b"SESSION=s=9" not in request:
            return page(b"", "401 Unauthorized")
        if request.startswith(b"GET /home"):
            return page("欢迎 Secret-77".encode())
        return page(json.dumps({"code": "0", "data": {"people": [{"name": "张三"}]}}).encode())

    return speaking_http(reply)


def test_a_login_goes_through_all_its_steps() -> None:
    seen: list[bytes] = []
    with serving(site(seen)) as server:
        result = look(
            "flow",
            server.url,
            'steps_done == 4 and vars.name == "张三" and body.code == "0"',
            steps=LOGIN,
            variables={"user": "zhang"},
            secrets={"password": "Secret-77"},
        )
    assert result.verdict == "ok", result.message
    assert b"GET /api/me?session=s%3D9 " in seen[-1]
    assert b"X-Session: s=9" in seen[-1]
    assert "Secret-77" not in str(result.evidence)
    assert [step["name"] for step in result.evidence["steps"]] == ["登录页", "登录", "首页", "查询"]
    assert {"step_1_ms", "step_4_ms"} <= set(result.metrics)


@pytest.mark.parametrize("padding", [0, 200, 255], ids=["whole", "whole, late", "cut off by the excerpt"])
def test_what_was_captured_on_the_way_is_not_shown(padding: int) -> None:
    token = "tok/" + "k7" * 20

    def reply(request: bytes) -> bytes:
        if request.startswith(b"GET /token"):
            return page(json.dumps({"pad": "x" * padding, "access_token": token}).encode())
        return page(b"no", "403 Forbidden")

    steps = [
        {"url": "/token", "extract": {"t": "json:access_token"}},
        {"url": "/data?t=${t}", "headers": {"X-T": "${t}"}, "assert": ["status == 200"]},
    ]
    with serving(speaking_http(reply)) as server:
        result = look("flow", server.url, steps=steps)
    assert "第 2 步" in result.message
    shown = json.dumps(dict(result.evidence), ensure_ascii=False)
    assert "access_token" in shown
    assert "tok/k7" not in shown
    assert "tok%2Fk7" not in shown


def test_the_step_that_fails_names_itself() -> None:
    with serving(site([])) as server:
        result = look(
            "flow",
            server.url,
            steps=json.dumps(LOGIN),
            variables="user=zhang",
            secrets={"password": "wrong-one"},
        )
    assert result.message == "第 2 步「登录」失败：status 实际为 403，要求 == 302。"
    assert result.metrics["steps_done"] == 1


def test_a_value_that_is_not_there_fails_the_step() -> None:
    with serving(answering(page(b"{}"))) as server:
        for source in ("json:a.b[0]", "regex:token=([a-z]+)", "header:X-None", "cookie:none"):
            result = look("flow", server.url, steps=[{"url": "/", "extract": {"v": source}}])
            assert "应答中取不到变量 v" in result.message


def test_a_hung_step_is_named_with_what_it_waited_for() -> None:
    with serving(silent) as server:
        result = look("flow", server.url, steps=[{"name": "登录页", "url": "/"}], timeout_s=0.3)
    assert "停在：第 1 步「登录页」，等待响应" in result.message


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ("not json", "不是有效的 JSON"),
        ([], "没有填写"),
        ([1], "JSON 列表"),
        ([{"url": "/"}] * 31, "最多 30 步"),
        ([{"method": "GET"}], "第 1 步：没有填写 url"),
        ([{"url": "/", "metod": "GET"}], "不认识「metod」"),
        ([{"url": "/", "method": "BREW"}], "请求方法「BREW」"),
        ([{"url": "/", "body": "a", "json": {}}], "只能填一个"),
        ([{"url": "/${token}"}], "变量 ${token} 在此之前没有取值"),
        ([{"url": "/"}, {"url": "/", "json": {"a": ["${t}"]}}], "第 2 步：变量 ${t}"),
        ([{"url": "/", "assert": ["status = 1"]}], "第 1 步：条件第 8 列"),
        ([{"url": "/", "extract": {"1a": "json:x"}}], "变量名「1a」无效"),
        ([{"url": "/", "extract": {"a": "xpath://x"}}], "的来源「xpath://x」无效"),
        ([{"url": "/", "extract": {"a": "regex:(a+)+b"}}], "变量 a"),
        ([{"url": "/", "extract": {"a": "json:a[x"}}], "JSON 路径"),
        ([{"url": "ftp://x/"}], "不是 http 或 https 网址"),
        ([{"url": "/", "headers": {"A B": "c"}}], "请求头名称"),
        ([{"url": "/", "follow": -1}], "follow 应是"),
    ],
)
def test_steps_that_cannot_be_carried_out_are_refused(steps: object, words: str) -> None:
    with pytest.raises(BadInput) as error:
        look("flow", "http://127.0.0.1:1/", steps=steps)
    assert words in error.value.what + error.value.todo
    assert error.value.field == "steps"


def test_cookies_stay_with_their_host_and_path() -> None:
    jar = Jar()
    here = parse_url("http://a.demo.test/app/login")
    jar.store(
        here,
        "A=1\nB=2; Path=/\nC=3; Domain=demo.test; Path=/\nD=4; Domain=other.test\nE=5; Secure; Path=/\nbad",
    )
    assert jar.header(parse_url("http://a.demo.test/app/x")) == "A=1; B=2; C=3"
    assert jar.header(parse_url("http://b.demo.test/")) == "C=3"
    assert jar.header(parse_url("https://a.demo.test/")) == "B=2; C=3; E=5"
    jar.store(here, "B=; Max-Age=0; Path=/")
    assert "B" not in jar.values()
