"""Telling units what they reached (结果发送): on publication or when asked, each person what lies within his area."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from taxops.engines.base import Conflict, NotFound, Scope
from taxops.platform.audit import services as audit
from taxops.platform.identity.queries import holders
from taxops.platform.notify import services as notify
from taxops.systems.quality5c.definitions.queries import province_path, require_province
from taxops.systems.quality5c.modelling.words import Receivers

from .models import Scheme, Score
from .rules import Reached, told
from .words import SchemeState

VIEW = "quality5c.view"
REVIEW = "quality5c.review"


@dataclass(frozen=True, slots=True)
class Letter:
    """What is told at one organisation (发送内容): to whom, what, and where it leads."""

    path: str
    people: frozenset[int]
    title: str
    body: str
    link: str


def letters(scheme: Scheme, send_to: str, *, now: datetime) -> list[Letter]:
    """Return what a scheme's results say at each organisation where somebody may see them; three queries.

    At a county that is its own score, grade and rank; at a city how many of its units have which grade. Nobody is
    told of a unit outside his area.
    """
    top = province_path()
    if send_to == Receivers.NONE:
        return []
    rows = list(Score.objects.filter(scheme=scheme).select_related("org").order_by("rank", "org__path"))
    found = []
    for path, people in sorted(holders(VIEW, now=now).items()):
        if send_to == Receivers.PROVINCE and path != top:
            continue
        mine = [r for r in rows if r.org.path.startswith(path)]
        if mine:
            title, body = told(scheme.name, [_reached(r) for r in mine], Counter(r.grade for r in mine))
            link = (
                f"/quality5c/scores/{mine[0].pk}/"
                if len(mine) == 1
                else f"/quality5c/ratings/?scheme={scheme.pk}"
            )
            found.append(Letter(path, frozenset(people), title, body, link))
    return found


def readers(found: Sequence[Letter]) -> int:
    """Return how many people these letters reach (通知人数), each counted once."""
    return len({person for one in found for person in one.people})


def _reached(r: Score) -> Reached:
    return Reached(
        r.org.short_name or r.org.name, r.total, r.grade, r.rank, r.rank_low, r.rank_high, r.borderline
    )


def post(scope: Scope, scheme: Scheme, found: Sequence[Letter], *, now: datetime) -> int:
    """Tell it, each organisation once however often it is sent; return to how many people.

    Called inside the caller's transaction.
    """
    messages = [
        notify.Message(
            one.people, one.title, f"q5c-scheme-{scheme.pk}-{one.path}", one.body, one.link, org_path=one.path,
            broadcast=False,
        )
        for one in found
    ]  # fmt: skip
    notify.tell_many(scope, messages, now=now)
    return readers(found)


def send_results(scope: Scope, pk: int, *, now: datetime) -> int:
    """Send a published scheme's results by its template's choice (发送结果); return to how many people.

    Raises:
        NotPermitted: who may not review for the province. NotFound: no such scheme.
        Conflict: it is not published, or its template sends nothing.
    """
    require_province(scope, REVIEW)
    with transaction.atomic():
        scheme = Scheme.objects.select_related("template").filter(pk=pk).first()
        if scheme is None:
            raise NotFound("没有这个评价方案。", "请从方案列表进入。")
        if scheme.state != SchemeState.PUBLISHED:
            raise Conflict("方案还没有发布，不能发送结果。", "请先发布。")
        if scheme.template.send_to == Receivers.NONE:
            raise Conflict("这个方案的模板选择了不发送结果。", "需要发送时，请在方案模板中选择发送范围。")
        count = post(scope, scheme, letters(scheme, scheme.template.send_to, now=now), now=now)
        audit.record(
            scope, now=now, action="quality5c.scheme.send", kind="scheme", object_id=scheme.pk, label=scheme.name,
            after={"send_to": scheme.template.send_to, "people": count},
        )  # fmt: skip
    return count
