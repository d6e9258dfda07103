"""Use cases of proposals (提议的办理): draft, submit, withdraw; adopt, send back, reject."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from taxops.engines.base import BadInput, Conflict, NotFound, Scope
from taxops.platform.audit import services as audit
from taxops.platform.identity.models import OrgUnit
from taxops.platform.identity.queries import people_with
from taxops.platform.notify import services as notify
from taxops.systems.quality5c.definitions import services as definitions
from taxops.systems.quality5c.definitions.models import Indicator
from taxops.systems.quality5c.definitions.queries import province_path, require_province

from . import rules
from .models import Proposal
from .queries import EDIT, proposals
from .rules import ProposalState, Step, Who

REVIEW = "quality5c.review"
LINK = "/quality5c/proposals/{}/"


def save_proposal(
    scope: Scope, *, now: datetime, pk: int | None = None, org_id: int = 0, text: str, reason: str,
    copied_from: str = "",
) -> Proposal:  # fmt: skip
    """Store a proposal as a draft, or change one's own that is a draft or was sent back.

    Raises:
        NotFound: no such unit or proposal. NotPermitted: not one's own unit or proposal.
        BadInput: no city or county, no reason, or a definition that cannot be; it says where.
        Conflict: the code is taken, or the proposal waits for an answer.
    """
    scope.require(EDIT)
    if not reason.strip():
        raise BadInput("请写明为什么需要这个指标。", "审核人会看到。", field="reason")
    with transaction.atomic():
        if pk is None:
            org = OrgUnit.objects.filter(pk=org_id, valid_to=None).first()
            if org is None:
                raise NotFound("没有这个单位。", "请从列表中选择提议单位。", field="org_id")
            scope.require(EDIT, org.path)
            if org.level not in {"city", "county"}:
                raise BadInput("提议单位应是市局或县区局。", "全省的指标请直接新建。", field="org_id")
            proposal, before = Proposal(org=org, made_at=now, copied_from=copied_from[:40]), {}
            proposal.author_id, proposal.author_name = scope.actor_id, scope.actor_name
        else:
            proposal = _locked(scope, pk)
            rules.check_editable(proposal.state, author_id=proposal.author_id, actor_id=scope.actor_id)
            before = {"text": proposal.text, "reason": proposal.reason}
            proposal.revision += 1
        definition = definitions.checked(text)
        _check_free(definition.code, proposal.pk)
        proposal.code, proposal.name = definition.code, definition.name
        proposal.text, proposal.reason = text.strip() + "\n", reason.strip()[:500]
        proposal.save()
        _record(scope, proposal, now=now, action="save", before=before,
                after={"text": proposal.text, "reason": proposal.reason})  # fmt: skip
    return proposal


def take_step(scope: Scope, pk: int, step: Step, *, now: datetime, answer: str = "") -> Proposal:
    """Submit, withdraw, adopt, send back or reject a proposal, and tell whom it concerns.

    Adopting makes the definition a draft of the province, written by who proposed it: tried, submitted, reviewed
    and published like any other. Nothing counts by being adopted.

    Raises:
        NotFound: none within the scope. Conflict: its state does not allow it, or the code was taken.
        NotPermitted: not who may; nobody decides on his own. BadInput: a decision without a word.
    """
    if rules.decided_by(step) is Who.PROVINCE:
        require_province(scope, REVIEW)
    else:
        scope.require(EDIT)
    with transaction.atomic():
        proposal = _locked(scope, pk)
        before = proposal.state
        proposal.state = rules.after(
            step, before, author_id=proposal.author_id, actor_id=scope.actor_id, answer=answer
        ).value
        if step is Step.SUBMIT:
            _check_free(proposal.code, proposal.pk)
            definitions.checked(proposal.text)
            proposal.submitted_at = now
        elif rules.decided_by(step) is Who.PROVINCE:
            proposal.reviewer_name, proposal.decided_at = scope.actor_name, now
            proposal.answer = answer.strip()[:500]
        if step is Step.ADOPT:
            proposal.version = definitions.take_over(
                scope, now=now, text=proposal.text, author_id=proposal.author_id, author_name=proposal.author_name,
                note=f"采纳{proposal.org.short_name or proposal.org.name}的提议：{proposal.reason}",
            )  # fmt: skip
        proposal.save()
        _tell(scope, proposal, step, now=now)
        _record(scope, proposal, now=now, action=step.value, before={"state": before},
                after={"state": proposal.state, "answer": answer})  # fmt: skip
    return proposal


def _locked(scope: Scope, pk: int) -> Proposal:
    found = proposals(scope).filter(pk=pk).select_for_update(of=("self",)).first()
    if found is None:
        raise NotFound("没有这个提议，或它不在您的管理范围内。", "请从列表进入。")
    return found


def _check_free(code: str, pk: int | None) -> None:
    """Do nothing when no indicator and no other open proposal has the code."""
    busy = Proposal.objects.filter(
        code=code, state__in=[ProposalState.DRAFT, ProposalState.RETURNED, ProposalState.SUBMITTED]
    )
    if pk is not None:
        busy = busy.exclude(pk=pk)
    if Indicator.objects.filter(code=code).exists() or busy.exists():
        raise Conflict(f"指标代码「{code}」已被使用。", "请换一个代码，例如 G 加三位数字。", field="text")


def _record(
    scope: Scope, proposal: Proposal, *, now: datetime, action: str, before: dict[str, str], after: dict[str, str]
) -> None:  # fmt: skip
    audit.record(
        scope, now=now, action=f"quality5c.proposal.{action}", kind="indicator_proposal", object_id=proposal.pk,
        label=str(proposal), before=before, after=after, org_path=proposal.org.path,
    )  # fmt: skip


def _tell(scope: Scope, proposal: Proposal, step: Step, *, now: datetime) -> None:
    """Tell the province what was submitted, and the author what was decided."""
    unit = proposal.org.short_name or proposal.org.name
    if step is Step.SUBMIT:
        people = {p.pk for p in people_with(REVIEW, province_path(), now=now) if p.pk != scope.actor_id}
        title, body = f"{unit}提议指标「{proposal}」，待审核", proposal.reason
    elif rules.decided_by(step) is Who.PROVINCE:
        people = {proposal.author_id} if proposal.author_id is not None else set()
        title, body = f"您提议的指标「{proposal}」：{step.label}", proposal.answer
    else:
        return
    notify.tell(
        scope, now=now, people=people, title=title, body=body,
        link=LINK.format(proposal.pk), key=f"proposal-{proposal.pk}-{step.value}-{now.timestamp():.0f}",
        org_path=proposal.org.path, broadcast=False,
    )  # fmt: skip
