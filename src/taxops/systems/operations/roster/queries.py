"""Reads of the roster; who stands where is computed from the stored patterns and overrides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from taxops.engines.base import CHINA, NotFound, Scope
from taxops.engines.worktime import shipped, shipped_legal_days
from taxops.platform.identity.models import OrgUnit, Person
from taxops.platform.identity.queries import within
from taxops.systems.operations.duty import OnDuty

from . import rules
from .models import DutyOverride, DutyPattern, DutyPeriod, DutyPost, DutySwap, Handover, SignIn
from .rules import Attendance, Boundary, Coverage, Span
from .words import HandoverState

VIEW = "roster.view"
EDIT = "roster.edit"


def seconds(at: datetime) -> int:
    """Return an instant as the rules count it."""
    return int(at.timestamp())


def instant(second: int) -> datetime:
    """Return a second of the rules as an instant in China time."""
    return datetime.fromtimestamp(second, CHINA)


def midnight(day: date) -> datetime:
    """Return the instant at which a day in China begins."""
    return datetime(day.year, day.month, day.day, tzinfo=CHINA)


# Posts and what stands behind them


def list_posts(scope: Scope) -> QuerySet[DutyPost]:
    """Return the posts in use within the actor's range."""
    return DutyPost.objects.filter(within(scope, VIEW), archived_at=None).select_related("org")


def get_post(scope: Scope, pk: int) -> DutyPost:
    """Return one post.

    Raises:
        NotFound: none within the actor's range.
    """
    found = DutyPost.objects.filter(within(scope, VIEW), pk=pk).select_related("org").first()
    if found is None:
        raise NotFound("没有这个岗位，或不在您的管理范围内。", "请从岗位列表进入。")
    return found


def get_pattern(scope: Scope, pk: int) -> DutyPattern:
    """Return one pattern.

    Raises:
        NotFound: none within the actor's range.
    """
    rows = DutyPattern.objects.filter(within(scope, VIEW, "post__org__path"), pk=pk)
    found = rows.select_related("post__org").first()
    if found is None:
        raise NotFound("没有这条轮班规则，或不在您的管理范围内。", "请从岗位进入。")
    return found


def people_choices(scope: Scope, permission: str = VIEW) -> list[tuple[int, str]]:
    """Return the active people whom a form may put on duty."""
    rows = Person.objects.filter(within(scope, permission), is_active=True, kind="person").select_related(
        "org"
    )
    return [(p.pk, f"{p.display_name}（{p.username}，{p.org}）") for p in rows.order_by("pinyin")[:800]]


def names_of(people: Iterable[int]) -> dict[int, str]:
    """Return the names of people by id; one query."""
    return dict(Person.objects.filter(pk__in=set(people)).values_list("pk", "display_name"))


def people_by_word(words: Iterable[str]) -> dict[str, list[int]]:
    """Return for each user name or display name the active people it may mean; two queries."""
    wanted = set(words)
    found: dict[str, list[int]] = {}
    for field in ("username", "display_name"):
        rows = Person.objects.filter(**{f"{field}__in": wanted}, is_active=True, kind="person")
        for pk, word in rows.values_list("pk", field):
            if pk not in found.setdefault(word, []):
                found[word].append(pk)
    return found


def people_of(people: Iterable[int]) -> dict[int, Person]:
    """Return people by id; one query."""
    return Person.objects.in_bulk(set(people))


# Who stands where


@dataclass(frozen=True, slots=True)
class Plan:
    """Patterns and overrides of some posts, as the rules want them (值班计划)."""

    patterns: Sequence[rules.Pattern]
    overrides: Sequence[rules.Override]

    def spans(self, start: datetime, end: datetime) -> list[Span]:
        """Return who stands where over `[start, end)`."""
        return rules.duty_spans(
            self.patterns, self.overrides, seconds(start), seconds(end), shipped_legal_days()
        )


def plan_of(posts: Iterable[int], start: datetime, end: datetime) -> Plan:
    """Return what decides about these posts over `[start, end)`; two queries."""
    wanted = list(posts)
    patterns = [
        rules.Pattern(
            p.post_id,
            tuple(tuple(int(x) for x in group) for group in p.groups),
            p.first_on,
            p.last_on,
            p.turn_days,
            tuple((int(a), int(b)) for a, b in p.windows),
            p.days,
        )
        for p in DutyPattern.objects.filter(
            Q(last_on=None) | Q(last_on__gte=start.astimezone(CHINA).date() - (end - start)),
            post__in=wanted,
            first_on__lte=end.astimezone(CHINA).date(),
        )
    ]
    overrides = [
        rules.Override(o.post_id, o.change, seconds(o.starts_at), seconds(o.ends_at), o.person_id, o.other_id)
        for o in DutyOverride.objects.filter(
            post__in=wanted, cancelled_at=None, starts_at__lt=end, ends_at__gt=start
        ).order_by("pk")
    ]
    return Plan(patterns, overrides)


def spans_of(posts: Iterable[DutyPost], start: datetime, end: datetime) -> list[Span]:
    """Return who stands at these posts over `[start, end)`; two queries."""
    return plan_of([post.pk for post in posts], start, end).spans(start, end)


def _posts_for(org_id: int, post: str | None) -> list[tuple[int, str]]:
    """Return id and code of the posts that answer for an organisation: its own and those above, nearest first."""
    path = OrgUnit.objects.filter(pk=org_id).values_list("path", flat=True).first()
    if path is None:
        return []
    codes = [code for code in path.split("/") if code]
    above = ["/".join(codes[: n + 1]) + "/" for n in range(len(codes))]
    rows = DutyPost.objects.filter(org__path__in=above, archived_at=None)
    if post is not None:
        rows = rows.filter(code=post)
    found = rows.values_list("pk", "code", "org__path", "sort")
    return [(pk, code) for pk, code, _, _ in sorted(found, key=lambda r: (-len(r[2]), r[3], r[1]))]


def on_duty(org_id: int, at: datetime, post: str | None = None) -> list[OnDuty]:
    """Return who is on duty for an organisation at an instant (谁在值班), nearest posts first; four queries.

    The posts of the organisation and of those above it answer; `until` is None when the span goes on for days.
    """
    posts = _posts_for(org_id, post)
    if not posts:
        return []
    plan = plan_of([pk for pk, _ in posts], at, at + _AHEAD)
    found = rules.on_duty_at(plan.patterns, plan.overrides, seconds(at), shipped_legal_days())
    codes, order = dict(posts), [pk for pk, _ in posts]
    return [
        OnDuty(span.person_id, codes[span.post_id], instant(span.end) if known else None)
        for span, known in sorted(found, key=lambda f: (order.index(f[0].post_id), f[0].person_id))
    ]


def areas_of(person_id: int, at: datetime) -> list[str]:
    """Return the paths of the organisations at whose posts a person is on duty (值班范围); four queries at most."""
    posts = dict(DutyPost.objects.filter(archived_at=None).values_list("pk", "org__path"))
    if not posts:
        return []
    plan = plan_of(posts, at, at + _AHEAD)
    found = rules.on_duty_at(plan.patterns, plan.overrides, seconds(at), shipped_legal_days())
    return sorted({posts[span.post_id] for span, _ in found if span.person_id == person_id})


_AHEAD = midnight(date(2026, 1, 3)) - midnight(date(2026, 1, 1))


def on_duty_now(scope: Scope, now: datetime) -> list[tuple[DutyPost, Person, datetime | None]]:
    """Return who is on duty at the posts within the actor's range; four queries at most."""
    posts = {post.pk: post for post in list_posts(scope)}
    if not posts:
        return []
    plan = plan_of(posts, now, now + _AHEAD)
    found = rules.on_duty_at(plan.patterns, plan.overrides, seconds(now), shipped_legal_days())
    people = Person.objects.in_bulk([span.person_id for span, _ in found])
    order = list(posts)
    rows = [
        (posts[s.post_id], people[s.person_id], instant(s.end) if known else None)
        for s, known in found
        if s.person_id in people
    ]
    return sorted(rows, key=lambda r: (order.index(r[0].pk), r[1].pinyin))


def my_spans(scope: Scope, start: datetime, end: datetime) -> list[Span]:
    """Return the actor's own spans over `[start, end)`."""
    posts = list(DutyPost.objects.filter(archived_at=None))
    return [span for span in spans_of(posts, start, end) if span.person_id == scope.actor_id]


# Coverage


def list_periods(scope: Scope) -> QuerySet[DutyPeriod]:
    """Return the special periods within the actor's range, the latest first."""
    return DutyPeriod.objects.filter(within(scope, VIEW)).select_related("org")


def get_period(scope: Scope, pk: int) -> DutyPeriod:
    """Return one period.

    Raises:
        NotFound: none within the actor's range.
    """
    found = list_periods(scope).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这个时期，或不在您的管理范围内。", "请从列表进入。")
    return found


def coverage_of(posts: Sequence[DutyPost], start: datetime, end: datetime) -> list[tuple[DutyPost, Coverage]]:
    """Return for each post how `[start, end)` is covered; three queries.

    Raises:
        BadInput: more than 400 days, or a year that the legal table does not know.
    """
    days = (start.astimezone(CHINA).date(), end.astimezone(CHINA).date())
    stored = list(
        DutyPeriod.objects.filter(
            cancelled_at=None, first_on__lte=days[1], last_on__gte=days[0]
        ).select_related("org")
    )
    spans = rules.spans.by_post(spans_of(posts, start, end))
    found = []
    for post in posts:
        special = [
            rules.Period(p.first_on, p.last_on, shipped(p.hours), p.people, p.name)
            for p in stored
            if post.org.path.startswith(p.org.path)
        ]
        required = rules.needs(
            rules.Requirement(shipped(post.hours), post.people, special), seconds(start), seconds(end)
        )
        found.append((post, rules.coverage(spans.get(post.pk, ()), required)))
    return found


def headcounts(posts: Sequence[DutyPost], at: datetime) -> dict[int, set[int]]:
    """Return the people who take part in each post's patterns at an instant; two queries."""
    found: dict[int, set[int]] = {post.pk: set() for post in posts}
    for pattern in plan_of(found, at, at + _AHEAD).patterns:
        for group in pattern.groups:
            found[pattern.post_id] |= set(group)
    return found


# Swaps, overrides, hand-overs, sign-ins


def list_swaps(scope: Scope) -> QuerySet[DutySwap]:
    """Return the swaps within the actor's range, the latest first."""
    return DutySwap.objects.filter(within(scope, VIEW, "post__org__path")).select_related(
        "post__org", "person", "other", "decided_by"
    )


def get_swap(scope: Scope, pk: int) -> DutySwap:
    """Return one swap.

    Raises:
        NotFound: none within the actor's range.
    """
    found = list_swaps(scope).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这个换班申请，或不在您的管理范围内。", "请从列表进入。")
    return found


def list_overrides(scope: Scope) -> QuerySet[DutyOverride]:
    """Return the dated changes within the actor's range, the latest first."""
    return DutyOverride.objects.filter(within(scope, VIEW, "post__org__path")).select_related(
        "post__org", "person", "other", "entered_by"
    )


def get_override(scope: Scope, pk: int) -> DutyOverride:
    """Return one dated change.

    Raises:
        NotFound: none within the actor's range.
    """
    found = list_overrides(scope).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这条调整，或不在您的管理范围内。", "请从列表进入。")
    return found


@dataclass(frozen=True, slots=True)
class DueHandover:
    """A change of shift with its note, if one was written (交接点)."""

    boundary: Boundary
    post: DutyPost
    at: datetime
    leaving: str
    coming: str
    state: HandoverState
    note: Handover | None = None


def handovers_between(
    posts: Sequence[DutyPost], start: datetime, end: datetime, now: datetime
) -> list[DueHandover]:
    """Return every change of shift over `[start, end)` with its note, the latest first; four queries."""
    look = start - _AHEAD  # whoever stood last before the start hands over at the first change
    found = [b for b in rules.boundaries(spans_of(posts, look, end)) if b.at >= seconds(start)]
    notes = {
        (n.post_id, seconds(n.at)): n
        for n in Handover.objects.filter(post__in=posts, at__gte=start, at__lt=end).select_related(
            "giver", "taker"
        )
    }
    names = names_of(p for b in found for p in (*b.leaving, *b.coming))
    by_id = {post.pk: post for post in posts}
    rows = []
    for b in found:
        note = notes.get((b.post_id, b.at))
        state = rules.handover_state(
            b.at, note is not None, note is not None and note.accepted_at is not None, seconds(now)
        )
        leaving, coming = ("、".join(names.get(p, "") for p in who) for who in (b.leaving, b.coming))
        rows.append(DueHandover(b, by_id[b.post_id], instant(b.at), leaving, coming, state, note))
    return sorted(rows, key=lambda r: r.at, reverse=True)


def list_handovers(scope: Scope) -> QuerySet[Handover]:
    """Return the written hand-overs within the actor's range, the latest first."""
    return Handover.objects.filter(within(scope, VIEW, "post__org__path")).select_related(
        "post__org", "giver", "taker"
    )


def get_handover(scope: Scope, pk: int) -> Handover:
    """Return one hand-over.

    Raises:
        NotFound: none within the actor's range.
    """
    found = list_handovers(scope).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这份交接班记录，或不在您的管理范围内。", "请从列表进入。")
    return found


def list_signs(scope: Scope) -> QuerySet[SignIn]:
    """Return the sign-ins within the actor's range, the latest first."""
    return SignIn.objects.filter(within(scope, VIEW, "post__org__path")).select_related("post__org", "person")


def attendance_of(
    posts: Sequence[DutyPost], start: datetime, end: datetime, now: datetime
) -> list[tuple[DutyPost, str, Attendance]]:
    """Return for each span over `[start, end)` whether its person came; four queries."""
    spans = spans_of(posts, start, end)
    signs = [
        rules.Sign(s.post_id, s.person_id, seconds(s.at), s.kind)
        for s in SignIn.objects.filter(post__in=posts, at__gte=start - _AHEAD, at__lt=end)
    ]
    names = names_of(s.person_id for s in spans)
    by_id = {post.pk: post for post in posts}
    return [
        (by_id[a.span.post_id], names.get(a.span.person_id, ""), a)
        for a in rules.attendance(spans, signs, seconds(now))
    ]


def person_labels(pattern: Any, names: Mapping[int, str]) -> str:
    """Return a pattern's groups in words, in the order of their turns."""
    return " → ".join("、".join(names.get(int(p), "？") for p in group) for group in pattern.groups)
