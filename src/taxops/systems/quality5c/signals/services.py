"""Use cases of signals (预警): keep rules, raise, answer, confirm or send back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from taxops.engines.base import BadInput, Conflict, NotFound, Scope
from taxops.platform.audit import services as audit
from taxops.platform.identity.models import OrgUnit
from taxops.platform.identity.queries import people_with
from taxops.platform.notify.services import Message, tell, tell_many
from taxops.systems.quality5c.definitions import queries as indicators

from .models import Signal, SignalRule
from .queries import ANSWER, EDIT, compared, newest_periods, signals
from .rules import Rule, check_rule, due_on, raised, step, words_of
from .words import SignalAct, SignalState


def save_rule(scope: Scope, *, now: datetime, data: Mapping[str, Any], pk: int | None = None) -> SignalRule:
    """Store a rule, new or changed; it counts from the next computation on (保存预警规则).

    Raises:
        BadInput: an indicator that does not count, a limit that makes no sense. Conflict: there is such a rule.
        NotFound: no such rule.
    """
    indicators.require_province(scope, EDIT)
    live = indicators.live_definitions([data["code"]])
    if data["code"] not in live:
        raise BadInput(f"没有启用的指标「{data['code']}」。", "请核对指标代码。", field="code")
    check_rule(Rule(data["kind"], data["side"], data["limit"]), live[data["code"]][1].unit.value)
    with transaction.atomic():
        rule = SignalRule() if pk is None else _locked(pk)
        before = _said(rule) if pk is not None else {}
        same = SignalRule.objects.filter(code=data["code"], kind=data["kind"], level=data["level"])
        if (same if pk is None else same.exclude(pk=pk)).exists():
            raise Conflict("这个指标在这一层级已有同类规则。", "请修改原来的规则。", field="code")
        for name in ("name", "code", "kind", "side", "limit", "level", "days"):
            setattr(rule, name, data[name])
        rule.made_at, rule.made_by = now, scope.actor_name
        rule.save()
        audit.record(scope, now=now, action="quality5c.signal_rule.save", kind="signal_rule", object_id=rule.pk,
                     label=rule.name, before=before, after=_said(rule))  # fmt: skip
    return rule


def switch_rule(scope: Scope, pk: int, *, now: datetime) -> SignalRule:
    """Put a rule out of use, or into use again (停用、启用); its signals stay.

    Raises:
        NotFound: no such rule.
    """
    indicators.require_province(scope, EDIT)
    with transaction.atomic():
        rule = _locked(pk)
        rule.is_active = not rule.is_active
        rule.save(update_fields=["is_active"])
        audit.record(scope, now=now, action="quality5c.signal_rule.switch", kind="signal_rule", object_id=rule.pk,
                     label=rule.name, before={"is_active": not rule.is_active},
                     after={"is_active": rule.is_active})  # fmt: skip
    return rule


def _locked(pk: int) -> SignalRule:
    rule = SignalRule.objects.select_for_update().filter(pk=pk).first()
    if rule is None:
        raise NotFound("没有这条预警规则。", "请从规则列表进入。")
    return rule


def _said(rule: SignalRule) -> dict[str, Any]:
    return {k: getattr(rule, k) for k in ("name", "code", "kind", "side", "limit", "level", "days")}


def raise_signals(
    scope: Scope, period: str, *, now: datetime, codes: Iterable[str] | None = None
) -> dict[str, int]:
    """Raise what the figures of a period break, and clear what they break no more; repeating it changes nothing.

    A signal that was answered stays with its unit, whatever the figure became.

    Args:
        codes: only rules on these indicators; all by default.

    Returns:
        How many signals are new, and how many were cleared.
    """
    rules = SignalRule.objects.filter(is_active=True)
    rules = rules if codes is None else rules.filter(code__in=list(codes))
    live = indicators.live_definitions({rule.code for rule in rules})
    counts = {"raised": 0, "cleared": 0}
    for rule in rules:
        if rule.code in live:
            version, definition = live[rule.code]
            one = _raise(scope, rule, period, version, definition.unit.value, now=now)
            counts = {key: counts[key] + one[key] for key in counts}
    return counts


def raise_newest(scope: Scope, *, now: datetime) -> dict[str, int]:
    """Raise what the two newest periods break: also figures that were imported, not computed."""
    total = {"raised": 0, "cleared": 0}
    for period in newest_periods(SignalRule.objects.filter(is_active=True).values_list("code", flat=True)):
        one = raise_signals(scope, period, now=now)
        total = {key: total[key] + one[key] for key in total}
    return total


def _raise(
    scope: Scope, rule: SignalRule, period: str, version: int, unit: str, *, now: datetime
) -> dict[str, int]:
    said = Rule(rule.kind, rule.side, rule.limit)
    with transaction.atomic():
        fresh, old = compared(rule, period, version)
        broken = {r.org: r for r in raised(said, fresh, old)}
        known = {s.org_id: s for s in Signal.objects.select_for_update().filter(rule=rule, period=period)}
        over = [
            s.pk for o, s in known.items() if o in fresh and o not in broken and s.state == SignalState.OPEN
        ]
        Signal.objects.filter(pk__in=over).update(state=SignalState.CLEARED, decided_at=now)
        made = []
        for org, r in broken.items():
            values = {"value": r.value, "before": r.before, "rank": r.rank, "rank_before": r.rank_before,
                      "words": words_of(said, r, unit)}  # fmt: skip
            held = known.get(org)
            if held is None:
                made.append(_new(rule, period, org, values, now))
            elif held.state in {SignalState.OPEN, SignalState.CLEARED}:
                again = (
                    {"state": SignalState.OPEN, "decided_at": None}
                    if held.state == SignalState.CLEARED
                    else {}
                )
                Signal.objects.filter(pk=held.pk).update(**values, **again)
        stored = Signal.objects.bulk_create(made, batch_size=500)
        _tell(scope, rule, stored, now=now)
        if stored or over:
            audit.record(scope, now=now, action="quality5c.signal.raise", kind="signal_rule", object_id=rule.pk,
                         label=f"{rule.name} {period}",
                         after={"raised": len(stored), "cleared": len(over)})  # fmt: skip
    return {"raised": len(stored), "cleared": len(over)}


def _new(rule: SignalRule, period: str, org: int, values: Mapping[str, Any], now: datetime) -> Signal:
    return Signal(
        rule=rule, code=rule.code, period=period, org_id=org, raised_at=now, due_on=due_on(now, rule.days), **values
    )  # fmt: skip


def _tell(scope: Scope, rule: SignalRule, made: Sequence[Signal], *, now: datetime) -> None:
    """Tell those who answer for the units: a unit's own people, else those above who may."""
    units = OrgUnit.objects.in_bulk([s.org_id for s in made])
    messages = []
    for signal in made:
        org = units[signal.org_id]
        able = list(people_with(ANSWER, org.path, now=now))
        own = [p.pk for p in able if p.org is not None and p.org.path.startswith(org.path)]
        messages.append(Message(
            own or [p.pk for p in able], f"指标预警：{org.short_name or org.name} {rule.name}",
            f"quality5c-signal-{signal.pk}", f"{signal.period} {signal.words}，请于 {signal.due_on} 前答复。",
            f"/quality5c/signals/{signal.pk}/", "warning", org.path, broadcast=False,
        ))  # fmt: skip
    tell_many(scope, messages, now=now)


def answer(scope: Scope, pk: int, *, now: datetime, text: str) -> Signal:
    """Answer a signal for the unit (答复预警).

    Raises:
        NotFound: none within the scope. NotPermitted: no permission there. Conflict: it does not wait for an answer.
        BadInput: nothing is said.
    """
    if not text.strip():
        raise BadInput("请写明原因和措施。", field="answer")
    return _step(scope, pk, SignalAct.ANSWER, now=now, answer=text.strip(), answered_by=scope.actor_name,
                 answered_by_id=scope.actor_id, answered_at=now)  # fmt: skip


def decide(scope: Scope, pk: int, act: SignalAct, *, now: datetime, note: str = "") -> Signal:
    """Confirm an answer, or send it back with the reason (确认办结、退回); by the province, not by its author.

    Raises:
        NotFound, NotPermitted, Conflict: as `answer`. BadInput: sent back without a reason.
    """
    if act is SignalAct.RETURN and not note.strip():
        raise BadInput("请写明退回理由。", field="note")
    indicators.require_province(scope, EDIT)
    return _step(
        scope, pk, act, now=now, note=note.strip()[:300], decided_by=scope.actor_name, decided_at=now
    )


def _step(scope: Scope, pk: int, act: SignalAct, *, now: datetime, **values: Any) -> Signal:
    with transaction.atomic():
        signal = signals(scope).select_for_update(of=("self",)).filter(pk=pk).first()
        if signal is None:
            raise NotFound("没有这条预警，或它不在您的管理范围内。", "请从预警列表进入。")
        if act is SignalAct.ANSWER:
            scope.require(ANSWER, signal.org.path)
        before = signal.state
        signal.state = step(before, act, answered_by=signal.answered_by_id, actor=scope.actor_id).value
        for name, value in values.items():
            setattr(signal, name, value)
        signal.save()
        audit.record(scope, now=now, action=f"quality5c.signal.{act.value}", kind="signal", object_id=signal.pk,
                     label=str(signal), before={"state": before},
                     after={"state": signal.state, "answer": signal.answer, "note": signal.note},
                     org_path=signal.org.path)  # fmt: skip
        if act is not SignalAct.ANSWER and signal.answered_by_id is not None:
            said = f"，理由：{signal.note}" if signal.note else ""
            tell(scope, now=now, people=[signal.answered_by_id], title=f"指标预警{act.label}：{signal}",
                 body=f"{signal.words}{said}", link=f"/quality5c/signals/{signal.pk}/",
                 key=f"quality5c-signal-{signal.pk}-{act.value}-{now.isoformat()}", org_path=signal.org.path,
                 broadcast=False)  # fmt: skip
    return signal
