"""A prober's report (上报): from bytes to history, in one transaction."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from taxops.engines.base import TaxopsError, Unavailable, to_millis
from taxops.systems.operations.monitoring.models import BatchReceipt, Prober, StateChange
from taxops.systems.operations.monitoring.rules import CELL_MS, SLOT_MS, Batch, Row, first_slot_kept
from taxops.systems.operations.monitoring.rules.batches import MAX_TRACE, clean, clean_text
from taxops.systems.operations.monitoring.words import Cause, Turn

from . import store, systems, turns
from .alerting import announce
from .judging import AHEAD_MS, divide, judge
from .replaying import calm, keep_days, replay_checks, store_late

_log = logging.getLogger("taxops.monitoring")


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch (接收结果)."""

    accepted: int
    duplicate: bool = False
    refused: int = 0

    def as_dict(self) -> dict[str, object]:
        """Return the answer to the prober."""
        return {"accepted": self.accepted, "duplicate": self.duplicate, "refused": self.refused}


def report(prober: Prober, batch: Batch, *, now: datetime, address: str = "") -> Taken:
    """Take in a batch of results (接收上报), exactly once.

    The receipt, every row, every state and every outage stand or fall together: a process killed
    half-way leaves nothing, and the prober's next try is a first one.

    Raises:
        Unavailable: something of the platform's own went wrong; the batch was read before it came here, so
            it is not the prober's fault, and it must try again instead of putting the batch aside.
    """
    try:
        return _take_in(prober, batch, now, address)
    except TaxopsError as error:
        _log.exception("batch %s/%s of prober %s failed", batch.boot, batch.seq, prober.pk)
        raise Unavailable(f"平台暂时不能接收结果：{error.what}", "探测器会自动重试。") from error


def _take_in(prober: Prober, batch: Batch, now: datetime, address: str) -> Taken:
    with transaction.atomic():
        if not store.give_receipt(prober.pk, batch.boot, batch.seq, now, len(batch.rows)):
            _seen(prober, batch, now, address)
            row = BatchReceipt.objects.get(prober=prober, boot=batch.boot, seq=batch.seq)
            return Taken(row.accepted, duplicate=True)
        happened = turns.Happened()
        accepted, refused = take_rows(batch.rows, happened, now=now, prober_id=prober.pk)
        announce(happened, now)
        if accepted:
            BatchReceipt.objects.filter(prober=prober, boot=batch.boot, seq=batch.seq).update(
                accepted=accepted
            )
        _seen(prober, batch, now, address)
    return Taken(accepted, refused=refused)


def take_rows(
    rows: list[Row], happened: turns.Happened, *, now: datetime, prober_id: int | None
) -> tuple[int, int]:
    """Judge and store results inside the caller's transaction; return how many were accepted and refused."""
    glances = store.glances(sorted({row.check_id for row in rows}))
    parts = divide(rows, glances, to_millis(now))
    standings = store.standings(sorted({row.check_id for row in parts.news})) if parts.news else {}
    for check_id, standing in standings.items():
        if check_id in parts.quiet:  # said nothing new first, and news then
            standing.last_at_ms, standing.duration_us, _ = parts.quiet.pop(check_id)
    judged = judge(parts.news, standings)
    raw = parts.raw + judged.raw
    store.insert_raw(raw)
    store.insert_metrics(_metrics(rows, glances, now))
    over_ms = to_millis(now) // SLOT_MS * SLOT_MS
    store.mark_stale([row[2] // SLOT_MS for row in raw if row[2] < over_ms])
    store.save_quiet(list(parts.quiet.values()))
    store.save_changed(list(standings.values()))
    store.insert_notes([_note(row, prober_id) for row in judged.said])
    _resume(judged.resumed, happened, now)
    turns.write(judged.moved, happened, now)
    accepted, refused, cause = len(raw), parts.refused, Cause.RESULT
    if judged.late:
        untouched = calm(judged.late, standings)
        earliest, stored = store_late(judged.late, standings, now)
        for check_id in untouched:
            earliest.pop(check_id, None)
        told = {(r.check_id, r.at_ms): r.message for found in judged.late.values() for r in found}
        replay_checks(earliest, standings, told, happened, now)
        store.save_changed([standings[check_id] for check_id in earliest])
        late = sum(len(found) for found in judged.late.values())
        accepted, refused = accepted + stored, refused + late - stored
        cause = Cause.LATE if earliest else cause
    systems.recompute(happened.systems, happened, now, cause=cause)
    return accepted, refused


def _resume(resumed: list[tuple[store.Standing, int]], happened: turns.Happened, now: datetime) -> None:
    """Tell in history that results come again; a silence that was none is withdrawn.

    A prober that kept its results while the way to the centre was cut brings them all: then there was
    no gap, and the line that said so was wrong.
    """
    if not resumed:
        return
    open_lines = {
        line.check_row_id: line
        for line in StateChange.objects.filter(
            check_row_id__in=[standing.check_id for standing, _ in resumed],
            kind=Turn.SILENT_BEGAN,
            withdrawn_at=None,
        ).order_by("at_ms")
    }
    ended: list[StateChange] = []
    for standing, at_ms in resumed:
        happened.checks.add(standing.check_id)
        line = open_lines.get(standing.check_id)
        if line is None:
            continue
        if at_ms <= line.known_ms:
            StateChange.objects.filter(pk=line.pk).update(withdrawn_at=now)
        else:
            ended.append(
                StateChange(
                    check_row_id=standing.check_id,
                    kind=Turn.SILENT_ENDED.value,
                    at_ms=at_ms,
                    known_ms=at_ms,
                    start_ms=line.at_ms,
                    entered_at=now,
                    cause=Cause.SILENCE.value,
                )
            )
    StateChange.objects.bulk_create(ended)


def _metrics(
    rows: list[Row], glances: dict[int, tuple[Any, ...]], now: datetime
) -> list[tuple[int, int, int, str]]:
    """Return the numbers of checks that have trends, for those results that can be kept."""
    newest, oldest = to_millis(now) + AHEAD_MS, 0
    found: list[tuple[int, int, int, str]] = []
    for row in rows:
        if row.metrics is None or row.suspect or row.at_ms > newest:
            continue
        glance = glances.get(row.check_id)
        if glance is None or not glance[8]:
            continue
        if row.at_ms <= glance[1]:  # late: only as far back as raw results are kept
            oldest = oldest or first_slot_kept(to_millis(now), keep_days=keep_days()) * SLOT_MS
            if row.at_ms < oldest:
                continue
        found.append((row.at_ms // CELL_MS, row.check_id, row.at_ms, _json(row.metrics, MAX_TRACE) or "{}"))
    return found


def _note(row: Row, prober_id: int | None) -> tuple[Any, ...]:
    return (
        row.check_id,
        row.at_ms,
        row.code,
        row.duration_us,
        bool(row.suspect),
        prober_id,
        row.message,
        _json(row.metrics, MAX_TRACE),
        _json(row.trace, MAX_TRACE),
    )


def _json(value: dict[str, Any] | None, most: int) -> str | None:
    """Return JSON text for the store; what is too long is replaced by a word about it."""
    if value is None:
        return None
    text = json.dumps(clean(value), ensure_ascii=False)
    if len(text) > most:
        return json.dumps({"note": f"过程记录过长（{len(text):,} 字符），未保存。"}, ensure_ascii=False)
    return text


def _seen(prober: Prober, batch: Batch, now: datetime, address: str) -> None:
    """Note that the prober was heard."""
    skew = to_millis(now) - batch.sent_at_ms if batch.sent_at_ms else 0
    fields: dict[str, Any] = {
        "last_seen_at": now,
        "last_batch_at": now,
        "boot": batch.boot,
        "skew_ms": max(-2_147_483_647, min(2_147_483_647, skew)),
    }
    if address:
        fields["address"] = address[:64]
    if batch.vitals:
        fields["vitals"] = clean(batch.vitals)
        fields["software"] = clean_text(
            str(batch.vitals.get("software") or batch.vitals.get("version") or "")[:40]
        )
    Prober.objects.filter(pk=prober.pk).update(**fields)
