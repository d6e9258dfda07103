"""Use cases of deliverables (交付物业务操作): made, made again when something became known, signed."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.db import transaction

from taxops.engines.base import CHINA, BadInput, Conflict, NotFound, NotPermitted, Scope, Unavailable
from taxops.engines.documents import (
    Document,
    Drawing,
    Frozen,
    Signature,
    freeze,
    render_docx,
    render_pdf,
    thaw,
)
from taxops.platform.audit import services as audit
from taxops.platform.files import purposes
from taxops.platform.files import services as files
from taxops.platform.identity.models import OrgUnit
from taxops.platform.identity.queries import within

from . import gathering, queries, rules
from .models import Deliverable, DeliverableSignature, DeliverableVersion
from .rules import Changed
from .words import Kind, Signer, Standing

MAKE, REVIEW, RECEIVE = "deliverables.make", "deliverables.review", "deliverables.receive"
_NEEDED = {Signer.PREPARED: MAKE, Signer.REVIEWED: REVIEW, Signer.RECEIVED: RECEIVE}
PURPOSE = purposes.declare(
    purposes.Purpose(
        "deliverable",
        "交付物",
        50 * purposes.MEBI,
        (
            "application/pdf",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        permission=queries.VIEW,
    )
)


def make_daily(
    scope: Scope, *, now: datetime, org: OrgUnit, day: date, why: str = ""
) -> tuple[DeliverableVersion, bool]:
    """Return the day's report of an organisation, and whether a version was made (出具日报).

    The first time it is version 1. After that a version is made only when something about the day has become
    known since; otherwise the present one is returned.

    Args:
        why: reason of a later version; found from the difference when empty.

    Raises:
        BadInput: the day is not over.
        NotPermitted: the organisation lies outside the actor's range.
    """
    scope.require(MAKE, org.path)
    if gathering.day_of(day).end > now:
        raise BadInput("这一天还没有结束，不能出具日报。", "请选择昨天或更早的日期。", field="day")
    if now - gathering.day_of(day).end > timedelta(days=3 * 366):
        raise BadInput("日期在三年以前。", "请检查年份。", field="day")
    frozen = freeze(gathering.gather(org, day))
    with transaction.atomic():
        paper, _ = Deliverable.objects.get_or_create(
            kind=Kind.DAILY.value,
            org=org,
            day=day,
            defaults={"number": rules.number_of(day), "created_at": now, "updated_at": now},
        )
        # Two that make the same paper at once take turns here.
        paper = Deliverable.objects.select_for_update(of=("self",)).select_related("org").get(pk=paper.pk)
        present = DeliverableVersion.objects.filter(deliverable=paper).order_by("-version").first()
        changes: list[Changed] = []
        if present is not None:
            before, after = queries.inputs_of(present), _plain(frozen)
            if not rules.is_news(before, after):
                return present, False
            changes = rules.changes_of(before, after)
            why = why.strip() or rules.reasons_of(before, after)
        version = DeliverableVersion.objects.create(
            deliverable=paper,
            version=paper.latest + 1,
            inputs=frozen.text,
            digest=frozen.digest,
            made_at=now,
            made_by=scope.actor_name[:100],
            why=why[:1000] if present is not None else "",
            changes=[asdict(one) for one in changes],
        )
        paper.latest, paper.standing, paper.updated_at = version.version, Standing.DRAFT.value, now
        paper.save(update_fields=["latest", "standing", "updated_at"])
        audit.record(
            scope,
            now=now,
            action="deliverable.create" if version.version == 1 else "deliverable.update",
            kind="deliverable",
            object_id=paper.pk,
            label=f"{paper} {org.name}",
            after={"version": version.version, "digest": version.digest, "why": version.why},
            org_path=org.path,
        )
    return version, True


def _plain(frozen: Frozen) -> dict[str, Any]:
    found = thaw(frozen)
    assert isinstance(found, dict)
    return found


# The files


def document_of(version: DeliverableVersion, *, pictures: bool = True) -> Document:
    """Return a version as a document, from its frozen inputs and the signatures it has.

    Raises:
        BadInput: the inputs were changed.
        Unavailable: the charts cannot be drawn.
    """
    draw = None
    if pictures:
        drawing = Drawing(_static("vendor/echarts.min.js"), _static("taxops/chart-option.js"))

        def draw(chart: rules.Chart) -> str:
            return drawing.svg(chart.as_json(), width=640, height=chart.height)

    return rules.paper(
        queries.inputs_of(version),
        digest=version.digest,
        version=version.version,
        made_at=version.made_at,
        draw=draw,
        changes=[Changed(**one) for one in version.changes],
        why=version.why,
        signatures=_signatures(version),
    )


def _static(name: str) -> Path:
    found = finders.find(name)
    if not isinstance(found, str):
        raise Unavailable(f"找不到前端文件「{name}」。", "请执行 ./run setup 取得前端文件后重试。")
    return Path(found)


def _signatures(version: DeliverableVersion) -> list[Signature]:
    signed = {one.role: one for one in version.signatures.all()}
    return [
        Signature(role.label, str(one.person), one.signed_at.astimezone(CHINA).date())
        if (one := signed.get(role.value)) is not None
        else Signature(role.label)
        for role in Signer
    ]


def files_of(scope: Scope, version: DeliverableVersion, *, now: datetime) -> DeliverableVersion:
    """Return the version with its Word and PDF files, made when they are not there yet (出具文件)."""
    if version.docx_id is not None and version.pdf_id is not None:
        return version
    document = document_of(version)
    paper = version.deliverable
    name = f"系统运行监控报告_{paper.org.name}_{paper.day:%Y%m%d}_第{version.version}版"
    kept = {
        suffix: files.store(
            scope,
            now=now,
            name=f"{name}.{suffix}",
            stream=io.BytesIO(data),
            purpose=PURPOSE.code,
            org=paper.org,
        )
        for suffix, data in (("docx", render_docx(document)), ("pdf", render_pdf(document)))
    }
    DeliverableVersion.objects.filter(pk=version.pk).update(docx=kept["docx"], pdf=kept["pdf"])
    version.docx, version.pdf = kept["docx"], kept["pdf"]
    return version


# Signing


def sign(scope: Scope, pk: int, *, now: datetime, version: int, note: str = "") -> DeliverableVersion:
    """Sign the present version in the role that comes next (签字); nobody signs twice.

    Args:
        version: the version the person has read; another one meanwhile is a conflict.

    Raises:
        NotFound, NotPermitted: not there, or not this person's to sign.
        Conflict: a newer version is there, or all have signed.
    """
    if scope.actor_id is None:
        raise NotPermitted("签字须由本人登录后办理。", "请登录后重试。")
    with transaction.atomic():
        paper = (
            Deliverable.objects.select_for_update(of=("self",))
            .select_related("org")
            .filter(within(scope, queries.VIEW), pk=pk)
            .first()
        )
        if paper is None:
            raise NotFound("没有这份交付物。", "它可能不在您的管理范围内。")
        if paper.latest != version:
            raise Conflict(
                f"已有第 {paper.latest} 版，您看到的是第 {version} 版。", "请刷新后查看差异，再签字。"
            )
        row = DeliverableVersion.objects.select_related("deliverable__org").get(
            deliverable=paper, version=version
        )
        signed = {one.role: one.person_id for one in DeliverableSignature.objects.filter(version=row)}
        role = rules.next_signer(signed)
        if role is None:
            raise Conflict("本版已全部签字。", "无需再签。")
        if not scope.allows(_NEEDED[role], paper.org.path):
            raise NotPermitted(
                f"下一步是「{role.label}」签字，您没有这项权限。", f"需要权限「{_NEEDED[role]}」。"
            )
        if scope.actor_id in signed.values():
            raise NotPermitted("您已在本版签过字，不能再以另一角色签字。", "请由另一位人员签字。")
        DeliverableSignature.objects.create(
            version=row, role=role.value, person_id=scope.actor_id, signed_at=now, note=note.strip()[:400]
        )
        paper.standing = rules.standing_after([*signed, role.value]).value
        paper.updated_at = now
        paper.save(update_fields=["standing", "updated_at"])
        # The files are made again with the new signature; the inputs and their digest stay.
        row.docx = row.pdf = None
        row.save(update_fields=["docx", "pdf"])
        audit.record(
            scope,
            now=now,
            action="deliverable.approve",
            kind="deliverable",
            object_id=paper.pk,
            label=f"{paper} {paper.org.name}",
            after={"version": version, "role": role.label, "digest": row.digest, "note": note.strip()[:400]},
            org_path=paper.org.path,
        )
    return row


# By the clock


def make_all(scope: Scope, *, now: datetime, day: date) -> Mapping[str, int]:
    """Make the day's report of every organisation that owes one; return how many were made (每日出具)."""
    made = 0
    for org in gathering.reporting_orgs(now):
        version, fresh = make_daily(scope, now=now, org=org, day=day)
        files_of(scope, version, now=now)
        made += fresh
    return {"made": made}


def revise(scope: Scope, *, now: datetime, start: datetime, end: datetime) -> Mapping[str, int]:
    """Make a new version of each paper of these days that something has become known about (修订)."""
    made = 0
    papers = queries.papers_of_days(start, end)
    for paper in papers:
        version, fresh = make_daily(scope, now=now, org=paper.org, day=paper.day)
        if fresh:
            files_of(scope, version, now=now)
            made += 1
    return {"looked": len(papers), "made": made}
