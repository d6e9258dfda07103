"""The demonstration of the roster: the contract's posts, two more engineers, a swap, a special period, one gap."""

from __future__ import annotations

from datetime import datetime, timedelta

from taxops.engines.base import CHINA, Scope
from taxops.platform.identity import services as identity
from taxops.platform.identity.models import OrgUnit, Person, Role
from taxops.systems.operations.roster import queries, services

from .models import DutyPost, SignIn

_MORE = (("engineer2", "沈一帆", "1990000901"), ("engineer3", "顾长庚", "1990000902"))


def _people(scope: Scope, now: datetime, org: OrgUnit) -> dict[str, Person]:
    """Return the people who take turns, two of them new."""
    role = Role.objects.filter(code="onsite_engineer").first()
    for username, name, phone in _MORE:
        if role is None or Person.objects.filter(username=username).exists():
            continue
        made = identity.create_person(
            scope, now=now, username=username, display_name=name, org=org, phone=phone,
            title="驻场运维工程师", must_change=False,
        )  # fmt: skip
        identity.grant(scope, now=now, person=made, role=role, org=org, reason="演示账户")
    wanted = ["engineer", "expert", "manager", *(m[0] for m in _MORE)]
    return {p.username: p for p in Person.objects.filter(username__in=wanted, is_active=True)}


def seed(scope: Scope, now: datetime) -> None:
    """Fill the demonstration of the roster; repeating it changes nothing."""
    org = OrgUnit.objects.filter(level="province", valid_to=None).order_by("code").first()
    if org is None or DutyPost.objects.exists():
        return
    people = _people(scope, now, org)
    if len(people) < 5:
        return
    today = now.astimezone(CHINA).date()
    first = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    one, two, three = (people[u].pk for u in ("engineer", "engineer2", "engineer3"))
    line1 = services.save_post(
        scope, now=now, code="line1", name="一线驻场", org_id=org.pk, hours="onsite7x12", people=1, headcount=3,
        place="省局信息中心机房值班室", latitude=43.8868, longitude=125.3245, source="GX:437", sort=1,
    )  # fmt: skip
    line2 = services.save_post(
        scope, now=now, code="line2", name="二线热线", org_id=org.pk, hours="always", headcount=2,
        source="GX:301", sort=2,
    )  # fmt: skip
    lead = services.save_post(
        scope, now=now, code="lead", name="项目经理", org_id=org.pk, hours="office5x8", headcount=1,
        source="GX:333", sort=3,
    )  # fmt: skip
    services.save_pattern(
        scope, now=now, post_id=line1.pk, name="驻场日班", groups=[[one], [two], [three]], turn_days=1,
        first_on=first, windows="07:30-12:00 14:30-22:00",
    )  # fmt: skip
    services.save_pattern(
        scope, now=now, post_id=line2.pk, name="热线周值", groups=[[people["expert"].pk], [three]], turn_days=7,
        first_on=first, windows="00:00-24:00",
    )  # fmt: skip
    services.save_pattern(
        scope, now=now, post_id=lead.pk, name="工作日", groups=[[people["manager"].pk]],
        first_on=first, windows="08:30-12:00 13:30-18:00", days="working",
    )  # fmt: skip
    ahead = today + timedelta(days=5)
    services.add_period(
        scope, now=now, org_id=org.pk, name="年终汇算保障", kind="important", first_on=ahead,
        last_on=ahead + timedelta(days=1), hours="always", note="一线延长至全天，二线待命",
    )  # fmt: skip
    _days_past(now, line1)


def _days_past(now: datetime, post: DutyPost) -> None:
    """Store what a real post would have by now: sign-ins of today, the last hand-over, a swap that waits."""
    start = now.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    for span in queries.spans_of([post], start - timedelta(days=1), now):
        begun = queries.instant(span.start) - timedelta(minutes=6)
        who = _of(span.person_id)
        key = f"demo-{post.pk}-{span.start}"
        if begun < now and not SignIn.objects.filter(key=key).exists():
            services.sign(who, now=begun, post_id=post.pk, kind="in", key=key, place=post.place)
    due = queries.handovers_between([post], start - timedelta(days=1), now, now)
    for row in due[:2]:
        giver, taker = _of(row.boundary.leaving[0]), _of(row.boundary.coming[0])
        note = services.write_handover(
            giver, now=row.at - timedelta(minutes=20), post_id=post.pk, at=row.at,
            open_items="1. 红字信息表上传失败一件，已转二线，待答复。\n2. 受理服务 V2.3.1 升级窗口已获批，今晚 22:00。",
            risks="台账写入消费积压偏高，超过 5000 请电话二线。",
        )  # fmt: skip
        services.accept_handover(taker, note.pk, now=row.at + timedelta(minutes=3), remark="已逐项核对")
    mine = queries.spans_of([post], now + timedelta(days=2), now + timedelta(days=9))
    if mine:
        span = mine[0]
        other = next((s.person_id for s in mine if s.person_id != span.person_id), None)
        if other is not None:
            services.request_swap(
                _of(span.person_id), now=now, post_id=post.pk, other_id=other, reason="参加省局培训",
                starts_at=queries.instant(span.start), ends_at=queries.instant(span.end),
            )  # fmt: skip


def _of(person_id: int) -> Scope:
    """Return a scope of this person that may do everything: the demonstration tells what they did."""
    person = Person.objects.get(pk=person_id)
    return Scope(person.pk, person.display_name, {}, via="cli", is_system=True)
