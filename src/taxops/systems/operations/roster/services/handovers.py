"""Hand-overs (交接班): written by one who leaves, accepted by one who comes."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope
from taxops.platform.audit import services as audit
from taxops.platform.identity.queries import within
from taxops.systems.operations.roster import rules
from taxops.systems.operations.roster.models import DutyPost, Handover
from taxops.systems.operations.roster.queries import VIEW, seconds, spans_of

from .loading import post_of, tell_pages

_LOOK = timedelta(days=3)


def boundary_at(post: DutyPost, at: datetime) -> rules.Boundary:
    """Return the change of shift at this instant.

    Raises:
        BadInput: nobody hands over to anybody then.
    """
    spans = spans_of([post], at - _LOOK, at + timedelta(minutes=1))
    found = next((b for b in rules.boundaries(spans) if b.at == seconds(at)), None)
    if found is None:
        raise BadInput("值班表上这个时刻没有交接。", "值班表可能刚调整过，请刷新后从列表进入。")
    return found


def write_handover(
    scope: Scope, *, now: datetime, post_id: int, at: datetime, open_items: str, risks: str = ""
) -> Handover:
    """Write the note for a change of shift (填写交接班记录); one who leaves then, at most twelve hours before.

    Raises:
        BadInput: nothing is written, or nobody hands over then.
        NotPermitted: the actor does not leave then.
        Conflict: it is written already, or too early.
        NotFound: no such post.
    """
    if not open_items.strip():
        raise BadInput("请填写未结事项。", "没有的写“无”。", field="open_items")
    if at - now > timedelta(hours=12):
        raise Conflict("还没有到交接的时候。", "交接班前 12 小时内填写。")
    with transaction.atomic():
        post = post_of(scope, post_id, VIEW)
        boundary = boundary_at(post, at)
        if scope.actor_id not in boundary.leaving:
            raise NotPermitted("只有交班人可以填写。", "请由值班表上的交班人填写。")
        try:
            with transaction.atomic():
                note = Handover.objects.create(
                    post=post,
                    at=at,
                    giver_id=scope.actor_id,
                    open_items=open_items.strip()[:5000],
                    risks=risks.strip()[:5000],
                    written_at=now,
                )
        except IntegrityError as error:
            raise Conflict("这次交接已经有人填写。", "请刷新后查看。") from error
        audit.record(
            scope, now=now, action="handover.write", kind="handover", object_id=note.pk, label=str(note),
            after={"open_items": note.open_items, "risks": note.risks, "late": now > at}, org_path=post.org.path,
        )  # fmt: skip
        tell_pages(post)
    return note


def accept_handover(scope: Scope, pk: int, *, now: datetime, remark: str = "") -> Handover:
    """Take over (接班确认): one who comes on duty then, never the one who wrote it.

    Raises:
        NotFound: none within the actor's range.
        NotPermitted: the actor does not come on duty then.
        Conflict: accepted already.
        BadInput: the roster changed and nobody hands over then any more.
    """
    with transaction.atomic():
        note = (
            Handover.objects.select_for_update(of=("self",))
            .select_related("post__org")
            .filter(within(scope, VIEW, "post__org__path"), pk=pk)
            .first()
        )
        if note is None:
            raise NotFound("没有这份交接班记录，或不在您的管理范围内。", "请从列表进入。")
        if note.accepted_at is not None:
            raise Conflict("这次交接已经确认。", "请刷新后查看。")
        if scope.actor_id not in boundary_at(note.post, note.at).coming:
            raise NotPermitted("只有接班人可以确认。", "请由值班表上的接班人确认。")
        note.taker_id, note.accepted_at, note.remark = scope.actor_id, now, remark.strip()[:400]
        note.save(update_fields=["taker", "accepted_at", "remark"])
        audit.record(
            scope, now=now, action="handover.accept", kind="handover", object_id=pk, label=str(note),
            after={"remark": note.remark, "late": now > note.at}, org_path=note.post.org.path,
        )  # fmt: skip
        tell_pages(note.post)
    return note
