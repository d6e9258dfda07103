"""Whether a step may be taken (裁定): (type, history, who, what, when) to new events, or the reason why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from taxops.engines.base import CHINA, BadInput

from .folding import fold, in_order
from .model import Actor, Case, CaseType, Event, Phase, Refused, Transition, Vote
from .values import check_form, digest_of, meets

_LATEST_ENTRY_S = 60
"""How far a stated fact may lie after its entry: clocks of two machines differ a little."""


def open_case(
    kind: CaseType,
    actor: Actor,
    data: Mapping[str, Any],
    *,
    at: int,
    entered_at: int,
    key: str = "",
    queue: str = "",
) -> list[Event] | Refused:
    """Return the first event of a new case, or why it is not opened (发起).

    Args:
        at: when it was reported (时间以此为准); `entered_at` when it is written down.
        queue: where it waits; default: the type's.
    """
    if actor.id is not None and not actor.roles & set(kind.openers):
        return Refused("no_role", f"您没有发起「{kind.label}」的权限。", "请联系安全管理员授权。")
    late = _time(at, entered_at)
    if late:
        return late
    form = check_form(kind, kind.opening, data, {})
    if isinstance(form, Refused):
        return form
    backwards = _backwards(kind, form)
    if backwards:
        return backwards
    said = {
        "type": kind.code,
        "state": kind.initial,
        "policy": kind.digest,
        "queue": queue or kind.queue,
        "form": form,
    }
    return [Event(1, "open", at, entered_at, actor.id, actor.name, said, key)]


def _time(at: int, entered_at: int) -> Refused | None:
    if at > entered_at + _LATEST_ENTRY_S:
        return Refused("future", "发生时间晚于现在。", "请填写已经发生的时间。", "at")
    return None


def decide(
    kind: CaseType,
    history: Sequence[Event],
    step: str,
    actor: Actor,
    data: Mapping[str, Any],
    *,
    at: int,
    entered_at: int,
    key: str = "",
) -> list[Event] | Refused:
    """Return the events that a step adds to a history (办理); none when its key is there already.

    Args:
        kind: the type version the case stands under.
        at: when it happened (发生时间), perhaps earlier than `entered_at`, when it is written down.
        key: names the attempt; taken twice it counts once (幂等).
    """
    case = fold(history)
    if key and key in case.keys:
        return []
    transition = kind.transitions.get(step)
    if transition is None:
        return Refused("unknown", "没有这个操作。", "请刷新页面。")
    late = _time(at, entered_at)
    if late:
        return late
    if at < case.opened_at:
        return Refused("too_early", "发生时间早于事项发起。", "请核对发生时间。", "at")
    before = fold([event for event in in_order(history) if event.at <= at])
    form = check_form(kind, transition.asks, data, before.data)
    if isinstance(form, Refused):
        return form
    held = {k: v for k, v in {**before.data, **form}.items() if v is not None}
    refused = _may(kind, transition, case, before, actor, held, at)
    if refused:
        return refused
    if not transition.votes:
        return _extended(history, [_move(transition, case, before, actor, form, at, entered_at, key)])
    digest = digest_of(transition.covers, held)
    standing = valid_votes(transition, case, held)
    # what was agreed, taken back and brought again unchanged may be agreed again by the same person
    again = bool(transition.target) and len(standing) >= transition.votes
    if actor.id is not None and not again and any(vote.actor_id == actor.id for vote in standing):
        return Refused("voted", "您已经审批过。", f"还需要另外 {transition.votes - len(standing)} 人审批。")
    said = {"step": step, "digest": digest, "form": form}
    vote = Event(case.last_seq + 1, "vote", at, entered_at, actor.id, actor.name, said, key)
    if len(standing) + 1 < transition.votes:
        return _extended(history, [vote])
    move = _move(transition, case, before, actor, {}, at, entered_at, "")
    return _extended(history, [vote, _renumbered(move, vote.seq + 1)])


def _renumbered(event: Event, seq: int) -> Event:
    return Event(
        seq, event.kind, event.at, event.entered_at, event.actor_id, event.actor_name, event.data, event.key
    )


def _move(
    transition: Transition,
    case: Case,
    before: Case,
    actor: Actor,
    form: Mapping[str, Any],
    at: int,
    entered_at: int,
    key: str,
) -> Event:
    said: dict[str, Any] = {
        "step": transition.code,
        "label": transition.label,
        "from": before.state,
        "to": transition.target or before.state,
        "form": dict(form),
    }
    if transition.reopens:
        said["reopens"] = True
    if transition.effect:
        said["effect"] = transition.effect
    return Event(case.last_seq + 1, "move", at, entered_at, actor.id, actor.name, said, key)


def _extended(history: Sequence[Event], new: list[Event]) -> list[Event] | Refused:
    """Return the new events when the whole still folds; a late entry may not make nonsense of what followed."""
    try:
        fold([*history, *new])
    except BadInput as error:
        return Refused("order", error.what, error.todo, "at")
    return new


def _may(
    kind: CaseType,
    transition: Transition,
    case: Case,
    before: Case,
    actor: Actor,
    held: Mapping[str, Any],
    at: int,
) -> Refused | None:
    """Return why the step may not be taken, or None; the order is that in which a reader wants to know."""
    if before.state not in transition.source:
        label = kind.states[before.state].label if before.state in kind.states else before.state
        return Refused(
            "state", f"事项现在是「{label}」，不能{transition.label}。", "请刷新页面查看最新状态。"
        )
    if actor.id is not None and not actor.roles & set(transition.roles):
        return Refused(
            "no_role", f"您没有「{transition.label}」的权限，或授权已到期。", "请联系安全管理员授权。"
        )
    return (
        _another(kind, transition, case, actor)
        or _earlier(kind, transition, before)
        or _data(kind, transition, held)
        or _approved(kind, transition, case, held)
        or _timely(kind, transition, held, at)
        or _waiting(kind, transition, held)
        or _attached(transition, case)
    )


def _another(kind: CaseType, transition: Transition, case: Case, actor: Actor) -> Refused | None:
    """Separation of duties (职责分离): not the one who did the named steps. The platform is nobody's colleague."""
    for step in transition.not_by:
        if actor.id is not None and actor.id in case.done_by.get(step, frozenset()):
            did = "发起" if step == "open" else kind.transitions[step].label
            return Refused(
                "same_person", f"「{transition.label}」不能由{did}的人办理。", "请由另一位有权限的人员办理。"
            )
    return None


def _earlier(kind: CaseType, transition: Transition, before: Case) -> Refused | None:
    for step in transition.after:
        if step != "open" and step not in before.since_reopen:
            return Refused(
                "not_yet",
                f"还没有「{kind.transitions[step].label}」，不能{transition.label}。",
                "请先办理前一步。",
            )
    return None


def _data(kind: CaseType, transition: Transition, held: Mapping[str, Any]) -> Refused | None:
    for condition in transition.when:
        if not meets(condition, held):
            field = kind.fields[condition.field]
            words = "、".join(_option(field.options, value) for value in condition.values) or "空"
            return Refused(
                "condition", f"「{field.label}」为{words}时才能{transition.label}。", "", condition.field
            )
    return None


def _option(options: Sequence[tuple[str, str]], code: str) -> str:
    return dict(options).get(code, {"yes": "是", "no": "否"}.get(code, code))


def _approved(kind: CaseType, transition: Transition, case: Case, held: Mapping[str, Any]) -> Refused | None:
    for step in transition.approved:
        voting = kind.transitions[step]
        if len(valid_votes(voting, case, held)) < voting.votes:
            if len(case.votes.get(step, ())) >= voting.votes:
                names = "、".join(kind.fields[name].label for name in voting.covers)
                return Refused("void", f"审批之后{names}有改动，原审批已失效。", "请重新提交审批。")
            return Refused("not_approved", f"还没有「{voting.label}」。", "请先完成审批。")
    return None


def valid_votes(voting: Transition, case: Case, data: Mapping[str, Any]) -> list[Vote]:
    """Return the votes that are about the data as they are, one a person (有效审批)."""
    digest = digest_of(voting.covers, data)
    found: dict[int | None, Vote] = {}
    for vote in case.votes.get(voting.code, ()):
        if vote.digest == digest:
            found.setdefault(vote.actor_id, vote)
    return list(found.values())


def _timely(kind: CaseType, transition: Transition, held: Mapping[str, Any], at: int) -> Refused | None:
    if transition.inside:
        start, end = (held.get(name) for name in transition.inside)
        if start is None or end is None or not start <= at < end:
            return Refused(
                "outside",
                f"不在批准的时间窗口之内，不能{transition.label}。",
                "请在窗口之内办理，或重新申请窗口。",
            )
    if transition.not_before:
        name, days = transition.not_before
        value = held.get(name)
        if value is None or at < int(value) + days * 86400:
            return Refused(
                "too_soon", f"「{kind.fields[name].label}」未到，不能{transition.label}。", "", name
            )
    if transition.ahead:
        name, months = transition.ahead
        earliest = months_later(local_day(at), months)
        if str(held.get(name) or "") < earliest.isoformat():
            return Refused(
                "not_ahead",
                f"「{kind.fields[name].label}」应至少提前 {months} 个月提出，最早为 {earliest}。",
                "",
                name,
            )
    return _backwards(kind, held)


_PAIRS = (
    ("starts_at", "ends_at"),
    ("window_start", "window_end"),
    ("pause_from", "pause_to"),
    ("began_at", "ended_at"),
)


def _backwards(kind: CaseType, held: Mapping[str, Any]) -> Refused | None:
    """Return why two times that belong together do not fit, or None."""
    for first, last in _PAIRS:
        if first not in kind.fields or last not in kind.fields or first not in held or last not in held:
            continue
        if held[last] <= held[first]:
            labels = kind.fields[last].label, kind.fields[first].label
            return Refused("backwards", f"「{labels[0]}」应晚于「{labels[1]}」。", "", last)
    return None


def _waiting(kind: CaseType, transition: Transition, held: Mapping[str, Any]) -> Refused | None:
    """A pause needs its reason and evidence (the form demands them) and, for some reasons, the bureau's consent."""
    if not transition.target or kind.states[transition.target].phase is not Phase.WAITING:
        return None
    reason = kind.reasons.get(str(held.get("wait_reason", "")))
    if reason is not None and reason.consent and not held.get("wait_consent"):
        return Refused(
            "consent", f"因「{reason.label}」等待须经局方同意。", "请填写同意人和同意的依据。", "wait_consent"
        )
    return None


def _attached(transition: Transition, case: Case) -> Refused | None:
    if case.attachments < transition.attachments:
        lacking = transition.attachments - case.attachments
        return Refused("attachments", f"还缺少 {lacking} 份附件，不能{transition.label}。", "请先上传附件。")
    return None


def local_day(at: int) -> date:
    """Return the day in China on which an instant lies."""
    return datetime.fromtimestamp(at, UTC).astimezone(CHINA).date()


def months_later(day: date, months: int) -> date:
    """Return the same day so many months later, or that month's last day (一个月的计算).

    >>> months_later(date(2026, 1, 31), 1)
    datetime.date(2026, 2, 28)
    """
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    for last in range(day.day, 27, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue  # the month is shorter
    return date(year, month + 1, min(day.day, 28))


def offered(kind: CaseType, case: Case, roles: frozenset[str]) -> list[Transition]:
    """Return the steps that somebody with these roles may try now (可办操作), in the order of the type.

    A step whose condition fails, and whose form cannot change that, is not offered: it is another kind's.
    """
    return [
        step
        for step in kind.transitions.values()
        if case.state in step.source
        and roles & set(step.roles)
        and all(
            meets(condition, case.data) or any(asked.code == condition.field for asked in step.asks)
            for condition in step.when
        )
    ]
