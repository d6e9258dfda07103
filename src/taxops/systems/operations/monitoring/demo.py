"""The demonstration's watch (演示监控): the Guangxi platform's systems, watched through the lab's real services.

Repeating it changes nothing but targets whose ports moved. The month before is invented and says so
(`demo_history`); what a visitor sees from the first minute on happened while he looked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from taxops.engines.base import Scope
from taxops.platform.assets.models import Asset
from taxops.platform.identity.models import OrgUnit, Person

from . import services
from .demo_history import seed_history
from .models import Check, MaintenanceWindow, MonitoredSystem
from .services import Definition


class Place(Protocol):
    """Where one service of the lab answers (实验室服务地址)."""

    installed: bool
    port: int
    target: str
    facts: Mapping[str, Any]


class Lab(Protocol):
    """The lab as this room needs it (实验室)."""

    @property
    def services(self) -> Mapping[str, Any]:
        """The services' addresses by name."""


SYSTEMS: tuple[tuple[str, str, str, str, str, str], ...] = (
    (
        "einv",
        "SYS-EINV",
        "增值税电子发票公共服务平台",
        "critical",
        "整个平台：任一核心系统中断即为中断",
        "7×24 小时",
    ),
    ("fpcy", "SYS-FPCY", "增值税发票查验平台", "critical", "域名、证书、门户", "7×24 小时"),
    ("tysl", "SYS-TYSL", "统一受理", "critical", "负载均衡、nginx、受理服务、日志缓存", "7×24 小时"),
    ("aqjr", "SYS-AQJR", "安全接入", "critical", "接入前置与身份认证", "7×24 小时"),
    ("dzdz", "SYS-DZDZ", "增值税发票电子底账系统", "major", "业务库、消费、内外网核对", "7×24 小时"),
    ("zhfw", "SYS-ZHFW", "增值税发票综合服务平台", "major", "自动任务、数据推送与同步", "7×12 小时"),
    ("hosts", "", "主机与系统日志", "minor", "内外网主机、操作系统日志", "7×12 小时"),
)
"""Code, asset, name, severity, description, service time. GX:21-31."""

TREES: Mapping[str, dict[str, Any]] = {
    "einv": {"all": [{"system": "fpcy"}, {"system": "tysl"}, {"system": "aqjr"}, {"system": "dzdz"}]},
    "fpcy": {"all": [{"check": "fpcy-dns"}, {"check": "fpcy-portal"}, {"check": "fpcy-cert"}]},
    "tysl": {
        "all": [
            {"check": "tysl-health"},
            {"check": "tysl-nginx"},
            {"any": [{"check": "tysl-lb-a"}, {"check": "tysl-lb-b"}]},
        ]
    },
    "aqjr": {"all": [{"check": "aqjr-login"}, {"check": "aqjr-port"}]},
    "dzdz": {"all": [{"check": "dzdz-db"}, {"check": "dzdz-kafka"}]},
}
"""Health trees; leaves whose service this machine does not have are left out."""

ASSETS: Mapping[str, str] = {
    "fpcy-portal": "SYS-FPCY", "fpcy-dns": "SVC-DNS", "tysl-nginx": "SVC-NGINX", "tysl-lb-a": "SVC-NGINX",
    "tysl-lb-b": "SVC-TYSL", "tysl-health": "SVC-TYSL", "aqjr-login": "SVC-AQJR", "aqjr-port": "SVC-AQJR",
    "tysl-log-cache": "DB-LOG", "dzdz-db": "DB-BIZ", "dzdz-db-port": "DB-BIZ", "dzdz-kafka": "SVC-KAFKA",
    "zhfw-upload-job": "JOB-UP", "zhfw-volume": "DB-BIZ", "hosts-log-outer": "HOST-OUT-01",
    "hosts-nginx-log": "SVC-NGINX", "hosts-log-inner": "HOST-IN-01", "hosts-platform": "HOST-IN-02",
}  # fmt: skip
"""Which asset a check looks at, so that the topology shows states."""

_FAST: dict[str, Any] = {"interval_s": 5, "retry_interval_s": 2, "timeout_s": 3, "confirm": 3, "recover": 2}
_SLOW: dict[str, Any] = {"interval_s": 30, "retry_interval_s": 10, "timeout_s": 10}
_ONCE: dict[str, Any] = {"interval_s": 10, "retry_interval_s": 5, "timeout_s": 5, "confirm": 1, "recover": 1}


def seed_checks(scope: Scope, now: datetime, lab: Lab) -> list[str]:
    """Fill the demonstration of monitoring: systems, checks, trees, a window that waits.

    Returns:
        The codes of checks that were not made since the machine does not have their service.
    """
    systems = _systems(scope, now)
    absent = _checks(scope, now, lab, systems)
    _trees(scope, now, systems)
    _window(now, systems)
    seed_history(now)
    return absent


seed = seed_checks
"""What a manifest's `demo` module is asked for."""


def _root() -> OrgUnit:
    return OrgUnit.objects.filter(parent=None, valid_to=None).order_by("pk")[0]


def _province() -> OrgUnit:
    found = OrgUnit.objects.filter(level="province", valid_to=None).order_by("code").first()
    return found or _root()


def _systems(scope: Scope, now: datetime) -> dict[str, MonitoredSystem]:
    """Store the systems, tied to their assets; return them by code."""
    org = _province()
    found = {system.code: system for system in MonitoredSystem.objects.filter(archived_at=None)}
    assets = dict(Asset.objects.filter(code__in=[row[1] for row in SYSTEMS]).values_list("code", "pk"))
    for sort, (code, asset, name, severity, description, hours) in enumerate(SYSTEMS, 1):
        if code not in found:
            found[code] = services.create_system(
                scope,
                now=now,
                code=code,
                name=name,
                org_id=org.pk,
                severity=severity,
                description=description,
                service_note=hours,
                asset_id=assets.get(asset),
                sort=sort,
            )
    # the cities' own lines, so that the wall's map has something to show
    cities = OrgUnit.objects.filter(level="city", valid_to=None, path__startswith=org.path).order_by("code")
    for sort, city in enumerate(cities, 20):
        code = f"city-{city.code[1:5]}"
        if code not in found:
            found[code] = services.create_system(
                scope,
                now=now,
                code=code,
                name=f"{city}专线",
                org_id=city.pk,
                severity="minor",
                description="市局到省局的专线、办税服务厅前置",
                service_note="7×12 小时",
                sort=sort,
            )
    return found


def _checks(scope: Scope, now: datetime, lab: Lab, systems: Mapping[str, MonitoredSystem]) -> list[str]:
    """Store a check for each service that the lab has; return the codes of those it has not."""
    known = {check.code: check for check in Check.objects.filter(archived_at=None)}
    absent: list[str] = []
    assets = dict(Asset.objects.filter(code__in=set(ASSETS.values())).values_list("code", "pk"))
    for of, place, planned_one in [*planned(lab), *_cities(lab.services, systems)]:
        if not place.installed:
            absent.append(planned_one.code)
            continue
        definition = replace(planned_one, asset_id=assets.get(ASSETS.get(planned_one.code, "")))
        held = known.get(definition.code)
        if held is None:
            held = services.create_check(scope, now=now, system_id=systems[of].pk, definition=definition)
        elif held.target != definition.target and held.kind != "heartbeat":
            services.edit_check(scope, held.pk, now=now, definition=definition)
    return absent


def planned(lab: Lab) -> list[tuple[str, Place, Definition]]:
    """Return system, place and definition of every check of the demonstration."""
    at = lab.services
    return [*_internet(at), *_extranet(at), *_intranet(at), *_hosts(at)]


def _internet(at: Mapping[str, Any]) -> list[tuple[str, Place, Definition]]:
    nginx, acceptance, tls, dns = at["nginx"], at["acceptance"], at["tls"], at["dns"]
    base: dict[str, Any] = {"zone": "internet"}
    return [
        ("fpcy", nginx, Definition(
            code="fpcy-portal", name="门户首页（经负载均衡）", kind="http", target=str(nginx.facts.get("proxied", "")),
            item="M01", severity="critical", conditions=('status == 200 and body.code == "0"',),
            warnings=("duration_ms < 1000",), **base, **_FAST)),
        ("fpcy", dns, Definition(
            code="fpcy-dns", name="查验平台域名解析", kind="dns", target=dns.target,
            params={"server": dns.facts.get("server", "")}, item="M01", severity="major", **base, **_FAST)),
        ("fpcy", tls, Definition(
            code="fpcy-cert", name="查验平台证书", kind="tls", target=tls.target,
            params={"server_name": tls.facts.get("name", ""), "ca_file": tls.facts.get("ca_file", "")},
            item="M01", severity="major", conditions=("cert_chain_ok and cert_name_ok", "cert_days > 7"),
            warnings=("cert_days > 30",), **base, **{**_FAST, "interval_s": 15, "timeout_s": 5})),
        ("tysl", nginx, Definition(
            code="tysl-nginx", name="nginx 状态", kind="nginx", target=nginx.target, item="M04", severity="critical",
            zone="extranet", conditions=("active > 0",), warnings=("active < 5000",), **_FAST)),
        ("tysl", nginx, Definition(
            code="tysl-lb-a", name="负载均衡成员一", kind="tcp", target=f"127.0.0.1:{nginx.port}",
            item="M02", severity="minor", zone="extranet", **_FAST)),
        ("tysl", acceptance, Definition(
            code="tysl-lb-b", name="负载均衡成员二", kind="tcp", target=f"127.0.0.1:{acceptance.port}",
            item="M02", severity="minor", zone="extranet", **_FAST)),
    ]  # fmt: skip


def _extranet(at: Mapping[str, Any]) -> list[tuple[str, Place, Definition]]:
    acceptance, redis = at["acceptance"], at["redis"]
    base = acceptance.facts.get("base", "")
    login = {
        "secrets": {"password": acceptance.facts.get("password", "")},
        "steps": [
            {"name": "登录", "method": "POST", "url": f"{base}/login",
             "json": {"user": acceptance.facts.get("user", ""), "password": "${password}"},
             "assert": ["status == 200", 'body.code == "0"'], "extract": {"ticket": "json:data.ticket"}},
            {"name": "换取令牌", "method": "POST", "url": f"{base}/token", "json": {"ticket": "${ticket}"},
             "assert": ["status == 200"], "extract": {"token": "json:data.access_token"}},
            {"name": "查验发票", "url": f"{base}/query?number=24502000000012345678",
             "headers": {"Authorization": "Bearer ${token}"},
             "assert": ["status == 200", 'body.code == "0"']},
        ],
    }  # fmt: skip
    return [
        ("tysl", acceptance, Definition(
            code="tysl-health", name="受理服务健康", kind="http", target=acceptance.target, item="M05",
            severity="critical", zone="extranet", conditions=('status == 200 and body.code == "0"',),
            warnings=("duration_ms < 1000",), **_FAST)),
        ("aqjr", acceptance, Definition(
            code="aqjr-login", name="身份认证与查验流程", kind="flow", target=f"{base}/", params=login, item="M07",
            severity="critical", zone="extranet", **{**_FAST, "interval_s": 10, "timeout_s": 8})),
        ("aqjr", acceptance, Definition(
            code="aqjr-port", name="安全接入前置连通", kind="tcp", target=f"127.0.0.1:{acceptance.port}", item="M08",
            severity="major", zone="extranet", **_FAST)),
        ("tysl", redis, Definition(
            code="tysl-log-cache", name="日志内存数据库", kind="redis", target=_bare(redis.target), item="M06",
            severity="major", zone="extranet", conditions=("not loading and link_ok",), **_FAST)),
    ]  # fmt: skip


def _intranet(at: Mapping[str, Any]) -> list[tuple[str, Place, Definition]]:
    postgres, kafka, heartbeat, logs, redis = (
        at["postgres"],
        at["kafka"],
        at["heartbeat"],
        at["logs"],
        at["redis"],
    )
    sql: dict[str, Any] = {"kind": "sql", "target": postgres.target.replace("watch@", ""), "zone": "intranet"}
    every = int(heartbeat.facts.get("every_s", 3))
    return [
        ("dzdz", postgres, Definition(
            code="dzdz-db", name="业务库可查询", item="MJ2", severity="critical",
            params={"username": "watch", "mode": "count", "sql": "select count(*) from task_runs"}, **sql, **_FAST)),
        ("dzdz", postgres, Definition(
            code="dzdz-db-port", name="业务库监听", kind="tcp", target=f"127.0.0.1:{postgres.port}", item="MJ2",
            severity="major", zone="intranet", **_FAST)),
        ("dzdz", kafka, Definition(
            code="dzdz-kafka", name="台账写入消费积压", kind="kafka_lag", target=kafka.target, item="M13",
            params={"group": kafka.facts.get("group", ""), "topics": kafka.facts.get("topic", "")},
            severity="major", zone="intranet", conditions=("lag < 10000", "stalled_s < 60", "lost == 0"),
            warnings=("lag < 1000",), **{**_FAST, "timeout_s": 8})),
        ("dzdz", redis, Definition(
            code="dzdz-redis", name="内网 redis 状态", kind="redis", target=_bare(redis.target), item="M12",
            severity="minor", zone="intranet", conditions=("not loading and link_ok",), **_FAST)),
        ("zhfw", heartbeat, Definition(
            code="zhfw-upload-job", name="汇总上传自动任务", kind="heartbeat", target="汇总上传",
            params={"every_s": max(10, every * 3), "grace_s": 5}, item="M17", severity="major", zone="intranet")),
        ("zhfw", postgres, Definition(
            code="zhfw-volume", name="小时业务量与历史同期", item="M18", severity="minor",
            params={"username": "watch", "mode": "band",
                    "sql": "select invoices from hourly_volume where hour = date_trunc('hour', now())",
                    "other_sql": "select invoices from hourly_volume where hour < date_trunc('hour', now())"
                    " and extract(hour from hour) = extract(hour from now()) order by hour desc limit 14"},
            **sql, **_SLOW)),
        ("dzdz", postgres, Definition(
            code="dzdz-reconcile", name="内外网台账核对", item="M14", severity="major",
            params={"username": "watch", "mode": "reconcile", "sql": "select sum(invoices) from outer_ledger",
                    "other_sql": "select sum(invoices) from inner_ledger"},
            conditions=("difference == 0",), **sql, **_FAST)),
        ("zhfw", postgres, Definition(
            code="zhfw-transfer-fresh", name="数据推送新鲜度", item="M14", severity="major",
            params={"username": "watch", "mode": "freshness", "sql": "select max(received_at) from transfer_batches"},
            conditions=("age_s < 1m",), warnings=("age_s < 20s",), **sql, **_FAST)),
        ("zhfw", postgres, Definition(
            code="zhfw-sync-fresh", name="总局数据同步", item="M19", severity="major",
            params={"username": "watch", "mode": "freshness",
                    "sql": "select max(received_at) from transfer_batches where direction = '内网到总局'"},
            conditions=("age_s < 1m",), **sql, **_FAST)),
        ("zhfw", logs, Definition(
            code="zhfw-transfer-log", name="数据传输日志", kind="oslog", target=str(logs.facts.get("transfer", "")),
            params={"pattern": "失败|ERROR|FATAL"}, item="M16", severity="minor", zone="intranet",
            conditions=("matches == 0",), **_ONCE)),
    ]  # fmt: skip


def _hosts(at: Mapping[str, Any]) -> list[tuple[str, Place, Definition]]:
    logs, nginx = at["logs"], at["nginx"]
    bad = "ERROR|FATAL|CRITICAL|Out of memory|I/O error|磁盘"
    return [
        ("hosts", logs, Definition(
            code="hosts-log-outer", name="外网操作系统日志", kind="oslog", target=str(logs.facts.get("outer", "")),
            params={"pattern": bad}, item="M03", severity="minor", zone="extranet",
            conditions=("matches == 0",), **_ONCE)),
        ("hosts", logs, Definition(
            code="hosts-log-inner", name="内网操作系统日志", kind="oslog", target=str(logs.facts.get("inner", "")),
            params={"pattern": bad, "encoding": "gb18030"}, item="M09", severity="minor", zone="intranet",
            conditions=("matches == 0",), **_ONCE)),
        ("hosts", nginx, Definition(
            code="hosts-nginx-log", name="nginx 错误日志", kind="oslog", target=str(nginx.facts.get("error_log", "")),
            params={"pattern": r"\[(crit|alert|emerg)\]|upstream timed out"}, item="M04", severity="minor",
            zone="extranet", conditions=("matches == 0",), **_ONCE)),
        ("hosts", logs, Definition(
            code="hosts-platform", name="平台主机", kind="host", target="local", item="MJ1", severity="minor",
            zone="intranet", **{**_SLOW, "interval_s": 15})),
    ]  # fmt: skip


def _cities(
    at: Mapping[str, Any], systems: Mapping[str, MonitoredSystem]
) -> list[tuple[str, Place, Definition]]:
    """Return two checks a city; services of the lab stand for the lines, so that breaking one is seen on the map."""
    lines = [at[name] for name in ("nginx", "acceptance", "tls", "redis", "postgres") if at[name].port]
    codes = sorted(code for code in systems if code.startswith("city-"))
    return [
        (code, place, Definition(
            code=f"{code}-{what}", name=name, kind="tcp", target=f"127.0.0.1:{place.port}", item="M20",
            severity="major" if what == "line" else "minor", zone="intranet",
            interval_s=15, retry_interval_s=5, timeout_s=3))
        for number, code in enumerate(codes)
        for what, name, place in (
            ("line", "市局专线连通", lines[number % len(lines)]),
            ("hall", "办税厅前置连通", lines[(number + 2) % len(lines)]),
        )
    ] if lines else []  # fmt: skip


def _bare(url: str) -> str:
    """Return host and port of a redis address."""
    return url.removeprefix("redis://").split("/", 1)[0]


def _trees(scope: Scope, now: datetime, systems: Mapping[str, MonitoredSystem]) -> None:
    """Store the health trees, without leaves that are not there."""
    checks = set(Check.objects.filter(archived_at=None).values_list("code", flat=True))
    for code in ("fpcy", "tysl", "aqjr", "dzdz", "einv"):
        system = systems[code]
        if system.tree is not None:
            continue
        tree = _pruned(TREES[code], checks, set(systems))
        if tree is not None:
            services.define_tree(scope, system.pk, now=now, tree=tree)


def _pruned(tree: dict[str, Any], checks: set[str], systems: set[str]) -> dict[str, Any] | None:
    if "check" in tree:
        return tree if tree["check"] in checks else None
    if "system" in tree:
        return tree if tree["system"] in systems else None
    word = next(iter(tree))
    parts = [kept for part in tree[word] if (kept := _pruned(part, checks, systems)) is not None]
    return {word: parts} if parts else None


def _window(now: datetime, systems: Mapping[str, MonitoredSystem]) -> None:
    """Store one request for a maintenance window that waits for the bureau."""
    if MaintenanceWindow.objects.exists():
        return
    who = (
        Person.objects.filter(assignments__role__code="onsite_engineer", is_active=True)
        .order_by("pk")
        .first()
    )
    if who is None:
        return
    start = (now + timedelta(days=1)).replace(hour=14, minute=0, second=0, microsecond=0)  # 22:00 in China
    asking = Scope.system(who.display_name, via="cli")
    window = services.request_window(
        asking,
        now=now,
        title="受理服务 V2.3.1 版本升级",
        reason="升级受理服务，修复大额发票查验偶发超时；影响查验约 30 分钟；回退方案：切回 V2.3.0 镜像。",
        systems=[systems["tysl"].pk],
        starts_at=start,
        ends_at=start + timedelta(hours=2),
    )
    MaintenanceWindow.objects.filter(pk=window.pk).update(requested_by=who)
    rule = services.request_rule(
        asking,
        now=now,
        title="主机每月补丁",
        reason="安装操作系统补丁并重启日志采集；影响主机日志监控约 30 分钟；回退方案：卸载补丁。",
        repeat={"kind": "last_working", "n": 1, "start": "23:00", "minutes": 90},
        systems=[systems["hosts"].pk],
        valid_from=now - timedelta(days=60),
        valid_to=now + timedelta(days=300),
    )
    services.decide_rule(Scope.system("局方（演示）", via="cli"), rule.pk, now=now, agree=True)
