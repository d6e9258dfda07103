"""Writing 《突发事件分析报告》 (突发事件分析报告的编制): frozen as it was known, in versions. D08, GX:514."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from taxops.engines.base import BadInput, Conflict, NotPermitted, Scope
from taxops.engines.documents import freeze, thaw
from taxops.platform.audit import services as audit
from taxops.platform.casework import queries as casework
from taxops.platform.casework import services
from taxops.platform.casework.models import Case
from taxops.systems.operations.cases import queries, rules
from taxops.systems.operations.cases.models import CasePaper

WRITE = "cases.handle"


def write_analysis(
    scope: Scope, *, now: datetime, case_id: int, parts: Mapping[str, str]
) -> tuple[CasePaper, bool]:
    """Write the analysis of a sudden event (编制分析报告); return its version and whether it is a new one.

    The same again makes no version: only what people wrote, the case, its limits or its outages having changed does.

    Args:
        parts: the four parts of the contract, see `rules.PARTS`.

    Raises:
        NotFound: no such case within the scope.
        NotPermitted: the actor does not handle cases there.
        BadInput: no incident or major matter, or a part is empty.
        Conflict: it is not restored yet.
    """
    case = casework.get(scope, case_id)
    if not scope.allows(WRITE, case.org.path):
        raise NotPermitted("您不能编制这个事项的分析报告。", "请由办理故障的人员编制。")
    if case.type not in rules.TYPES:
        raise BadInput("只有故障和重大事项编制突发事件分析报告。", "请从故障或重大事项页面进入。")
    said = rules.checked(parts)
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).select_related("org").get(pk=case.pk)
        report, view = queries.told_of(scope, case)
        if "restore" not in view.folded.since_reopen:
            raise Conflict("故障还没有恢复，不能编制分析报告。", "请先登记「已恢复」。")
        inputs = rules.inputs_of_analysis(report, said, **queries.known_of(scope, case))
        frozen = freeze(inputs)
        last = CasePaper.objects.filter(case=case).order_by("-version").first()
        if last is not None and not rules.is_other(queries.inputs_of(last), dict(thaw(frozen))):  # type: ignore[call-overload]  # an object
            return last, False
        paper = CasePaper.objects.create(
            case=case, version=last.version + 1 if last else 1, inputs=frozen.text, digest=frozen.digest,
            made_at=now, made_by_id=scope.actor_id,
        )  # fmt: skip
        services.comment(
            scope, now=now, case_id=case.pk, text=f"已编制突发事件分析报告第 {paper.version} 版。",
            key=f"analysis-{paper.version}",
        )  # fmt: skip
        audit.record(
            scope, now=now, action="case.analysis", kind="case", object_id=case.pk, label=str(case),
            after={"version": paper.version, "digest": paper.digest}, org_path=case.org.path,
        )  # fmt: skip
    return paper, True
