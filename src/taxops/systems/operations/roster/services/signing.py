"""Signing in (打卡): once per key, with place and time; what is sent late says so."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from taxops.engines.base import BadInput, NotPermitted, Scope
from taxops.platform.audit import services as audit
from taxops.systems.operations.roster import rules
from taxops.systems.operations.roster.models import SignIn
from taxops.systems.operations.roster.queries import VIEW
from taxops.systems.operations.roster.words import SignKind

from .loading import post_of, tell_pages

_LATEST = timedelta(days=3)
_AHEAD = timedelta(minutes=5)


def sign(
    scope: Scope,
    *,
    now: datetime,
    post_id: int,
    kind: str,
    key: str,
    at: datetime | None = None,
    place: str = "",
    latitude: float | None = None,
    longitude: float | None = None,
) -> SignIn:
    """Sign in or out at a post (打卡); the same key again answers what is stored already.

    Args:
        key: made by the device, so that sending again after a broken connection counts once.
        at: when it happened, if it is sent later; at most three days before.

    Raises:
        BadInput: no key, no such kind, a time to come or too old, half a place.
        NotPermitted: nobody is signed in, or the key belongs to somebody else.
        NotFound: no such post.
    """
    fact = at or now
    located = _require_sound(scope, now, kind, key, fact, latitude, longitude)
    known = SignIn.objects.filter(key=key).first()
    if known is None:
        with transaction.atomic():
            post = post_of(scope, post_id, VIEW)
            distance = None
            if located and post.latitude is not None and post.longitude is not None:
                here = (float(latitude or 0), float(longitude or 0))
                distance = round(rules.distance_m((post.latitude, post.longitude), here))
            try:
                with transaction.atomic():
                    made = SignIn.objects.create(
                        post=post, person_id=scope.actor_id or 0, kind=kind, at=fact, entered_at=now,
                        place=place.strip()[:120], latitude=latitude, longitude=longitude,
                        distance_m=distance, key=key,
                    )  # fmt: skip
            except IntegrityError:
                made = None  # the same press arrived twice at once; the other one stored it
            if made is not None:
                audit.record(
                    scope, now=now, action="duty.sign", kind="sign", object_id=made.pk,
                    label=f"{post} {SignKind.label_of(kind)}", at=fact, org_path=post.org.path,
                    after={"kind": kind, "place": made.place, "distance_m": -1 if distance is None else distance},
                )  # fmt: skip
                tell_pages(post)
                return made
        known = SignIn.objects.get(key=key)
    if known.person_id != scope.actor_id:
        raise NotPermitted("打卡请求重复，没有记录。", "请刷新页面后重试。")
    return known


def _require_sound(
    scope: Scope,
    now: datetime,
    kind: str,
    key: str,
    fact: datetime,
    latitude: float | None,
    longitude: float | None,
) -> bool:
    """Return whether a place came with a sign-in that can be stored.

    Raises:
        BadInput, NotPermitted: it cannot be stored.
    """
    if scope.actor_id is None:
        raise NotPermitted("打卡由值班人本人办理。", "请登录后打卡。")
    if not 8 <= len(key) <= 64:
        raise BadInput("打卡请求不完整，没有记录。", "请刷新页面后重试。")
    if kind not in {k.value for k in SignKind}:
        raise BadInput("没有这种打卡。", field="kind")
    if fact > now + _AHEAD:
        raise BadInput("打卡时间晚于现在。", "请校准手机时间。", field="at")
    if now - fact > _LATEST:
        raise BadInput("三天以前的打卡不再受理。", "请由排班人登记实际情况。", field="at")
    if (latitude is None) != (longitude is None):
        raise BadInput("定位不完整。", "请重新定位，或不带定位打卡并写明地点。")
    if (
        latitude is not None
        and longitude is not None
        and not (-90 <= latitude <= 90 and -180 <= longitude <= 180)
    ):
        raise BadInput("经纬度超出范围。", "请重新定位。")
    return latitude is not None
