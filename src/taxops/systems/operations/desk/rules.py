"""Decisions of the desk. Pure: reading a pasted conversation, what an opening form must hold."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from taxops.engines.base import CHINA, BadInput

from .words import Channel, Kind, Urgency

LONGEST = 50_000
_INCIDENT = {Urgency.DAILY: "L4", Urgency.NORMAL: "L3", Urgency.HIGH: "L2"}
_GREETING = re.compile(
    r"^(?:您好|你好|在吗|在不在|老师好?|请问|hi|hello|嗯+|哦+|好的?|谢谢)[，,。.！!？?~\s]*", re.IGNORECASE
)

# 2026-06-01 09:12:33 | 2026/6/1 9:12 | 6月1日 9:12 | 06-01 09:12 | 昨天 09:12 | 09:12
_DATE = r"(?:(?P<y>20\d\d)[-/年.])?(?P<m>\d{1,2})[-/月.](?P<d>\d{1,2})日?"
_CLOCK = r"(?P<H>\d{1,2})[:：](?P<M>\d{2})(?:[:：](?P<S>\d{2}))?"
_WHEN = (
    rf"(?:(?:{_DATE}|(?P<word>今天|昨天|前天))\s*(?:星期.|周.)?\s*)?"
    rf"(?P<half>上午|下午|晚上|中午|凌晨)?\s*{_CLOCK}"
)
_NAME = r"(?P<name>[^\s:：()（）<>\[\]【】]{1,30})(?:[(（<](?P<account>[\w.@-]{1,40})[)）>])?"
_HEADS = (
    re.compile(rf"^{_NAME}\s+{_WHEN}\s*[:：]?\s*(?P<rest>)$"),
    re.compile(rf"^[\[【]?{_WHEN}[\]】]?\s+{_NAME}\s*[:：]?\s*(?P<rest>)$"),
    re.compile(rf"^{_NAME}\s+{_WHEN}\s*[:：]\s*(?P<rest>\S.*)$"),
    re.compile(rf"^[\[【]?{_WHEN}[\]】]?\s+{_NAME}\s*[:：]\s*(?P<rest>\S.*)$"),
)
_BARE = re.compile(rf"^{_NAME}[:：]\s*(?P<rest>.*)$")


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation (消息)."""

    name: str
    at: datetime | None
    text: str
    account: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A pasted conversation as it was understood (对话).

    Args:
        requester: the first who writes and is none of ours.
        asked_at: when that person first wrote; None when no time stands there.
        title: the first sentence that says something.
        channel: QQ when numbers stand behind names, else 微信.
    """

    messages: tuple[Message, ...] = ()
    requester: str = ""
    asked_at: datetime | None = None
    title: str = ""
    channel: str = Channel.WECHAT.value
    contact: str = ""


def read_conversation(text: str, *, now: datetime, staff: Collection[str] = ()) -> Conversation:
    """Return what a conversation copied from 微信 or QQ says; text before the first head belongs to nobody.

    Args:
        now: resolves 昨天 and dates without a year; nothing it finds lies later.
        staff: names of our people, who answer and do not ask.

    Raises:
        BadInput: nothing was pasted, or far too much.
    """
    if not text.strip():
        raise BadInput("请粘贴对话内容。", field="conversation")
    if len(text) > LONGEST:
        raise BadInput(
            f"对话超过 {LONGEST} 字。", "请只粘贴有关的部分，其余作为附件上传。", field="conversation"
        )
    found: list[tuple[str, datetime | None, str, list[str]]] = []
    day = now.astimezone(CHINA)
    for line in (raw.strip().strip("\u200b\ufeff") for raw in text.replace("\r", "").split("\n")):
        head = _head(line, day)
        if head is not None:
            name, at, account, rest = head
            found.append((name, at, account, [rest] if rest else []))
        elif line and found:
            found[-1][3].append(line)
        elif line:
            found.append(("", None, "", [line]))
    messages = tuple(Message(n, at, "\n".join(lines), account) for n, at, account, lines in found)
    ours = set(staff)
    asking = [m for m in messages if m.name and m.name not in ours]
    first = asking[0] if asking else None
    theirs = [m for m in asking if first and m.name == first.name] or [
        m for m in messages if m.name not in ours
    ]
    return Conversation(
        messages,
        first.name if first else "",
        next((m.at for m in theirs if m.at is not None), None),
        title_of([m.text for m in theirs]),
        Channel.QQ.value if any(m.account.isdigit() for m in messages) else Channel.WECHAT.value,
        first.account if first else "",
    )


def _head(line: str, day: datetime) -> tuple[str, datetime | None, str, str] | None:
    """Return name, time, account and what follows when a line begins a message."""
    for pattern in _HEADS:
        m = pattern.match(line)
        if m is not None:
            at = _instant(m, day)
            if at is not None:
                return m["name"].strip("@"), at, m["account"] or "", m["rest"]
    m = _BARE.match(line)
    if m is not None and not re.search(r"\d$|^https?$", m["name"]) and (not m["rest"] or len(m["name"]) <= 8):
        return m["name"].strip("@"), None, m["account"] or "", m["rest"]
    return None


def _instant(m: re.Match[str], day: datetime) -> datetime | None:
    """Return the time of a head; a day without a year is the latest that is not in the future."""
    hour, minute, second = int(m["H"]), int(m["M"]), int(m["S"] or 0)
    if m["half"] in {"下午", "晚上"} and hour < 12:
        hour += 12
    try:
        if m["m"]:
            at = datetime(
                int(m["y"] or day.year), int(m["m"]), int(m["d"]), hour, minute, second, tzinfo=CHINA
            )
            if not m["y"] and at > day + timedelta(minutes=5):
                at = at.replace(year=day.year - 1)
        else:
            back = {"昨天": 1, "前天": 2}.get(m["word"] or "", 0)
            at = day.replace(hour=hour, minute=minute, second=second, microsecond=0) - timedelta(days=back)
            if not m["word"] and at > day + timedelta(minutes=5):
                at -= timedelta(days=1)
    except ValueError:
        return None
    return at


def title_of(texts: Collection[str]) -> str:
    """Return the first sentence that says something: greetings and pictures say nothing.

    >>> title_of(["您好，在吗", "[图片]", "红字信息表传不上去，提示 E1024。麻烦看看"])
    '红字信息表传不上去，提示 E1024'
    """
    for text in texts:
        rest = re.sub(r"\[[^\]]{1,8}\]|https?://\S+", "", text).strip()
        while True:
            shorter = _GREETING.sub("", rest, count=1)
            if shorter == rest:
                break
            rest = shorter
        sentence = re.split(r"[。！!？?\n]", rest, maxsplit=1)[0].strip(" ，,")
        if len(sentence) >= 4:
            return sentence[:80]
    return ""


def opening(values: Mapping[str, object]) -> dict[str, object]:
    """Return the opening form of the case type that the desk's values stand for.

    Raises:
        BadInput: the type needs a value that is missing.
    """
    kind = str(values["type_code"])
    if kind not in {k.value for k in Kind}:
        raise BadInput("没有这种受理类型。", field="type_code")
    names = ["title", "description", "requester", "contact", "channel", "system"]
    data: dict[str, object] = {n: values[n] for n in names if values.get(n)}
    urgency = Urgency(str(values.get("urgency") or Urgency.NORMAL))
    if kind == Kind.REQUEST:
        data |= {"level": urgency.value, "kind": "question"}
    elif kind == Kind.INCIDENT:
        data["level"] = _INCIDENT[urgency]
    elif kind == Kind.FIELD:
        data["kind"] = "fault"
        if not values.get("hall"):
            raise BadInput("现场服务请填写办税服务厅。", field="hall")
        data["hall"] = values["hall"]
    if kind in {Kind.FIELD, Kind.COMPLAINT}:
        for name, label in (("description", "描述"), ("contact", "联系方式")):
            if not data.get(name):
                raise BadInput(f"{Kind.label_of(kind)}请填写{label}。", field=name)
    if kind == Kind.COMPLAINT:
        data.pop("system", None)
    return data
