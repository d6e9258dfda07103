"""Samples of notices, channels and deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit
from taxops.platform.notify import services
from taxops.platform.notify.models import Channel, Delivery, Notice
from tests import factories
from tests.contracts.samples import World, rows, sample

MANAGER = Scope.system("样例")


def _owner(world: World, org: OrgUnit) -> int:
    """Return who gets the notice: the reader at home, somebody else next door."""
    if org == world.neighbour or world.reader is None:
        return factories.person(f"owner{org.code}", org).pk
    return world.reader.pk


@rows("notices")
def notices(world: World, org: OrgUnit, count: int) -> None:
    if org == world.neighbour:
        return
    start = Notice.objects.count()
    for number in range(start, start + count):
        services.tell(
            MANAGER, now=world.now, people=[_owner(world, org)], title=f"第{number}条", key=f"n{number}"
        )


@sample("notice")
def notice(world: World, org: OrgUnit) -> Mapping[str, Any]:
    key = f"one-{org.code}"
    services.tell(
        MANAGER,
        now=world.now,
        people=[_owner(world, org)],
        title="申报中断",
        body="一\n二",
        link="/",
        key=key,
    )
    return {"pk": Notice.objects.filter(key=key).latest("pk").pk}


def channel(world: World, org: OrgUnit, code: str = "") -> Channel:
    return services.save_channel(
        MANAGER,
        now=world.now,
        code=code or f"c{org.code.lower()}-{Channel.objects.count()}",
        name="值班群",
        kind="webhook",
        values={"url": "http://127.0.0.1:9/", "signing_key": "s" * 20},
        org=org,
    )


def delivery(world: World, org: OrgUnit, *, state: str = "waiting") -> Delivery:
    return Delivery.objects.create(
        key=f"d{Delivery.objects.count()}",
        channel=channel(world, org),
        to="值班群",
        severity="warning",
        title="磁盘将满",
        state=state,
        created_at=world.now,
        due_at=world.now,
    )


@rows("notify-channels")
def channels(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        channel(world, org)


@rows("notify-deliveries")
def deliveries(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        delivery(world, org)


@sample(
    "notify-channel",
    "notify-channel-edit",
    "notify-channel-try",
    "notify-channel-off",
    "notify-channel-on",
    "notify-channel-remove",
)
def one_channel(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": channel(world, org).pk}


@sample("notify-channel-new", shared="渠道类型人人相同")
def kind(_world: World, _org: OrgUnit) -> Mapping[str, Any]:
    return {"kind": "wecom"}


@sample("notify-delivery", "notify-delivery-resend", "notify-delivery-cancel")
def one_delivery(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": delivery(world, org).pk}
