"""Probers (探测器): who they are, what each has to do, what they bring."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope
from taxops.platform.audit import services as audit
from taxops.platform.identity.models import ApiToken
from taxops.systems.operations.monitoring import sealing
from taxops.systems.operations.monitoring.ingest import Taken, report, tick
from taxops.systems.operations.monitoring.models import Check, ControlRoom, Prober
from taxops.systems.operations.monitoring.rules import parse_batch
from taxops.systems.operations.monitoring.words import PASSIVE_KINDS, Zone

REPORT = "probers.report"
GONE_AFTER = timedelta(seconds=60)
"""A prober that was not heard of for so long is taken to be away."""


def changed() -> None:
    """Note, inside a transaction that changes what probers must do, that they have to ask again."""
    if not ControlRoom.objects.filter(pk=1).update(assignments=F("assignments") + 1):
        ControlRoom.objects.get_or_create(pk=1)


def prober_of(scope: Scope, token_prefix: str, *, now: datetime, address: str = "") -> Prober:
    """Return the prober that a token belongs to; a new token's first call makes it known (登记探测器).

    Raises:
        NotPermitted: the caller may not report, has no token, or the prober is switched off.
    """
    scope.require(REPORT)
    found = Prober.objects.filter(token__prefix=token_prefix).first() if token_prefix else None
    if found is None:
        token = (
            ApiToken.objects.filter(prefix=token_prefix).select_related("org").first()
            if token_prefix
            else None
        )
        if token is None:
            raise NotPermitted("探测器须用接口令牌上报。", "请创建带「探测器上报」权限的令牌。")
        with transaction.atomic():
            found, made = Prober.objects.get_or_create(
                token=token,
                defaults={
                    "code": f"prober-{token.prefix}",
                    "name": token.name,
                    "org": token.org,
                    "first_seen_at": now,
                    "address": address[:64],
                },
            )
            if made:
                changed()
    if not found.enabled:
        raise NotPermitted(f"探测器「{found}」已停用。", "如需恢复，请在探测器页面启用。")
    return found


def assignments(prober: Prober, etag: str, *, now: datetime, address: str = "") -> dict[str, Any] | None:
    """Return what a prober has to do (探测任务); None when that is what it knows already.

    Secrets are opened here and nowhere else.
    """
    tick(now=now)
    fields: dict[str, Any] = {"last_seen_at": now}
    if prober.first_seen_at is None:
        fields["first_seen_at"] = now
    if address:
        fields["address"] = address[:64]
    Prober.objects.filter(pk=prober.pk).update(**fields)
    room = ControlRoom.objects.filter(pk=1).first() or ControlRoom.objects.get_or_create(pk=1)[0]
    peers = list(
        Prober.objects.filter(enabled=True, last_seen_at__gt=now - GONE_AFTER)
        .order_by("pk")
        .values_list("pk", "zone")
    )
    version = f"{room.assignments}." + "-".join(f"{pk}{zone[:3]}" for pk, zone in peers)
    if etag == version:
        return None
    rows = (
        Check.objects.filter(enabled=True, archived_at=None, system__archived_at=None)
        .exclude(kind__in=sorted(PASSIVE_KINDS))
        .order_by("pk")
    )
    mine = [
        _told(check) for check in rows if falls_to(check.pk, check.zone, check.prober_id, peers) == prober.pk
    ]
    return {"version": version, "checks": mine}


def falls_to(check_id: int, zone: str, pinned: int | None, peers: Sequence[tuple[int, str]]) -> int | None:
    """Return the prober that carries a check out (任务分派); None when there is none for its zone.

    The one it is pinned to, while that is alive; else those of its zone, else those for all zones, who
    share by number. A prober not heard of for a minute has its checks done by the others.

    Args:
        peers: `(prober, zone)` of those alive, in the order of their ids.
    """
    if pinned is not None and any(pk == pinned for pk, _ in peers):
        return pinned
    near = [pk for pk, of in peers if of == zone] or [pk for pk, of in peers if not of]
    return near[check_id % len(near)] if near else None


def _told(check: Check) -> dict[str, Any]:
    try:
        secret = sealing.reveal(check.sealed, bound_to=check.code)
    except BadInput:
        # The prober then says that credentials are missing: an unknown, not an outage.
        secret = {}
    return {
        "id": check.pk,
        "kind": check.kind,
        "target": check.target,
        "params": {**check.params, **secret},
        "conditions": check.conditions,
        "warnings": check.warnings,
        "interval_s": check.interval_s,
        "retry_interval_s": check.retry_interval_s,
        "timeout_s": check.timeout_s,
        "confirm": check.confirm,
        "recover": check.recover,
        "version": check.version,
    }


def take_report(prober: Prober, body: bytes, *, now: datetime, address: str = "") -> Taken:
    """Take in what a prober brings (接收上报).

    Raises:
        BadInput, TooLarge: it is not a batch; nothing was stored.
    """
    taken = report(prober, parse_batch(body), now=now, address=address)
    tick(now=now)
    return taken


def edit_prober(scope: Scope, pk: int, *, now: datetime, name: str, zone: str, enabled: bool) -> Prober:
    """Name a prober, give it a zone, switch it on or off (维护探测器).

    Raises:
        NotFound, BadInput.
    """
    scope.require("monitoring.edit")
    if zone and zone not in set(Zone):
        raise BadInput("网络区域不正确。", field="zone")
    with transaction.atomic():
        prober = Prober.objects.select_for_update(of=("self",)).select_related("org").filter(pk=pk).first()
        if prober is None or not scope.allows("monitoring.edit", prober.org.path if prober.org else ""):
            raise NotFound("没有这个探测器。", "它可能不在您的管理范围内。")
        before = {"name": prober.name, "zone": prober.zone, "enabled": prober.enabled}
        prober.name, prober.zone, prober.enabled = name.strip()[:80], zone, enabled
        prober.save(update_fields=["name", "zone", "enabled"])
        changed()
        audit.record(
            scope,
            now=now,
            action="prober.edit",
            kind="prober",
            object_id=prober.pk,
            label=str(prober),
            before=before,
            after={"name": prober.name, "zone": prober.zone, "enabled": prober.enabled},
            org_path=prober.org.path if prober.org else "",
        )
    return prober


def register(
    scope: Scope, *, now: datetime, code: str, name: str, zone: str = "", token: ApiToken | None = None
) -> Prober:
    """Make a prober known before its first call (登记探测器).

    Raises:
        Conflict: the code is taken by a prober with another token.
    """
    with transaction.atomic():
        prober, made = Prober.objects.get_or_create(
            code=code,
            defaults={"name": name, "zone": zone, "token": token, "org": token.org if token else None},
        )
        if not made and token is not None and prober.token_id not in (None, token.pk):
            raise Conflict(f"探测器代码「{code}」已被使用。", "请换一个代码。")
        if not made:
            prober.token, prober.org = token or prober.token, (token.org if token else prober.org)
            prober.save(update_fields=["token", "org"])
        changed()
        if made:
            audit.record(
                scope,
                now=now,
                action="prober.register",
                kind="prober",
                object_id=prober.pk,
                label=str(prober),
                after={"code": code, "zone": zone},
                org_path=prober.org.path if prober.org else "",
            )
    return prober
