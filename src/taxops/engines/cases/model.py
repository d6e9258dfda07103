"""The nouns of a case type (事项类型) and of a case (事项), as data; nothing here decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from taxops.engines.base import Choices

PICK_UP = "pick_up"
"""Pseudo step (领取): somebody takes the case for himself; a clock may start or stop with it."""


class Phase(Choices):
    """Where in its life a case stands (阶段), whatever its type calls the state."""

    OPEN = "open", "办理中"
    WAITING = "waiting", "等待中"
    DONE = "done", "已处理"
    CLOSED = "closed", "已办结"


class FieldKind(Choices):
    """What a field of a form holds (字段类型)."""

    TEXT = "text", "文字"
    LONG = "long", "长文字"
    INT = "int", "整数"
    MONEY = "money", "金额"
    BOOL = "bool", "是否"
    DATE = "date", "日期"
    INSTANT = "instant", "时间"
    CHOICE = "choice", "单选"
    MULTI = "multi", "多选"
    CHECKLIST = "checklist", "核对表"
    PERSON = "person", "人员"


@dataclass(frozen=True, slots=True)
class State:
    """A state of a type (状态)."""

    code: str
    label: str
    phase: Phase


@dataclass(frozen=True, slots=True)
class Field:
    """A typed field of a type (字段).

    Args:
        options: `(code, label)` of a choice, multi or checklist.
        minimum: least value of an int.
        maximum: greatest value of an int, greatest length of a text.
        each: belongs to the step it is asked in (原因、意见): it is given anew each time, never taken from before.
    """

    code: str
    label: str
    kind: FieldKind
    options: tuple[tuple[str, str], ...] = ()
    help: str = ""
    unit: str = ""
    minimum: int | None = None
    maximum: int | None = None
    each: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A field as one form asks for it (表单项)."""

    code: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison with the case's data (条件): the field's value is one of `values`; none: the field is empty."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Transition:
    """A step from one state to another (流转), with everything that must hold before it.

    Args:
        source: states it starts from.
        target: the state it leads to; empty: the state stays.
        roles: any one of these must be held.
        not_by: neither the person who did one of these steps (`open`: the requester) may take it.
        asks: the form.
        after: steps that must have been taken since the case was last reopened.
        when: conditions on the data, all of which hold.
        attachments: how many attachments the case needs.
        votes: how many different people must take it before it counts (审批人数).
        covers: fields a vote is about; when one changes, the vote is void (审批失效).
        approved: votings that must stand and still cover the data as it is.
        inside: `(from field, to field)` between which the step must be taken.
        not_before: `(field, days)`: the step may be taken from the field's instant plus days on.
        ahead: `(field, months)`: the field's date lies at least so many months after the step.
        reopens: whether it takes the case back from done or closed.
        fresh_role: whether the role is read again at the very moment (授权即时核验).
        effect: `deadline` (批准的期限: fields clock, deadline_at) and `correct` (补记暂停: fields clock,
            pause_from, pause_to) move clocks; any other name is for the room, the engine does nothing.
    """

    code: str
    label: str
    source: tuple[str, ...]
    target: str
    roles: tuple[str, ...]
    not_by: tuple[str, ...] = ()
    asks: tuple[Asked, ...] = ()
    after: tuple[str, ...] = ()
    when: tuple[Condition, ...] = ()
    attachments: int = 0
    votes: int = 0
    covers: tuple[str, ...] = ()
    approved: tuple[str, ...] = ()
    inside: tuple[str, str] | None = None
    not_before: tuple[str, int] | None = None
    ahead: tuple[str, int] | None = None
    reopens: bool = False
    fresh_role: bool = False
    effect: str = ""
    style: str = "plain"
    help: str = ""


@dataclass(frozen=True, slots=True)
class ClockRule:
    """The limit that holds while its conditions do (时限规则行): the first row that fits counts."""

    when: tuple[Condition, ...]
    target_seconds: int
    calendar: str
    strict: bool


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the escalation ladder (升级): at this part of the limit these are told."""

    percent: int
    to: str


@dataclass(frozen=True, slots=True)
class ClockSpec:
    """A clock of a type (时限): which events move it, which limit it has.

    Args:
        starts: steps that start it (`open`: the opening).
        stops: steps that stop it; whatever closes the case stops it too.
        resumes: steps that let a stopped clock go on (重开).
        reasons: reasons for waiting that pause it; empty: it cannot pause.
        begins_next_day: counts whole legal days, the day of the start excluded (民法典第二百零一条).
        escalates: whether a ladder follows it.
        renews: steps after which the next start begins it anew (a fault that came back); a breach stays.
        from_entry: counts from when the start was entered, not from the fact: nobody can take what nobody knows.
        ladder: its own rungs instead of the type's; a clock with its own tells nobody once it has stopped.
        inner: agreed among ourselves (内部约定): going over it does not make the case 超时.
        source: the clause.
    """

    code: str
    label: str
    rules: tuple[ClockRule, ...]
    starts: tuple[str, ...]
    stops: tuple[str, ...]
    resumes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    begins_next_day: bool = False
    escalates: bool = True
    source: str = ""
    renews: tuple[str, ...] = ()
    from_entry: bool = False
    ladder: tuple[Rung, ...] = ()
    inner: bool = False


@dataclass(frozen=True, slots=True)
class WaitReason:
    """A reason to wait (等待原因), and whether the bureau must have agreed to it."""

    code: str
    label: str
    consent: bool


@dataclass(frozen=True, slots=True)
class CaseType:
    """A kind of case (事项类型), all of it data.

    Args:
        digest: of the source text, so that a case can name the very rules it was opened under.
        urgent_when: cases for which notices are not held until the calendar opens.
    """

    code: str
    label: str
    prefix: str
    source: str
    initial: str
    states: Mapping[str, State]
    fields: Mapping[str, Field]
    opening: tuple[Asked, ...]
    openers: tuple[str, ...]
    transitions: Mapping[str, Transition]
    clocks: tuple[ClockSpec, ...] = ()
    ladder: tuple[Rung, ...] = ()
    reasons: Mapping[str, WaitReason] = field(default_factory=dict)
    urgent_when: tuple[Condition, ...] = ()
    queue: str = ""
    digest: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts (办理人), with the roles he holds where the case lies. `id` is None for the platform."""

    id: int | None
    name: str
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a case's history (事件): `at` time of fact, `entered_at` time of entry, both UTC seconds.

    Kinds: open, move, vote, edit, assign, policy, note, attach. `seq` is the order of entry.
    """

    seq: int
    kind: str
    at: int
    entered_at: int
    actor_id: int | None
    actor_name: str
    data: Mapping[str, Any]
    key: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a step is not taken (不予办理): a code, what is wrong, what to do, the field it belongs to."""

    code: str
    what: str
    todo: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class Vote:
    """One person's agreement (同意), with the digest of what it was about."""

    actor_id: int | None
    actor_name: str
    at: int
    digest: str


@dataclass(frozen=True, slots=True)
class Case:
    """What the history comes to (事项现状)."""

    type: str
    state: str
    data: Mapping[str, Any]
    opened_at: int
    last_seq: int
    steps: tuple[Event, ...]
    """Openings and moves in the order of fact; withdrawn ones left out."""
    done_by: Mapping[str, frozenset[int | None]]
    """Step → people who took it, of the whole history."""
    since_reopen: frozenset[str]
    votes: Mapping[str, tuple[Vote, ...]]
    assignee: int | None
    queue: str
    policy: str
    attachments: int
    reopened: int
    keys: frozenset[str]
