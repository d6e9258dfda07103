"""Dated changes and special periods (值班调整、重要时期), one by one or from a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from taxops.engines.base import BadInput, Conflict, NotFound, RowProblem, Scope
from taxops.platform.audit import services as audit
from taxops.platform.casework.services import ask_renewal
from taxops.platform.identity.models import Person
from taxops.platform.identity.queries import within
from taxops.systems.operations.roster.models import DutyOverride, DutyPeriod, DutyPost
from taxops.systems.operations.roster.words import Change, Hours, PeriodKind

from .loading import EDIT, org_of, post_of, require_people, require_span, tell_pages


def add_override(
    scope: Scope,
    *,
    now: datetime,
    post_id: int,
    change: str,
    person_id: int,
    starts_at: datetime,
    ends_at: datetime,
    other_id: int | None = None,
    reason: str = "",
) -> DutyOverride:
    """Change the roster of a post for some time (值班调整).

    Raises:
        BadInput: no such change, no substitute where one is needed, times that do not fit, people who left.
        NotFound: no such post within the actor's range.
    """
    if change not in {c.value for c in Change}:
        raise BadInput("没有这种调整方式。", field="change")
    require_span(starts_at, ends_at)
    if change == Change.REPLACE and (other_id is None or other_id == person_id):
        raise BadInput("替班请选择另一位替班人。", field="other_id")
    if change != Change.REPLACE:
        other_id = None
    with transaction.atomic():
        post = post_of(scope, post_id)
        people = require_people([person_id, *([other_id] if other_id else [])])
        made = DutyOverride.objects.create(
            post=post,
            change=change,
            person=people[person_id],
            other=people[other_id] if other_id else None,
            starts_at=starts_at,
            ends_at=ends_at,
            reason=reason.strip()[:400],
            entered_by_id=scope.actor_id,
            entered_at=now,
        )
        audit.record(
            scope, now=now, action="duty.change", kind="duty", object_id=made.pk, label=f"{post} {made}",
            after={"change": change, "person": str(made.person), "other": str(made.other or ""),
                   "starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat(), "reason": made.reason,
                   "afterwards": starts_at < now},
            org_path=post.org.path,
        )  # fmt: skip
        tell_pages(post)
    return made


def cancel_override(scope: Scope, pk: int, *, now: datetime) -> DutyOverride:
    """Cancel a dated change (取消调整); the pattern holds again.

    Raises:
        NotFound: none within the actor's range.
        Conflict: cancelled already.
    """
    with transaction.atomic():
        found = (
            DutyOverride.objects.select_for_update(of=("self",))
            .select_related("post__org", "person")
            .filter(within(scope, EDIT, "post__org__path"), pk=pk)
            .first()
        )
        if found is None:
            raise NotFound("没有这条调整，或不在您的管理范围内。", "请刷新后查看。")
        if found.cancelled_at is not None:
            raise Conflict("这条调整已经取消。", "请刷新后查看。")
        found.cancelled_at = now
        found.save(update_fields=["cancelled_at"])
        audit.record(
            scope, now=now, action="duty.cancel", kind="duty", object_id=pk, label=f"{found.post} {found}",
            before={"cancelled": False}, after={"cancelled": True}, org_path=found.post.org.path,
        )  # fmt: skip
        tell_pages(found.post)
    return found


def add_period(
    scope: Scope,
    *,
    now: datetime,
    org_id: int,
    name: str,
    kind: str,
    first_on: date,
    last_on: date,
    hours: str,
    people: int | None = None,
    note: str = "",
) -> DutyPeriod:
    """Announce a special period (重要时期): the posts of the organisation and below need more hours or people.

    Clocks on calendars of presence run its hours too, from the day of entry on; open cases are renewed by a job.

    Raises:
        BadInput: a value that cannot be.
        NotFound: no such organisation where the actor keeps the roster.
    """
    name = name.strip()[:60]
    if not name:
        raise BadInput("请填写名称。", "例如：国庆保障。", field="name")
    if kind not in {k.value for k in PeriodKind} or hours not in {h.value for h in Hours}:
        raise BadInput("类别或值守时间不正确。", field="kind")
    if last_on < first_on:
        raise BadInput("最后一天早于第一天。", field="last_on")
    if (last_on - first_on).days > 92:
        raise BadInput("一个时期不能超过 93 天。", field="last_on")
    if people is not None and not 1 <= people <= 50:
        raise BadInput("同时在岗人数应在 1 到 50 之间。", field="people")
    with transaction.atomic():
        org = org_of(scope, org_id)
        made = DutyPeriod.objects.create(
            org=org,
            name=name,
            kind=kind,
            first_on=first_on,
            last_on=last_on,
            hours=hours,
            people=people,
            note=note.strip()[:400],
            entered_by_id=scope.actor_id,
            entered_at=now,
        )
        audit.record(
            scope, now=now, action="period.add", kind="period", object_id=made.pk, label=name,
            after={"kind": kind, "first_on": str(first_on), "last_on": str(last_on), "hours": hours,
                   "people": people or 0, "note": made.note},
            org_path=org.path,
        )  # fmt: skip
        ask_renewal(org.path, now=now)  # deadlines of open cases move with the calendar
    return made


def cancel_period(scope: Scope, pk: int, *, now: datetime) -> DutyPeriod:
    """Call a special period off (取消重要时期).

    Raises:
        NotFound: none within the actor's range.
        Conflict: called off already.
    """
    with transaction.atomic():
        found = (
            DutyPeriod.objects.select_for_update(of=("self",))
            .select_related("org")
            .filter(within(scope, EDIT), pk=pk)
            .first()
        )
        if found is None:
            raise NotFound("没有这个时期，或不在您的管理范围内。", "请刷新后查看。")
        if found.cancelled_at is not None:
            raise Conflict("这个时期已经取消。", "请刷新后查看。")
        found.cancelled_at = now
        found.save(update_fields=["cancelled_at"])
        audit.record(
            scope, now=now, action="period.cancel", kind="period", object_id=pk, label=found.name,
            before={"cancelled": False}, after={"cancelled": True}, org_path=found.org.path,
        )  # fmt: skip
        ask_renewal(found.org.path, now=now)
    return found


@dataclass(frozen=True, slots=True)
class ImportedSpan:
    """One row of an imported roster (导入的班次)."""

    row: int
    post: str
    username: str
    starts_at: datetime
    ends_at: datetime


def resolve_spans(
    scope: Scope, spans: Sequence[ImportedSpan]
) -> tuple[list[tuple[DutyPost, Person, ImportedSpan]], list[RowProblem]]:
    """Return the rows with their posts and people, and what is wrong with others; two queries."""
    posts = {
        p.code: p
        for p in DutyPost.objects.filter(within(scope, EDIT), archived_at=None).select_related("org")
    }
    wanted = {s.username for s in spans}
    people = {p.username: p for p in Person.objects.filter(username__in=wanted, is_active=True)}
    good: list[tuple[DutyPost, Person, ImportedSpan]] = []
    problems: list[RowProblem] = []
    seen: dict[tuple[str, str, datetime], int] = {}
    for span in spans:
        post, person = posts.get(span.post), people.get(span.username)
        if post is None:
            problems.append(
                RowProblem(span.row, "岗位代码", f"没有岗位「{span.post[:30]}」，或不在您的管理范围内")
            )
        if person is None:
            problems.append(RowProblem(span.row, "用户名", f"没有在用的人员「{span.username[:40]}」"))
        if span.ends_at <= span.starts_at:
            problems.append(RowProblem(span.row, "结束", "结束时间应晚于开始时间"))
        elif (span.ends_at - span.starts_at).days > 31:
            problems.append(RowProblem(span.row, "结束", "一班不能超过 31 天"))
        key = (span.post, span.username, span.starts_at)
        if key in seen:
            problems.append(RowProblem(span.row, "开始", f"与第 {seen[key]} 行重复"))
        seen.setdefault(key, span.row)
        if post is not None and person is not None:
            good.append((post, person, span))
    return good, problems


def import_spans(scope: Scope, *, now: datetime, spans: Sequence[ImportedSpan]) -> int:
    """Take over a roster from a table (导入值班表), all rows or none; the same row twice counts once.

    Raises:
        BadInput: a row cannot be taken; `problems` says which and why.
    """
    with transaction.atomic():
        good, problems = resolve_spans(scope, spans)
        if problems:
            raise BadInput(f"有 {len(problems)} 处问题，没有导入。", "请改正后重新上传。", problems=problems)
        known = set(
            DutyOverride.objects.filter(
                post__in={p.pk for p, _, _ in good}, change=Change.ADD.value, cancelled_at=None
            ).values_list("post_id", "person_id", "starts_at", "ends_at")
        )
        made = DutyOverride.objects.bulk_create(
            DutyOverride(
                post=post, change=Change.ADD.value, person=person, starts_at=s.starts_at, ends_at=s.ends_at,
                reason="导入值班表", entered_by_id=scope.actor_id, entered_at=now,
            )
            for post, person, s in good
            if (post.pk, person.pk, s.starts_at, s.ends_at) not in known
        )  # fmt: skip
        for post in {p.pk: p for p, _, _ in good}.values():
            tell_pages(post)
        audit.record(
            scope, now=now, action="duty.import", kind="duty", object_id="import", label="导入值班表",
            after={"rows": len(spans), "added": len(made)}, org_path=good[0][0].org.path if good else "",
        )  # fmt: skip
    return len(made)
