"""Whether a case type holds together (类型校验): what it refers to exists, states are reached and left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .model import PICK_UP, Asked, CaseType, ClockSpec, FieldKind, Phase, Transition

Problem = tuple[str, str]
"""`(path in the file, what is wrong)`."""

WAIT = ("wait_reason", "wait_evidence", "wait_consent")
"""Fields that every waiting state asks for: why, what shows it, which person of the bureau agreed."""


def check_type(kind: CaseType, calendars: Sequence[str]) -> list[Problem]:
    """Return what is wrong with a type, in the order of the file; nothing when it holds together."""
    return [*_head(kind), *_fields(kind), *_transitions(kind), *_reach(kind), *_clocks(kind, calendars)]


def _head(kind: CaseType) -> Iterator[Problem]:
    if kind.initial not in kind.states:
        yield "initial", f"没有状态「{kind.initial}」。"
    if not kind.prefix.isascii() or not kind.prefix.isalpha() or not kind.prefix.isupper():
        yield "prefix", "编号前缀应是大写英文字母。"
    if not kind.openers:
        yield "openers", "没有写明谁可以发起。"
    yield from _form(kind, kind.opening, "opening")


def _form(kind: CaseType, asks: Sequence[Asked], where: str) -> Iterator[Problem]:
    for asked in asks:
        if asked.code not in kind.fields:
            yield where, f"没有字段「{asked.code}」。"


def _fields(kind: CaseType) -> Iterator[Problem]:
    listed = {FieldKind.CHOICE, FieldKind.MULTI, FieldKind.CHECKLIST}
    for number, field in enumerate(kind.fields.values(), 1):
        if field.kind in listed and not field.options:
            yield f"field[{number}].options", f"「{field.label}」没有选项。"
        if field.kind not in listed and field.options:
            yield f"field[{number}].options", f"「{field.label}」不是选择字段。"


def _transitions(kind: CaseType) -> Iterator[Problem]:
    steps = {"open", *kind.transitions}
    for number, step in enumerate(kind.transitions.values(), 1):
        where = f"transition[{number}]"
        yield from _ends(kind, step, where)
        if not step.roles:
            yield f"{where}.by", f"「{step.label}」没有写明谁可以办。"
        for name in (*step.not_by, *step.after):
            if name not in steps:
                yield where, f"「{step.label}」引用了没有的步骤「{name}」。"
        for name in step.approved:
            if name not in kind.transitions or not kind.transitions[name].votes:
                yield f"{where}.approved", f"「{name}」不是审批步骤。"
        yield from _form(kind, step.asks, f"{where}.form")
        named = [c.field for c in step.when] + list(step.covers) + list(step.inside or ())
        named += [pair[0] for pair in (step.not_before, step.ahead) if pair]
        for name in named:
            if name not in kind.fields:
                yield where, f"「{step.label}」引用了没有的字段「{name}」。"
        if step.votes < 0 or step.attachments < 0:
            yield where, "人数和附件数不能为负。"


def _ends(kind: CaseType, step: Transition, where: str) -> Iterator[Problem]:
    if not step.source:
        yield f"{where}.from", f"「{step.label}」没有起始状态。"
    for code in (*step.source, *([step.target] if step.target else [])):
        if code not in kind.states:
            yield where, f"「{step.label}」引用了没有的状态「{code}」。"
    if step.target in kind.states and kind.states[step.target].phase is Phase.WAITING:
        asked = {a.code: a.required for a in step.asks}
        if not asked.get("wait_reason") or not asked.get("wait_evidence") or "wait_consent" not in asked:
            yield (
                f"{where}.form",
                "进入等待状态要填写原因和依据：wait_reason!、wait_evidence!、wait_consent。",
            )
        if not all(kind.fields[code].each for code in WAIT if code in kind.fields):
            yield "field", "wait_reason、wait_evidence、wait_consent 应每次重新填写（each = true）。"
        if "wait_reason" in kind.fields:
            codes = {code for code, _ in kind.fields["wait_reason"].options}
            if codes != set(kind.reasons):
                yield f"{where}.form", "wait_reason 的选项应与 reason 一致。"


def _reach(kind: CaseType) -> Iterator[Problem]:
    """Every state is reached from the first, and from every state an end is reached."""
    onward: dict[str, set[str]] = {code: set() for code in kind.states}
    for step in kind.transitions.values():
        for code in step.source:
            if code in onward and step.target in onward:
                onward[code].add(step.target)
    seen = _closure({kind.initial} & set(onward), onward)
    for code in kind.states:
        if code not in seen:
            yield "state", f"状态「{code}」到不了。"
    back: dict[str, set[str]] = {code: set() for code in kind.states}
    for code, targets in onward.items():
        for target in targets:
            back[target].add(code)
    ends = {code for code, state in kind.states.items() if state.phase is Phase.CLOSED}
    if not ends:
        yield "state", "没有办结状态。"
    leaving = _closure(ends, back)
    for code in kind.states:
        if ends and code not in leaving:
            yield "state", f"从状态「{code}」办不结。"


def _closure(start: set[str], onward: dict[str, set[str]]) -> set[str]:
    seen = set(start)
    todo = list(start)
    while todo:
        for code in onward[todo.pop()] - seen:
            seen.add(code)
            todo.append(code)
    return seen


def _clocks(kind: CaseType, calendars: Sequence[str]) -> Iterator[Problem]:
    steps = {"open", PICK_UP, *kind.transitions}
    for number, clock in enumerate(kind.clocks, 1):
        where = f"clock[{number}]"
        for name in (*clock.starts, *clock.stops, *clock.resumes, *clock.renews):
            if name not in steps:
                yield where, f"「{clock.label}」引用了没有的步骤「{name}」。"
        if not clock.starts or not clock.stops:
            yield where, f"「{clock.label}」没有开始或结束。"
        if not clock.rules:
            yield f"{where}.rule", f"「{clock.label}」没有时限。"
        yield from _limits(kind, clock, where, calendars)
        for reason in clock.reasons:
            if reason not in kind.reasons:
                yield f"{where}.pause", f"没有等待原因「{reason}」。"
    for condition in kind.urgent_when:
        if condition.field not in kind.fields:
            yield "urgent_when", f"没有字段「{condition.field}」。"


def _limits(kind: CaseType, clock: ClockSpec, where: str, calendars: Sequence[str]) -> Iterator[Problem]:
    for n, rule in enumerate(clock.rules, 1):
        if rule.calendar not in calendars:
            yield f"{where}.rule[{n}].calendar", f"没有工作日历「{rule.calendar}」。"
        for condition in rule.when:
            if condition.field not in kind.fields:
                yield f"{where}.rule[{n}].when", f"没有字段「{condition.field}」。"
