"""Posts and patterns (岗位与轮班规则)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.forms.models import model_to_dict

from taxops.engines.base import BadInput, Conflict, NotFound, Scope
from taxops.platform.audit import services as audit
from taxops.systems.operations.roster import rules
from taxops.systems.operations.roster.models import DutyPattern, DutyPost
from taxops.systems.operations.roster.words import Days, Hours

from .loading import EDIT, org_of, post_of, require_people, tell_pages

_CODE = re.compile(r"[a-z][a-z0-9_-]{1,29}")
_SHOWN = ("code", "name", "hours", "people", "headcount", "place", "radius_m", "source")


def save_post(
    scope: Scope,
    *,
    now: datetime,
    pk: int | None = None,
    code: str,
    name: str,
    org_id: int,
    hours: str,
    people: int = 1,
    headcount: int = 0,
    place: str = "",
    latitude: float | None = None,
    longitude: float | None = None,
    radius_m: int = 500,
    source: str = "",
    sort: int = 0,
) -> DutyPost:
    """Store a post, new or changed (保存岗位).

    Raises:
        BadInput: a value that cannot be.
        Conflict: the code is taken.
        NotFound: no such post or organisation within the actor's range.
    """
    code, name = code.strip().lower(), name.strip()
    if not _CODE.fullmatch(code):
        raise BadInput("岗位代码只能用小写字母、数字、横线，以字母开头。", "例如 line1、lead。", field="code")
    if not name:
        raise BadInput("请填写岗位名称。", field="name")
    if hours not in {h.value for h in Hours}:
        raise BadInput("没有这种值守时间。", field="hours")
    if not 1 <= people <= 50 or not 0 <= headcount <= 500:
        raise BadInput("人数超出范围。", "同时在岗 1 到 50 人，合同人数 0 到 500 人。", field="people")
    if (latitude is None) != (longitude is None):
        raise BadInput("经度和纬度要一起填写。", field="longitude")
    if (
        latitude is not None
        and longitude is not None
        and not (-90 <= latitude <= 90 and -180 <= longitude <= 180)
    ):
        raise BadInput("经纬度超出范围。", field="latitude")
    with transaction.atomic():
        org = org_of(scope, org_id)
        post = post_of(scope, pk) if pk is not None else DutyPost()
        if DutyPost.objects.filter(code=code).exclude(pk=post.pk).exists():
            raise Conflict(f"岗位代码 {code} 已经使用。", "请换一个代码。", field="code")
        before = {n: getattr(post, n) for n in _SHOWN} if pk is not None else None
        post.code, post.name, post.org, post.hours = code, name[:60], org, hours
        post.people, post.headcount, post.place, post.source = (
            people,
            headcount,
            place.strip()[:120],
            source.strip()[:60],
        )
        post.latitude, post.longitude, post.radius_m, post.sort = latitude, longitude, radius_m, sort
        post.save()
        audit.record(
            scope, now=now, action="post.edit" if before else "post.create", kind="post", object_id=post.pk,
            label=post.name, before=before, after={n: getattr(post, n) for n in _SHOWN}, org_path=org.path,
        )  # fmt: skip
        tell_pages(post)
    return post


def archive_post(scope: Scope, pk: int, *, now: datetime) -> DutyPost:
    """Take a post out of use (停用岗位); its past stays.

    Raises:
        NotFound: none within the actor's range.
    """
    with transaction.atomic():
        post = post_of(scope, pk)
        post.archived_at = now
        post.save(update_fields=["archived_at"])
        audit.record(
            scope, now=now, action="post.archive", kind="post", object_id=pk, label=post.name,
            before={"archived": False}, after={"archived": True}, org_path=post.org.path,
        )  # fmt: skip
        tell_pages(post)
    return post


def save_pattern(
    scope: Scope,
    *,
    now: datetime,
    post_id: int,
    name: str,
    groups: Sequence[Sequence[int]],
    first_on: date,
    windows: str,
    turn_days: int = 1,
    days: str = Days.ALL.value,
    last_on: date | None = None,
    pk: int | None = None,
) -> DutyPattern:
    """Store a rotation, new or changed (保存轮班规则).

    A pattern that has begun is not changed in its past: end it and start another one.

    Raises:
        BadInput: a value that cannot be.
        Conflict: it has begun.
        NotFound: no such post or pattern within the actor's range.
    """
    stretches = rules.parse_windows(windows)
    order = [list(dict.fromkeys(group)) for group in groups if group]
    if not order:
        raise BadInput("请至少填写一轮人员。", field="groups")
    if len(order) > 60:
        raise BadInput("轮次不能超过 60 轮。", field="groups")
    if not 1 <= turn_days <= 92:
        raise BadInput("每轮天数应在 1 到 92 之间。", field="turn_days")
    if days not in {d.value for d in Days}:
        raise BadInput("没有这种适用日期。", field="days")
    if last_on is not None and last_on < first_on:
        raise BadInput("结束日期早于开始日期。", field="last_on")
    with transaction.atomic():
        post = post_of(scope, post_id)
        require_people(p for group in order for p in group)
        pattern = DutyPattern(post=post, entered_at=now, entered_by_id=scope.actor_id)
        before = None
        if pk is not None:
            pattern = _pattern(post, pk)
            before = _values(pattern)
            if rules.spans.midnight(pattern.first_on) <= now.timestamp():
                raise Conflict("这条规则已经开始，不能改动过去的班。", "请结束它，再从明天起新建一条。")
        pattern.name, pattern.groups, pattern.windows = (
            name.strip()[:60] or "轮班",
            order,
            [list(w) for w in stretches],
        )
        pattern.first_on, pattern.last_on, pattern.turn_days, pattern.days = (
            first_on,
            last_on,
            turn_days,
            days,
        )
        pattern.save()
        audit.record(
            scope, now=now, action="pattern.save", kind="pattern", object_id=pattern.pk, label=pattern.name,
            before=before, after=_values(pattern), org_path=post.org.path,
        )  # fmt: skip
        tell_pages(post)
    return pattern


def _pattern(post: DutyPost, pk: int) -> DutyPattern:
    found = DutyPattern.objects.select_for_update().filter(post=post, pk=pk).first()
    if found is None:
        raise NotFound("没有这条轮班规则。", "请刷新后查看。")
    return found


def _values(pattern: DutyPattern) -> dict[str, object]:
    values = model_to_dict(pattern, ["name", "turn_days", "days"])
    return {
        **values,
        "groups": str(pattern.groups),
        "windows": rules.windows_text([(a, b) for a, b in pattern.windows]),
        "first_on": str(pattern.first_on),
        "last_on": str(pattern.last_on or ""),
    }


def end_pattern(scope: Scope, pk: int, *, now: datetime, last_on: date) -> DutyPattern:
    """Let a rotation end after a day (结束轮班规则); the past stays as it was.

    Raises:
        BadInput: the day lies before the pattern's first day or before yesterday.
        NotFound: none within the actor's range.
    """
    with transaction.atomic():
        owner = DutyPattern.objects.filter(pk=pk).values_list("post_id", flat=True).first()
        post = post_of(scope, owner or 0, EDIT)
        pattern = _pattern(post, pk)
        if last_on < pattern.first_on:
            raise BadInput("结束日期早于规则的开始日期。", field="last_on")
        if rules.spans.midnight(last_on) + 2 * rules.spans.DAY < now.timestamp():
            raise BadInput("不能改动过去的班。", "结束日期最早是昨天。", field="last_on")
        before = _values(pattern)
        pattern.last_on = last_on
        pattern.save(update_fields=["last_on"])
        audit.record(
            scope, now=now, action="pattern.end", kind="pattern", object_id=pk, label=pattern.name,
            before=before, after=_values(pattern), org_path=post.org.path,
        )  # fmt: skip
        tell_pages(post)
    return pattern
