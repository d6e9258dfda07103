"""A small case type for tests of the engine, and shorthand for times and people."""

from __future__ import annotations

from taxops.engines.base import parse_instant
from taxops.engines.cases import Actor, CaseType, Event, Refused, decide, open_case, read_type
from taxops.engines.worktime import shipped

TEXT = """
code = "incident"
label = "故障"
prefix = "GZ"
source = "GX:415"
initial = "new"
openers = ["handle", "report"]
opening = ["title!", "level!", "channel"]
queue = "line1"

[[state]]
code = "new"
label = "待受理"
phase = "open"
[[state]]
code = "working"
label = "处理中"
phase = "open"
[[state]]
code = "waiting"
label = "等待"
phase = "waiting"
[[state]]
code = "resolved"
label = "已解决"
phase = "done"
[[state]]
code = "closed"
label = "已办结"
phase = "closed"

[[field]]
code = "title"
label = "标题"
[[field]]
code = "level"
label = "级别"
kind = "choice"
options = [["L1", "一级"], ["L2", "二级"], ["L3", "三级"]]
[[field]]
code = "channel"
label = "渠道"
kind = "choice"
options = [["phone", "电话"], ["web", "网站"]]
[[field]]
code = "cause"
label = "原因"
kind = "long"
[[field]]
code = "why"
label = "说明"
each = true
[[field]]
code = "steps"
label = "核对"
kind = "checklist"
options = [["a", "第一项"], ["b", "第二项"]]
[[field]]
code = "script"
label = "脚本"
kind = "long"
[[field]]
code = "window_start"
label = "窗口开始"
kind = "instant"
[[field]]
code = "window_end"
label = "窗口结束"
kind = "instant"
[[field]]
code = "leave_on"
label = "离岗日期"
kind = "date"
[[field]]
code = "wait_reason"
label = "等待原因"
kind = "choice"
options = [["wait_requester", "等待提出人"], ["wait_vendor", "等待厂商"], ["lunch", "休息"]]
each = true
[[field]]
code = "wait_evidence"
label = "依据"
each = true
[[field]]
code = "wait_consent"
label = "局方同意人"
each = true
[[field]]
code = "clock"
label = "时限"
kind = "choice"
options = [["resolve", "解决"]]
each = true
[[field]]
code = "deadline_at"
label = "批准期限"
kind = "instant"
each = true
[[field]]
code = "pause_from"
label = "暂停开始"
kind = "instant"
each = true
[[field]]
code = "pause_to"
label = "暂停结束"
kind = "instant"
each = true

[[reason]]
code = "wait_requester"
label = "等待提出人"
[[reason]]
code = "wait_vendor"
label = "等待厂商"
consent = true
[[reason]]
code = "lunch"
label = "休息"

[[transition]]
code = "accept"
label = "受理"
from = ["new"]
to = "working"
by = ["handle"]
[[transition]]
code = "wait"
label = "等待"
from = ["working"]
to = "waiting"
by = ["handle"]
form = ["wait_reason!", "wait_evidence!", "wait_consent"]
[[transition]]
code = "continue"
label = "继续处理"
from = ["waiting"]
to = "working"
by = ["handle"]
[[transition]]
code = "relevel"
label = "调整级别"
from = ["new", "working", "waiting"]
by = ["handle"]
form = ["level!", "why!"]
[[transition]]
code = "allow"
label = "批准期限"
from = ["working"]
by = ["approve"]
form = ["clock!", "deadline_at!"]
effect = "deadline"
[[transition]]
code = "correct"
label = "补记暂停"
from = ["working", "resolved"]
by = ["approve"]
form = ["clock!", "pause_from!", "pause_to!"]
effect = "correct"
[[transition]]
code = "draft"
label = "提交脚本"
from = ["working"]
by = ["handle"]
form = ["script!", "window_start!", "window_end!"]
[[transition]]
code = "agree"
label = "审批脚本"
from = ["working"]
by = ["approve"]
not_by = ["open", "draft"]
votes = 2
covers = ["script"]
[[transition]]
code = "execute"
label = "执行脚本"
from = ["working"]
by = ["handle", "approve"]
not_by = ["agree", "open"]
approved = ["agree"]
inside = ["window_start", "window_end"]
[[transition]]
code = "resolve"
label = "解决"
from = ["working"]
to = "resolved"
by = ["handle"]
form = ["cause!", "steps"]
[[transition]]
code = "leave"
label = "离岗"
from = ["working"]
by = ["handle"]
form = ["leave_on!"]
ahead = ["leave_on", 1]
[[transition]]
code = "close"
label = "办结"
from = ["resolved"]
to = "closed"
by = ["handle"]
form = ["steps!"]
attachments = 1
after = ["resolve"]
[[transition]]
code = "reopen"
label = "重开"
from = ["resolved", "closed"]
to = "working"
by = ["handle", "report"]
form = ["why!"]
reopens = true

[[clock]]
code = "resolve"
label = "解决时限"
start = ["open"]
stop = ["resolve"]
resume = ["reopen"]
pause = ["wait_requester", "wait_vendor"]
source = "GX:463"
[[clock.rule]]
when = { level = ["L1"] }
target = "30m"
calendar = "always"
[[clock.rule]]
when = { level = ["L2"] }
target = "2h"
calendar = "onsite7x12"
strict = true
[[clock.rule]]
target = "4h"
calendar = "onsite7x12"
strict = true

[[clock]]
code = "report"
label = "报告时限"
start = ["resolve"]
stop = ["close"]
begins_next_day = true
escalates = false
[[clock.rule]]
target = "3d"
calendar = "legal_working_days"

[[ladder]]
percent = 50
to = "assignee"
[[ladder]]
percent = 100
to = "bureau"
"""

KIND: CaseType = read_type(TEXT, "incident.toml")
ANN = Actor(1, "安", frozenset({"handle"}))
BEN = Actor(2, "本", frozenset({"approve"}))
CAI = Actor(3, "蔡", frozenset({"approve"}))
DAN = Actor(4, "丹", frozenset({"handle"}))
CUSTOMER = Actor(5, "客", frozenset({"report"}))


def at(text: str) -> int:
    """Return UTC seconds of `06-01 11:00` in 2026, China time."""
    return int(parse_instant(f"2026-{text}").timestamp())


calendars = shipped


def opened(when: str, level: str = "L2", actor: Actor = CUSTOMER) -> list[Event]:
    """Return the history of a case opened then."""
    events = open_case(KIND, actor, {"title": "不能受理", "level": level}, at=at(when), entered_at=at(when))
    assert not isinstance(events, Refused), events
    return events


def take(
    history: list[Event],
    step: str,
    when: str,
    actor: Actor = ANN,
    entered: str = "",
    key: str = "",
    **data: object,
) -> list[Event]:
    """Return the history after a step that is expected to be taken."""
    found = attempt(history, step, when, actor, entered, key, **data)
    assert not isinstance(found, Refused), found
    return [*history, *found]


def attempt(
    history: list[Event],
    step: str,
    when: str,
    actor: Actor = ANN,
    entered: str = "",
    key: str = "",
    **data: object,
) -> list[Event] | Refused:
    """Return what a step adds, or its refusal."""
    return decide(KIND, history, step, actor, data, at=at(when), entered_at=at(entered or when), key=key)
