"""Kind `registry` against stand-ins of Nacos and Eureka that fit their published descriptions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engines.checks.kinds.fakes import Answers, http_peer
from tests.engines.checks.kinds.vendor_schemas import EUREKA, NACOS_V1, NACOS_V2, fitting
from tests.engines.checks.rude import look, page


def hosts(*states: str, protected: bool = False, name: str = "zhfw-auth") -> dict[str, Any]:
    rows = [
        {
            "ip": f"10.1.2.{n}",
            "port": 8080,
            "weight": 1.0,
            "healthy": state != "sick",
            "enabled": state != "off",
        }
        for n, state in enumerate(states, 1)
    ]
    return {"name": f"DEFAULT_GROUP@@{name}", "hosts": rows, "reachProtectionThreshold": protected}


def nacos(**services: dict[str, Any]) -> Answers:
    base = "/nacos/v1/ns/instance/list?serviceName="
    return {f"{base}{name}": fitting(NACOS_V1, value) for name, value in services.items()}


def eureka(**services: list[str]) -> bytes:
    return fitting(
        EUREKA,
        {
            "applications": {
                "versions__delta": "1",
                "application": [
                    {
                        "name": name.upper(),
                        "instance": [
                            {"instanceId": f"{name}:{n}", "hostName": f"h{n}", "app": name.upper(),
                             "ipAddr": f"10.1.2.{n}", "status": status, "port": {"$": 8080, "@enabled": "true"}}
                            for n, status in enumerate(states, 1)
                        ],
                    }
                    for name, states in services.items()
                ],
            }
        },
    )  # fmt: skip


def test_nacos_services_with_enough_instances_are_well() -> None:
    with http_peer(nacos(auth=hosts("up", "up"), mail=hosts("up", "up"))) as server:
        result = look("registry", server.url + "nacos", "service.auth == 2", services="auth, mail", least=2)
    assert result.verdict == "ok", result.message
    assert result.message.startswith("2 个服务，实例 4/4 在线")


def test_sick_disabled_and_missing_instances_are_told_apart() -> None:
    answers = nacos(auth=hosts("up", "sick"), mail=hosts("off", protected=True), gone=hosts())
    with http_peer(answers) as server:
        result = look("registry", server.url + "nacos", services="auth, mail, gone")
        enough = look("registry", server.url + "nacos", services="auth")
    assert result.verdict == "critical"
    assert "少于 1 个在线实例：mail（0 个）、gone（0 个）" in result.message
    assert "已触发保护阈值" in result.message
    assert result.evidence["services"]["auth"] == ["10.1.2.1:8080 正常", "10.1.2.2:8080 不健康"]
    assert enough.verdict == "warning"


def test_nacos_v2_and_its_login() -> None:
    seen: list[bytes] = []
    answers: Answers = {
        "/nacos/v1/auth/login": b'{"accessToken": "tok-1", "tokenTtl": 18000}',
        "/nacos/v2/ns/service/list": b'{"code": 0, "data": {"count": 1, "services": ["auth"]}}',
        "/nacos/v2/ns/instance/list": fitting(
            NACOS_V2, {"code": 0, "message": "success", "data": hosts("up")}
        ),
    }
    with http_peer(answers, seen) as server:
        result = look("registry", server.url + "nacos", product="nacos2", username="watch", password="P@ss1",
                      namespace="tax")  # fmt: skip
    assert result.verdict == "ok", result.message
    assert b"username=watch&password=P%40ss1" in seen[0]
    assert b"accessToken=tok-1" in seen[2]
    assert b"namespaceId=tax" in seen[2]
    assert "tok-1" not in str(result.as_dict())
    with http_peer({"/nacos/v1/auth/login": page(b"unknown user!", "403 Forbidden")}) as server:
        refused = look("registry", server.url + "nacos", services="a", username="x", password="y")
    assert (refused.verdict, refused.message) == ("unknown", "注册中心登录失败：账号或口令不对。")


def test_eureka_counts_what_is_up() -> None:
    with http_peer({"/eureka/apps": eureka(auth=["UP", "DOWN"], mail=["UP"])}) as server:
        result = look("registry", server.url + "eureka", product="eureka", services="AUTH, Mail, none")
        everything = look("registry", server.url + "eureka/", "up == 2 and services == 2", product="eureka")
    assert result.verdict == "critical"
    assert "none（0 个）" in result.message
    assert everything.verdict == "ok", everything.message


@pytest.mark.parametrize(
    "body",
    [
        b'{"applications": {"application": {"name": "A", "instance": {"status": "UP", "port": 1}}}}',
        b'{"applications": {"application": [{"name": "A", "instance": {"status": "UP"}}]}}',
    ],
)
def test_an_old_eureka_writes_single_elements_without_a_list(body: bytes) -> None:
    with http_peer({"/eureka/apps": body}) as server:
        assert look("registry", server.url + "eureka", product="eureka").verdict == "ok"
