"""Conferences of experts (专家会诊): written down once, and said on the case. GX:301."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from taxops.engines.base import BadInput, NotFound, Scope
from taxops.platform.audit import services as audit
from taxops.platform.casework import queries as casework
from taxops.platform.casework import services
from taxops.systems.operations.desk.models import Conference

RECORD = "cases.second"


def record_conference(
    scope: Scope,
    *,
    now: datetime,
    case_id: int,
    held_at: datetime,
    experts: str,
    opinions: str,
    conclusion: str,
) -> Conference:
    """Write down a conference on a case (记录专家会诊); by the second line or who leads.

    Raises:
        NotFound: no such case where the actor works as second line.
        BadInput: a field is empty, fewer than two experts, or a time to come.
    """
    case = casework.get(scope, case_id)
    if not (scope.allows(RECORD, case.org.path) or scope.allows("cases.lead", case.org.path)):
        raise NotFound("没有这个事项，或您不能为它记录会诊。", "请由二线或项目经理记录。")
    names = [n for n in experts.replace("，", "、").replace(",", "、").replace(" ", "、").split("、") if n]
    if len(set(names)) < 2:
        raise BadInput("会诊至少有两位专家。", "用顿号分开。", field="experts")
    if not opinions.strip() or not conclusion.strip():
        raise BadInput("请填写各方意见和会诊结论。", field="conclusion")
    if held_at > now:
        raise BadInput("会诊时间不能晚于现在。", field="held_at")
    with transaction.atomic():
        made = Conference.objects.create(
            case=case,
            held_at=held_at,
            experts="、".join(dict.fromkeys(names))[:300],
            opinions=opinions.strip()[:8000],
            conclusion=conclusion.strip()[:4000],
            recorded_by_id=scope.actor_id,
            recorded_at=now,
        )
        words = f"专家会诊（{made.experts}）结论：{made.conclusion}"
        services.comment(scope, now=now, case_id=case.pk, text=words[:4000].replace("@", "＠"))
        audit.record(
            scope, now=now, action="conference.record", kind="conference", object_id=made.pk, label=str(case),
            after={"experts": made.experts, "conclusion": made.conclusion}, org_path=case.org.path, at=held_at,
        )  # fmt: skip
    return made
