"""Decisions of signals (预警的判定): which figures break a rule, and what may be done next. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from taxops.engines.base import CHINA, BadInput, Conflict, NotPermitted
from taxops.systems.quality5c.definitions.rules import Figure, FigureState
from taxops.systems.quality5c.definitions.showing import value_words

from .words import RuleKind, Side, SignalAct, SignalState

SURE = frozenset({FigureState.TRUSTED.value, FigureState.DOUBTFUL.value})
"""States of figures that may raise a signal: a small sample or a missing figure asks nobody for an answer."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule says (预警规则的内容)."""

    kind: str
    side: str
    limit: float


@dataclass(frozen=True, slots=True)
class Raised:
    """A figure that breaks a rule (越界的指标)."""

    org: int
    value: float
    before: float | None
    rank: int
    rank_before: int


def ranks(figures: Mapping[int, Figure], side: str) -> dict[int, int]:
    """Return unit → rank among those with a sure value, 1 the best; equal values share the better rank."""
    sign = -1.0 if side == Side.BELOW.value else 1.0
    known = sorted(sign * f.value for f in figures.values() if f.value is not None and f.state in SURE)
    return {
        org: known.index(sign * f.value) + 1
        for org, f in figures.items()
        if f.value is not None and f.state in SURE
    }


def raised(rule: Rule, now: Mapping[int, Figure], before: Mapping[int, Figure]) -> list[Raised]:
    """Return the figures that break a rule, in the order of `now`.

    Args:
        now: unit → figure, of all units that are compared.
        before: the same of the period before; empty when there is none.
    """
    new, old = ranks(now, rule.side), ranks(before, rule.side)
    if rule.kind == RuleKind.DROP.value:  # a unit that has no figure in one of the two moves nobody's rank
        both = new.keys() & old.keys()
        new = ranks({o: f for o, f in now.items() if o in both}, rule.side)
        old = ranks({o: f for o, f in before.items() if o in both}, rule.side)
    worse = -1.0 if rule.side == Side.BELOW.value else 1.0
    found = []
    for org, figure in now.items():
        value = figure.value
        if value is None or org not in new:
            continue
        was = before[org].value if org in old else None
        if rule.kind == RuleKind.THRESHOLD.value:
            breaks = worse * (value - rule.limit) > 0
        elif rule.kind == RuleKind.CHANGE.value:
            breaks = was is not None and worse * (value - was) > rule.limit + 1e-12
        else:
            breaks = org in old and new[org] - old[org] >= rule.limit
        if breaks:
            found.append(Raised(org, value, was, new[org], old.get(org, 0)))
    return found


def words_of(rule: Rule, found: Raised, unit: str) -> str:
    """Return what happened, for the unit that is asked.

    >>> words_of(Rule("threshold", "below", 0.97), Raised(1, 0.95, 0.96, 3, 2), "percent")
    '95.00%，低于界限 97.00%'
    """
    value = value_words(found.value, unit)
    if rule.kind == RuleKind.THRESHOLD.value:
        return f"{value}，{'低' if rule.side == Side.BELOW.value else '高'}于界限 {value_words(rule.limit, unit)}"
    if rule.kind == RuleKind.CHANGE.value:
        moved = abs(found.value - (found.before or 0.0))
        turn = "下降" if rule.side == Side.BELOW.value else "上升"
        return f"由 {value_words(found.before, unit)} 到 {value}，{turn} {value_words(moved, unit)}"
    return (
        f"名次由第 {found.rank_before} 到第 {found.rank}，下降 {found.rank - found.rank_before} 名（{value}）"
    )


def check_rule(rule: Rule, unit: str) -> None:
    """Do nothing when a rule makes sense.

    Raises:
        BadInput: a change or a drop that is none, or a ratio written without its per cent sign.
    """
    if rule.kind == RuleKind.DROP.value and (rule.limit < 1 or rule.limit != int(rule.limit)):
        raise BadInput("名次下降的界限应是不小于 1 的整数。", "例如 5：下降 5 名及以上。", field="limit")
    if rule.kind == RuleKind.CHANGE.value and rule.limit <= 0:
        raise BadInput("环比变差的界限应大于 0。", "例如 2%：变差超过 2 个百分点。", field="limit")
    if rule.kind != RuleKind.DROP.value and unit == "percent" and abs(rule.limit) > 10:
        raise BadInput(f"界限 {rule.limit:g} 太大：这个指标是比率。", "请写 0.97 或 97%。", field="limit")


def due_on(now: datetime, days: int) -> date:
    """Return the last day on which an answer is in time, in China."""
    return (now.astimezone(CHINA) + timedelta(days=days)).date()


def is_late(state: str, due: date, now: datetime) -> bool:
    """Test whether an answer is overdue (逾期未答复)."""
    return state == SignalState.OPEN.value and now.astimezone(CHINA).date() > due


_STEPS: dict[SignalAct, tuple[SignalState, SignalState]] = {
    SignalAct.ANSWER: (SignalState.OPEN, SignalState.ANSWERED),
    SignalAct.ACCEPT: (SignalState.ANSWERED, SignalState.CLOSED),
    SignalAct.RETURN: (SignalState.ANSWERED, SignalState.OPEN),
    SignalAct.CLEAR: (SignalState.OPEN, SignalState.CLEARED),
}


def step(
    state: str, act: SignalAct, *, answered_by: int | None = None, actor: int | None = None
) -> SignalState:
    """Return the state after an act.

    Raises:
        Conflict: the state does not allow it. NotPermitted: somebody decides on his own answer.
    """
    before, after = _STEPS[act]
    if state != before.value:
        raise Conflict(
            f"这条预警是「{SignalState.label_of(state)}」，不能{act.label}。", "请刷新页面查看当前状态。"
        )
    if act in {SignalAct.ACCEPT, SignalAct.RETURN} and actor is not None and actor == answered_by:
        raise NotPermitted("不能确认或退回自己的答复。", "请由另一位人员办理。")
    return after
