"""The demonstration of templates (演示模板): one at its second version, which two of three systems have not taken yet.

What a visitor can do from here: see what the update would change, update, look at the record, undo.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from taxops.engines.base import Scope, to_millis
from taxops.platform.identity.models import Person
from taxops.platform.identity.services import scope_for
from taxops.systems.operations.monitoring import services as monitoring
from taxops.systems.operations.monitoring.models import Check, CheckState, MonitoredSystem

from . import services
from .models import Blueprint, Placement

CODE = "city-room"
SYSTEMS = ("city-2201", "city-2202", "city-2224")
"""Where it is applied: the first one is updated already, the last one has a check that was changed by hand."""
AGE = timedelta(days=5)

_FRONT: dict[str, Any] = {
    "key": "front", "name": "机房前置端口", "kind": "tcp", "target": "{front}", "interval_s": 15, "timeout_s": 3,
    "severity": "minor", "item": "M20", "zone": "intranet", "role": "none",
}  # fmt: skip
_ROUND: dict[str, Any] = {
    "key": "round", "name": "机房每日巡视", "kind": "manual", "target": "{place}", "severity": "minor",
    "item": "", "zone": "intranet", "role": "none",
    "params": {
        "every_s": 86_400, "grace_s": 14_400,
        "steps": "门禁、照明完好，无异味、无积水\n服务器、交换机无红灯，风扇无异响\n空调运行，出风口无凝水",
    },
}  # fmt: skip
_WARMTH: dict[str, Any] = {
    "key": "warmth", "name": "机房温度", "kind": "manual", "target": "{place}温度计", "severity": "minor",
    "item": "", "zone": "intranet", "role": "none",
    "params": {"every_s": 43_200, "grace_s": 7200, "unit": "℃", "steps": "读机柜中部温度计；18–27 ℃ 为正常"},
}  # fmt: skip
_TAPE: dict[str, Any] = {
    "key": "tape", "name": "备份磁带更换", "kind": "manual", "target": "{place}磁带机", "severity": "minor",
    "item": "", "zone": "intranet", "role": "none",
    "params": {"every_s": 604_800, "grace_s": 86_400, "needs_photo": True,
               "steps": "换下的磁带贴好标签并入柜\n拍下标签"},
}  # fmt: skip
_FIRE: dict[str, Any] = {
    "key": "fire", "name": "消防与动环", "kind": "manual", "target": "{place}动环主机", "severity": "minor",
    "item": "", "zone": "intranet", "role": "none",
    "params": {"every_s": 86_400, "grace_s": 14_400, "steps": "动环主机无告警\n灭火器压力在绿区"},
}  # fmt: skip


def _ask(name: str, label: str, example: str) -> dict[str, Any]:
    return {"name": name, "label": label, "example": example, "secret": False, "group": "市局机房"}


ASKS = [
    _ask("front", "前置地址与端口", "198.51.100.31:8443"),
    _ask("place", "机房名称", "三楼主机房"),
]


def seed(scope: Scope, now: datetime, front: str) -> None:
    """Store the template, two versions, three places, once; `front` is host and port of what answers in the lab."""
    systems = {s.code: s for s in MonitoredSystem.objects.filter(code__in=SYSTEMS, archived_at=None)}
    if not front or len(systems) < len(SYSTEMS) or Blueprint.objects.filter(code=CODE).exists():
        return
    begun = now - AGE
    who = _scope_of("manager", scope, now)
    made = services.create_blueprint(
        who,
        now=begun,
        code=CODE,
        name="市局机房与前置",
        description="各市州局机房：前置端口、每日巡视、温度、备份磁带",
    )
    for ask in ASKS:
        services.save_ask(who, made.pk, now=begun, name=ask["name"], ask=ask)
    for entry in (_FRONT, _ROUND, _WARMTH, _TAPE):
        services.save_entry(who, made.pk, now=begun, key=entry["key"], entry=entry)
    services.publish(who, made.pk, now=begun, note="按机房管理办法建立")
    for code in SYSTEMS:
        services.apply(
            who,
            made.pk,
            now=begun,
            system_id=systems[code].pk,
            answers={"front": front, "place": "三楼主机房"},
        )
    _by_hand(now)
    changed = now - timedelta(days=1)
    stricter: Mapping[str, Any] = {**_ROUND, "params": {**_ROUND["params"], "grace_s": 7200}}
    services.save_entry(who, made.pk, now=changed, key="front", entry={**_FRONT, "interval_s": 30})
    services.save_entry(who, made.pk, now=changed, key="round", entry=stricter)
    services.save_entry(who, made.pk, now=changed, key="fire", entry=_FIRE)
    services.save_entry(who, made.pk, now=changed, key="tape", entry=None)
    services.publish(who, made.pk, now=changed, note="增加消防与动环；磁带已停用；巡视宽限改为 2 小时")
    first = Placement.objects.get(blueprint=made, system=systems[SYSTEMS[0]])
    services.update(who, made.pk, now=now - timedelta(hours=3), places=[first.pk])
    # a check that is probed begins to be watched now: five days without a result would be a lie
    CheckState.objects.filter(
        check_row__placed__placement__blueprint=made, check_row__kind="tcp", last_at_ms=0
    ).update(alive_from_ms=to_millis(now))


def _by_hand(now: datetime) -> None:
    """Let an engineer have changed one check since: an update leaves that field alone."""
    check = Check.objects.get(code=f"{SYSTEMS[-1]}-front")
    monitoring.edit_check(
        _scope_of("engineer", Scope.system("演示数据", via="cli"), now),
        check.pk,
        now=now - timedelta(days=3),
        definition=replace(monitoring.definition_of(check), interval_s=60.0, note="专线带宽小，放慢"),
    )


def _scope_of(username: str, otherwise: Scope, now: datetime) -> Scope:
    person = Person.objects.filter(username=username, is_active=True).first()
    return scope_for(person, now=now) if person is not None else otherwise
