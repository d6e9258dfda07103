"""Kind `registry` (注册中心): how many instances of each microservice are up, by Nacos or Eureka."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from taxops.engines.base import BadInput
from taxops.engines.checks.model import Verdict
from taxops.engines.checks.wire import Attempt, Failed, fetch

from .declaration import Fact, Finding, Kind, Param, ParamType, Wanted
from .http_check import HEADER_PARAM, TLS_PARAMS
from .json_reading import (
    Service,
    as_object,
    as_objects,
    ask,
    json_of,
    named,
    number,
    service_of,
    text,
)

NAME = "注册中心"
_MOST = 100


@dataclass(frozen=True, slots=True)
class Plan:
    """Which registry and which services in it (注册中心检查计划)."""

    service: Service
    product: str
    names: tuple[str, ...]
    least: int
    namespace: str
    group: str
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance of a service (实例)."""

    address: str
    up: bool
    words: str


@dataclass(frozen=True, slots=True)
class Listed:
    """What the registry says of one service (服务)."""

    name: str
    instances: tuple[Instance, ...]
    protected: bool = False

    @property
    def up(self) -> int:
        """How many instances take calls."""
        return sum(1 for instance in self.instances if instance.up)


def prepare(wanted: Wanted) -> Plan:
    """Return the plan of a check.

    Raises:
        BadInput: the address or a parameter cannot be used.
    """
    params = wanted.params
    names = tuple(dict.fromkeys(params["services"]))
    if len(names) > _MOST:
        raise BadInput(f"服务最多 {_MOST} 个。", field="services")
    nacos = params["product"].startswith("nacos")
    plain = {**params, "username": "", "password": ""} if nacos else params
    return Plan(
        service=service_of(NAME, wanted.target, plain),
        product=params["product"],
        names=names,
        least=params["least"],
        namespace=params["namespace"] or "",
        group=params["group"],
        username=params["username"] or "",
        password=params["password"] or "",
    )


def nacos_listed(name: str, value: Any) -> Listed:
    """Return the instances of a Nacos instance list, of the open API v1 or v2.

    Raises:
        Failed: it is something else.
    """
    found = as_object(NAME, value)
    if "hosts" not in found and isinstance(found.get("data"), dict):
        found = found["data"]
    if "hosts" not in found:
        raise Failed(f"注册中心没有返回服务 {name} 的实例列表，请核对产品与版本。")
    instances = []
    for host in as_objects(NAME, found["hosts"]):
        healthy, enabled = host.get("healthy") is True, host.get("enabled") is not False
        words = "正常" if healthy and enabled else ("已禁用" if healthy else "不健康")
        address = f"{text(host.get('ip'))}:{number(host.get('port')):.0f}"
        instances.append(Instance(address, healthy and enabled and number(host.get("weight"), 1) > 0, words))
    return Listed(name, tuple(instances), found.get("reachProtectionThreshold") is True)


def eureka_listed(value: Any) -> list[Listed]:
    """Return the services of Eureka's `/apps`.

    Raises:
        Failed: it is something else.
    """
    root = as_object(NAME, value)
    applications = as_object(NAME, root.get("applications")).get("application", [])
    # servers of the 1.x line write a single element without its list
    found = []
    for application in as_objects(NAME, applications if isinstance(applications, list) else [applications]):
        rows = application.get("instance", [])
        instances = []
        for row in as_objects(NAME, rows if isinstance(rows, list) else [rows]):
            port = row.get("port")
            shown = port.get("$") if isinstance(port, dict) else port
            status = text(row.get("status"))
            address = f"{text(row.get('ipAddr') or row.get('hostName'))}:{number(shown):.0f}"
            instances.append(Instance(address, status == "UP", status or "状态不明"))
        found.append(Listed(text(application.get("name")), tuple(instances)))
    return found


async def _token(attempt: Attempt, plan: Plan) -> str:
    if not plan.username:
        return ""
    body = urlencode({"username": plan.username, "password": plan.password}).encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    request = plan.service.request("/v1/auth/login", method="POST", body=body, **kind)
    done = await fetch(attempt, request, plan.service.tls)
    if done.answer.status in {400, 401, 403, 500}:
        raise Failed("注册中心登录失败：账号或口令不对。", Verdict.UNKNOWN)
    token = text(as_object(NAME, json_of(NAME, done)).get("accessToken"), 2000)
    if not token:
        raise Failed("注册中心登录后没有返回令牌。")
    return token


async def _nacos(attempt: Attempt, plan: Plan) -> list[Listed]:
    token = await _token(attempt, plan)
    v2 = plan.product == "nacos2"
    shared = {"groupName": plan.group, "namespaceId": plan.namespace, "accessToken": token}
    names = plan.names
    if not names:
        query = urlencode({k: v for k, v in {"pageNo": "1", "pageSize": "100", **shared}.items() if v})
        path = "/v2/ns/service/list" if v2 else "/v1/ns/service/list"
        found = as_object(NAME, await ask(attempt, plan.service, plan.service.request(f"{path}?{query}")))
        inner = found["data"] if isinstance(found.get("data"), dict) else found
        listed = inner.get("services") or inner.get("doms") or []
        if not isinstance(listed, list):
            raise Failed("注册中心没有返回服务列表，请核对产品与版本。")
        names = tuple(text(name) for name in listed[:_MOST])
    services = []
    for name in names:
        query = urlencode({k: v for k, v in {"serviceName": name, **shared}.items() if v})
        path = "/v2/ns/instance/list" if v2 else "/v1/ns/instance/list"
        services.append(
            nacos_listed(name, await ask(attempt, plan.service, plan.service.request(f"{path}?{query}")))
        )
    return services


async def _eureka(attempt: Attempt, plan: Plan) -> list[Listed]:
    found = eureka_listed(await ask(attempt, plan.service, plan.service.request("/apps")))
    by_name = {one.name.upper(): one for one in found}
    if not plan.names:
        return found
    return [replace(by_name.get(name.upper(), Listed(name, ())), name=name) for name in plan.names]


def registry_facts(services: list[Listed], least: int) -> dict[str, Any]:
    """Return what conditions may speak of."""
    return {
        "services": len(services),
        "instances": sum(len(one.instances) for one in services),
        "up": sum(one.up for one in services),
        "down": sum(len(one.instances) - one.up for one in services),
        "least_up": min((one.up for one in services), default=0),
        "wanted": least,
        "short": [one.name for one in services if one.up < least],
        "short_n": sum(1 for one in services if one.up < least),
        "missing": [one.name for one in services if not one.instances],
        "protected": [one.name for one in services if one.protected],
        "protected_n": sum(1 for one in services if one.protected),
        "service": {one.name: one.up for one in services},
    }


async def run(attempt: Attempt, plan: Plan) -> Finding:
    """Ask the registry and return who is up.

    Raises:
        Failed: no answer, a refusal, or another sort of server.
    """
    services = await (_eureka if plan.product == "eureka" else _nacos)(attempt, plan)
    facts = registry_facts(services, plan.least)
    facts["duration_ms"] = attempt.elapsed_ms
    parts = [f"{facts['services']} 个服务，实例 {facts['up']}/{facts['instances']} 在线"]
    if facts["short"]:
        parts.append(
            f"少于 {plan.least} 个在线实例："
            + named(f"{one.name}（{one.up} 个）" for one in services if one.up < plan.least)
        )
    if facts["protected"]:
        parts.append(f"已触发保护阈值，不健康的实例也会被调用：{named(facts['protected'])}")
    return Finding(
        facts,
        "；".join(parts),
        {name: float(facts[name]) for name in ("services", "instances", "up", "down", "least_up")},
        "" if services else "注册中心里没有任何服务。",
        lambda: {
            "services": {
                one.name: [f"{instance.address} {instance.words}" for instance in one.instances[:50]]
                for one in services[:_MOST]
            }
        },
    )


KIND = Kind(
    name="registry",
    title="微服务注册中心",
    stand_in="Nacos、Eureka 的 HTTP 替身，应答经其公开接口格式校验",
    help="从 Nacos 或 Eureka 读取各服务的实例：在线实例是否够数、有没有服务一个实例都没有。",
    target_label="注册中心网址",
    target_help="Nacos 填 http://10.1.2.3:8848/nacos；Eureka 填 http://10.1.2.3:8761/eureka。",
    params=(
        Param(
            "product",
            "产品",
            ParamType.CHOICE,
            "nacos1",
            choices=(
                ("nacos1", "Nacos 1.x、2.x（v1 接口）"),
                ("nacos2", "Nacos 2.x（v2 接口）"),
                ("eureka", "Eureka"),
            ),
        ),
        Param("services", "服务名称", ParamType.LIST, (), help="应在线的服务；留空为全部（最多 100 个）。"),
        Param("least", "每个服务至少几个实例", ParamType.INTEGER, 1, least=0, most=1000),
        Param("namespace", "命名空间", help="Nacos 的命名空间编号；留空为 public。"),
        Param("group", "分组", default="DEFAULT_GROUP", help="Nacos 的分组。"),
        Param("username", "账号", help="Nacos 的登录账号，或 Eureka 的 Basic 认证账号。"),
        Param("password", "口令", secret=True),
        HEADER_PARAM,
        *TLS_PARAMS,
    ),
    facts=(
        Fact("services", "服务数", "个"),
        Fact("instances", "实例总数", "个"),
        Fact("up", "在线实例数", "个"),
        Fact("down", "不在线或已禁用的实例数", "个"),
        Fact("least_up", "在线实例最少的服务有几个", "个"),
        Fact("wanted", "每个服务至少需要的实例数", "个"),
        Fact("short", "在线实例不够的服务"),
        Fact("short_n", "在线实例不够的服务数", "个"),
        Fact("missing", "一个实例都没有的服务"),
        Fact("protected", "已触发保护阈值的服务（Nacos）"),
        Fact("protected_n", "已触发保护阈值的服务数（Nacos）", "个"),
        Fact("service", '各服务的在线实例数，例如 service["zhfw-auth"]'),
        Fact("duration_ms", "总耗时", "毫秒"),
    ),
    conditions=("short_n == 0",),
    warnings=("down == 0", "protected_n == 0"),
    prepare=prepare,
    loop_run=run,
    keeps_metrics=True,
)
