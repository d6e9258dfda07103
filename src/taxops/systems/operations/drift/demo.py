"""The demonstration of configuration drift (演示配置核对): one as approved, one changed by nobody knows whom, one that
waits for approval.

The files and the database are the lab's own: a visitor may change them and see it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from taxops.engines.base import Scope
from taxops.platform.identity.models import Person
from taxops.platform.identity.services import scope_for
from taxops.systems.operations.monitoring import services as monitoring
from taxops.systems.operations.monitoring.models import Check, MonitoredSystem

from . import services
from .models import ConfigSnapshot
from .rules import SnapshotState

APPROVED = """\
[server]
listen = 0.0.0.0:9080
worker.threads = 64
accept.queue = 512
request.timeout = 5s
[upstream]
ledger.url = http://198.51.100.21:8080/ledger
ledger.connections = 40
verify.url = http://198.51.100.22:8081/verify
verify.timeout = 3s
retry.times = 2
[log]
level = info
keep.days = 180
mask.taxpayer = true
[limit]
per.second = 300
burst = 600"""
PRESENT = (
    APPROVED.replace("worker.threads = 64", "worker.threads = 96")
    .replace("verify.timeout = 3s", "verify.timeout = 8s")
    .replace("level = info", "level = debug")
    .replace("mask.taxpayer = true\n", "")
    + "\nwhitelist = 198.51.100.0/24"
)
_SQL = (
    "select name, setting from pg_settings where name in ('autovacuum', 'default_transaction_isolation',"
    " 'max_locks_per_transaction', 'standard_conforming_strings', 'work_mem') order by name"
)
_OLD_ROWS = """\
name=autovacuum，setting=on
name=default_transaction_isolation，setting=read committed
name=max_locks_per_transaction，setting=64
name=standard_conforming_strings，setting=on
name=work_mem，setting=8192"""
_NEW_ROWS = _OLD_ROWS.replace("work_mem，setting=8192", "work_mem，setting=4096")
_COMMON: Mapping[str, Any] = {
    "kind": "config_drift", "conditions": ("lines > 0",), "warnings": ("approved and same",), "interval_s": 60.0,
    "retry_interval_s": 20.0, "timeout_s": 8.0, "severity": "minor",
}  # fmt: skip


class Lab(Protocol):
    """The lab as this room needs it (实验室)."""

    @property
    def folder(self) -> Path:
        """Where its files are."""

    @property
    def services(self) -> Mapping[str, Any]:
        """The services' addresses by name."""


def seed(scope: Scope, now: datetime, lab: Lab) -> None:
    """Store the three configurations with their snapshots, once."""
    systems = {
        s.code: s.pk for s in MonitoredSystem.objects.filter(code__in=("tysl", "dzdz"), archived_at=None)
    }
    if len(systems) < 2 or Check.objects.filter(code="tysl-config").exists():
        return
    present = lab.folder / "config" / "acceptance.conf"
    present.parent.mkdir(parents=True, exist_ok=True)
    present.write_text(PRESENT + "\n", encoding="utf-8")
    asker, decider = _people()
    changed = _make(
        scope, now, systems["tysl"], "tysl-config", "受理服务配置", str(present), {"approved": APPROVED}
    )
    _approved(
        changed,
        APPROVED,
        "变更 BG-2026-0911：受理服务扩容后的基准配置",
        now - timedelta(days=41),
        asker,
        decider,
    )
    nginx = lab.folder / "nginx" / "nginx.conf"
    if nginx.exists():
        # the lab's ports may move from start to start
        ignore = r"listen 127|proxy_pass http"
        text = "\n".join(
            line.rstrip()
            for line in nginx.read_text(encoding="utf-8").splitlines()
            if line.strip() and not any(word in line for word in ignore.split("|"))
        )
        same = _make(scope, now, systems["tysl"], "tysl-nginx-config", "nginx 配置", str(nginx),
                     {"approved": text, "ignore": ignore})  # fmt: skip
        _approved(same, text, "首次核实", now - timedelta(days=28), asker, decider)
    database = lab.services["postgres"]
    if database.installed:
        waits = _make(scope, now, systems["dzdz"], "dzdz-db-config", "业务库关键参数",
                      database.target.replace("watch@", ""),
                      {"approved": _OLD_ROWS, "sql": _SQL, "username": "watch"})  # fmt: skip
        _approved(
            waits,
            _OLD_ROWS,
            "变更 BG-2026-0930：大查询期间放宽 work_mem",
            now - timedelta(days=53),
            asker,
            decider,
        )
        services.propose(
            scope if asker is None else scope_for(asker, now=now), waits.pk, now=now - timedelta(hours=2),
            content=_NEW_ROWS, reason="变更 BG-2026-1121：大查询已改走只读库，work_mem 恢复为 4 MB",
        )  # fmt: skip


def _people() -> tuple[Person | None, Person | None]:
    found = {
        p.username: p for p in Person.objects.filter(username__in=("engineer", "manager"), is_active=True)
    }
    return found.get("engineer"), found.get("manager")


def _make(
    scope: Scope, now: datetime, system_id: int, code: str, name: str, target: str, params: Mapping[str, Any]
) -> Check:
    definition = monitoring.Definition(
        code=code, name=name, target=target, params=params, zone="intranet", **_COMMON
    )
    return monitoring.create_check(scope, now=now, system_id=system_id, definition=definition)


def _approved(
    check: Check, content: str, reason: str, at: datetime, asker: Person | None, decider: Person | None
) -> None:
    """Store what was approved long before the demonstration began."""
    ConfigSnapshot.objects.create(
        check_row=check, content=content, digest=hashlib.sha256(content.encode()).hexdigest(), reason=reason,
        state=SnapshotState.APPROVED.value, taken_at=at, taken_by=asker, decided_at=at + timedelta(hours=3),
        decided_by=decider, decision_note="与变更单一致",
    )  # fmt: skip
