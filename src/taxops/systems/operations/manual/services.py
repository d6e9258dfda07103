"""Writing down what was found, and saying what nobody looked at (填写人工检查、逾期判定)."""

from __future__ import annotations

from datetime import datetime
from typing import IO

from django.db import IntegrityError, transaction

from taxops.engines.base import Conflict, Scope, duration_words, to_millis
from taxops.platform.audit import services as audit
from taxops.platform.files import purposes
from taxops.platform.files import services as files
from taxops.systems.operations.monitoring.ingest import turns
from taxops.systems.operations.monitoring.ingest.alerting import announce
from taxops.systems.operations.monitoring.ingest.reporting import take_rows
from taxops.systems.operations.monitoring.models import CheckState
from taxops.systems.operations.monitoring.rules import Row
from taxops.systems.operations.monitoring.telling import tell_pages

from . import queries, rules
from .models import ManualAnswer

PHOTO = purposes.declare(
    purposes.Purpose(
        "manual-check",
        "人工检查照片与附件",
        20 * purposes.MEBI,
        ("image/", "application/pdf"),
        permission="monitoring.view",
    )
)
_CODES = {rules.Answer.OK: 0, rules.Answer.NA: 0, rules.Answer.BAD: 2}


def answer(
    scope: Scope,
    pk: int,
    *,
    now: datetime,
    answer: str,
    fact_at: datetime,
    value: float | None = None,
    note: str = "",
    photo: tuple[str, IO[bytes]] | None = None,
) -> ManualAnswer:
    """Write down what somebody found (填写人工检查) and judge it as of the time of fact.

    Args:
        fact_at: when he looked; a late entry is judged where it belongs in time.
        photo: name and bytes of a picture or file.

    Raises:
        NotFound, BadInput.
        Conflict: an answer about the same moment is there.
    """
    found = queries.get_duty(scope, now, pk)
    check = found.check
    fact_at = min(fact_at, now)
    kept = rules.check_answer(
        check.params,
        answer=answer,
        value=value,
        note=note,
        has_file=photo is not None,
        fact_at=fact_at,
        now=now,
    )
    with transaction.atomic():
        state = CheckState.objects.select_for_update(no_key=True).get(pk=check.pk)
        stored = None
        if photo is not None:
            stored = files.store(
                scope, now=now, name=photo[0], stream=photo[1], purpose=PHOTO.code, org=check.system.org
            )
        try:
            with transaction.atomic():
                made = ManualAnswer.objects.create(
                    check_row=check, fact_at=fact_at, entered_at=now, person_id=scope.actor_id,
                    by_name=scope.actor_name[:80], answer=kept.value, value=value, note=note.strip()[:400],
                    file=stored,
                )  # fmt: skip
        except IntegrityError as error:
            raise Conflict("这个时刻已有一次填写。", "请核对查看时间。") from error
        unit = check.params.get("unit", "")
        reading = f"，读数 {value:g} {unit}" if value is not None else ""
        message = f"{scope.actor_name}：{kept.label}{reading}{f'，{note.strip()}' if note.strip() else ''}"[
            :500
        ]
        facts = {"answer": kept.value, "value": value, "by": scope.actor_name}
        row = Row(
            check.pk, state.version, to_millis(fact_at), _CODES[kept], 0, 0, message,
            {"value": value} if value is not None else None, {"facts": facts},
        )  # fmt: skip
        happened = turns.Happened()
        take_rows([row], happened, now=now, prober_id=None)
        announce(happened, now)
        audit.record(
            scope, now=now, action="check.answer", kind="check", object_id=check.pk, label=check.name,
            after={"answer": kept.label, "value": value, "note": note.strip()[:400], "fact_at": fact_at.isoformat()},
            org_path=check.system.org.path, at=fact_at,
        )  # fmt: skip
        tell_pages("check", scope_path=check.system.org.path)
    return made


def judge_overdue(*, now: datetime) -> int:
    """Show as unknown what nobody looked at in time (逾期判定); return how many. Never an outage by itself."""
    late = queries.overdue(now)
    if not late:
        return 0
    with transaction.atomic():
        ids = sorted(one.check.pk for one in late)
        states = {
            state.pk: state
            for state in CheckState.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
        }
        rows = []
        for one in late:
            state = states[one.check.pk]
            if state.unknown_since_ms is not None:
                continue
            at_ms = max(to_millis(one.due.late_at), state.last_at_ms + 1)
            words = duration_words((now - one.due.late_at).total_seconds())
            rows.append(
                Row(
                    one.check.pk, state.version, at_ms, 3, 0, 0, f"逾期未填，已超过宽限 {words}。", None, None
                )
            )
        happened = turns.Happened()
        take_rows(rows, happened, now=now, prober_id=None)
        announce(happened, now)
    return len(rows)
