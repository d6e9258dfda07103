"""Swaps (换班): asked for, accepted by the other, approved by a third; then the roster follows by itself."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope
from taxops.platform.audit import services as audit
from taxops.platform.identity.queries import within
from taxops.platform.notify import services as notify
from taxops.systems.operations.roster import rules
from taxops.systems.operations.roster.models import DutyOverride, DutySwap
from taxops.systems.operations.roster.queries import VIEW, seconds, spans_of
from taxops.systems.operations.roster.words import Change, SwapState

from .loading import EDIT, post_of, require_people, require_span, tell_pages


def request_swap(
    scope: Scope,
    *,
    now: datetime,
    post_id: int,
    other_id: int,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    back_starts_at: datetime | None = None,
    back_ends_at: datetime | None = None,
) -> DutySwap:
    """Ask a colleague to take one's shift (申请换班), and offer to take one of theirs in return.

    Raises:
        BadInput: no reason, times that do not fit, not one's own shift, the other is on duty already.
        NotFound: no such post.
        NotPermitted: nobody is signed in.
    """
    if scope.actor_id is None:
        raise NotPermitted("换班由值班人本人申请。", "请登录后申请。")
    if not reason.strip():
        raise BadInput("请填写事由。", field="reason")
    require_span(starts_at, ends_at, 31)
    if (back_starts_at is None) != (back_ends_at is None):
        raise BadInput("还班的起止时间要一起填写。", field="back_ends_at")
    if ends_at <= now:
        raise BadInput("不能换已经结束的班。", "补登实际情况请由排班人做值班调整。", field="ends_at")
    with transaction.atomic():
        post = post_of(scope, post_id, VIEW)
        require_people([other_id])
        spans = spans_of([post], starts_at, ends_at)
        rules.require_swappable(spans, scope.actor_id, other_id, seconds(starts_at), seconds(ends_at))
        if back_starts_at is not None and back_ends_at is not None:
            require_span(back_starts_at, back_ends_at, 31)
            back = spans_of([post], back_starts_at, back_ends_at)
            if not any(s.person_id == other_id for s in back):
                raise BadInput("对方在还班的时段没有班。", field="back_starts_at")
        swap = DutySwap.objects.create(
            post=post,
            person_id=scope.actor_id,
            other_id=other_id,
            starts_at=starts_at,
            ends_at=ends_at,
            back_starts_at=back_starts_at,
            back_ends_at=back_ends_at,
            reason=reason.strip()[:400],
            requested_at=now,
        )
        _record(scope, now, swap, "swap.request")
        _tell(scope, now, [other_id], f"{scope.actor_name} 请您替班", swap)
    return swap


def _load(scope: Scope, pk: int, permission: str) -> DutySwap:
    found = (
        DutySwap.objects.select_for_update(of=("self",))
        .select_related("post__org", "person", "other")
        .filter(within(scope, permission, "post__org__path"), pk=pk)
        .first()
    )
    if found is None:
        raise NotFound("没有这个换班申请，或不在您的管理范围内。", "请从列表进入。")
    return found


def answer_swap(scope: Scope, pk: int, *, now: datetime, agree: bool, note: str = "") -> DutySwap:
    """Accept or decline a request that is addressed to the actor (答复换班).

    Raises:
        NotFound, Conflict, NotPermitted: not there, answered already, addressed to somebody else.
    """
    with transaction.atomic():
        swap = _load(scope, pk, VIEW)
        rules.require_answerable(swap.state, swap.other_id, scope.actor_id)
        swap.state = (SwapState.ACCEPTED if agree else SwapState.REFUSED).value
        swap.answered_at, swap.note = now, note.strip()[:400]
        swap.save(update_fields=["state", "answered_at", "note"])
        _record(scope, now, swap, "swap.accept" if agree else "swap.decline")
        _tell(
            scope,
            now,
            [swap.person_id],
            f"{swap.other} {'同意替班，待批准' if agree else '不同意替班'}",
            swap,
        )
    return swap


def decide_swap(scope: Scope, pk: int, *, now: datetime, agree: bool, note: str = "") -> DutySwap:
    """Approve a swap that both want, or refuse it (批准换班); never by one of the two.

    Raises:
        NotFound, Conflict, NotPermitted: not there, not accepted, or the actor is one of the two.
        BadInput: refused without a reason, or the roster has changed since and the swap does not fit any more.
    """
    if not agree and not note.strip():
        raise BadInput("不批准时请写明意见。", field="note")
    with transaction.atomic():
        swap = _load(scope, pk, EDIT)
        rules.require_decidable(swap.state, (swap.person_id, swap.other_id), scope.actor_id)
        post = post_of(scope, swap.post_id)
        if agree:
            spans = spans_of([post], swap.starts_at, swap.ends_at)
            rules.require_swappable(
                spans, swap.person_id, swap.other_id, seconds(swap.starts_at), seconds(swap.ends_at)
            )
            _give(swap, now, scope, swap.person_id, swap.other_id, swap.starts_at, swap.ends_at)
            if swap.back_starts_at is not None and swap.back_ends_at is not None:
                _give(swap, now, scope, swap.other_id, swap.person_id, swap.back_starts_at, swap.back_ends_at)
        swap.state = (SwapState.APPROVED if agree else SwapState.REFUSED).value
        swap.decided_by_id, swap.decided_at = scope.actor_id, now
        swap.note = note.strip()[:400] or swap.note
        swap.save(update_fields=["state", "decided_by", "decided_at", "note"])
        _record(scope, now, swap, "swap.approve" if agree else "swap.refuse")
        _tell(scope, now, [swap.person_id, swap.other_id], f"换班{'已批准' if agree else '未批准'}", swap)
        tell_pages(post)
    return swap


def _give(
    swap: DutySwap,
    now: datetime,
    scope: Scope,
    giver: int,
    taker: int,
    starts_at: datetime,
    ends_at: datetime,
) -> None:
    DutyOverride.objects.create(
        post_id=swap.post_id,
        change=Change.REPLACE.value,
        person_id=giver,
        other_id=taker,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=swap.reason,
        swap=swap,
        entered_by_id=scope.actor_id,
        entered_at=now,
    )


def withdraw_swap(scope: Scope, pk: int, *, now: datetime) -> DutySwap:
    """Take one's request back before it is decided (撤回换班).

    Raises:
        NotFound, Conflict, NotPermitted: not there, decided already, or somebody else's.
    """
    with transaction.atomic():
        swap = _load(scope, pk, VIEW)
        if swap.person_id != scope.actor_id:
            raise NotPermitted("只能撤回自己的换班申请。", "请由申请人本人撤回。")
        if swap.state not in {SwapState.REQUESTED, SwapState.ACCEPTED}:
            raise Conflict(f"该换班申请{SwapState.label_of(swap.state)}，不能撤回。", "请刷新后查看。")
        swap.state = SwapState.WITHDRAWN.value
        swap.save(update_fields=["state"])
        _record(scope, now, swap, "swap.withdraw")
    return swap


def _record(scope: Scope, now: datetime, swap: DutySwap, action: str) -> None:
    audit.record(
        scope, now=now, action=action, kind="swap", object_id=swap.pk, label=f"{swap.post} {swap}",
        after={"state": swap.state, "starts_at": swap.starts_at.isoformat(), "ends_at": swap.ends_at.isoformat(),
               "reason": swap.reason, "note": swap.note},
        org_path=swap.post.org.path,
    )  # fmt: skip


def _tell(scope: Scope, now: datetime, people: list[int], title: str, swap: DutySwap) -> None:
    notify.tell(
        scope, now=now, people=people, title=f"{title}：{swap.post}", body=swap.reason,
        link=f"/operations/roster/swaps/{swap.pk}/", key=f"swap-{swap.pk}-{swap.state}", broadcast=False,
        org_path=swap.post.org.path,
    )  # fmt: skip
