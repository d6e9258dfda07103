"""Reading a case type from TOML (事项类型文件): every mistake is named with the file and the place in it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from taxops.engines.base import BadInput
from taxops.engines.crypto import sm3
from taxops.engines.worktime import shipped_names

from .checking import check_type
from .model import (
    Asked,
    CaseType,
    ClockRule,
    ClockSpec,
    Condition,
    Field,
    FieldKind,
    Phase,
    Rung,
    State,
    Transition,
    WaitReason,
)

_SPAN = re.compile(r"(\d+)\s*(s|m|h|d)")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_CODE = re.compile(r"[a-z][a-z0-9_]*")


class _Place:
    """A table of the file with its path, so that errors can say where."""

    def __init__(self, file: str, path: str, table: Mapping[str, Any]) -> None:
        self.file, self.path, self.table = file, path, table
        self.seen: set[str] = set()

    def wrong(self, name: str, what: str, todo: str = "") -> BadInput:
        where = f"{self.path}.{name}" if name else self.path
        return BadInput(f"事项类型文件「{self.file}」的 {where.strip('.')}：{what}", todo)

    def take(self, name: str, kind: type | tuple[type, ...], default: Any = None) -> Any:
        self.seen.add(name)
        if name not in self.table:
            if default is None:
                raise self.wrong(name, "缺少这一项。")
            return default
        value = self.table[name]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
            raise self.wrong(name, f"「{value}」的类型不对。")
        return value

    def text(self, name: str, default: str | None = None) -> str:
        return str(self.take(name, str, default)).strip()

    def code(self, name: str = "code") -> str:
        found = self.text(name)
        if not _CODE.fullmatch(found):
            raise self.wrong(name, f"「{found}」不是代码。", "用小写英文字母、数字和下划线。")
        return found

    def texts(self, name: str) -> tuple[str, ...]:
        found = self.take(name, list, [])
        if not all(isinstance(item, str) for item in found):
            raise self.wrong(name, "应是文字列表。")
        return tuple(found)

    def tables(self, name: str) -> list[_Place]:
        found = self.take(name, list, [])
        if not all(isinstance(item, dict) for item in found):
            raise self.wrong(name, "应是表的列表。")
        return [_Place(self.file, f"{self.path}.{name}[{n}]".strip("."), t) for n, t in enumerate(found, 1)]

    def pair(self, name: str, second: type) -> Any:
        found = self.take(name, list, [])
        if not found:
            return None
        if len(found) != 2 or not isinstance(found[0], str) or not isinstance(found[1], second):
            raise self.wrong(name, "应写作两项。")
        return (found[0], found[1])

    def done(self) -> None:
        unknown = sorted(set(self.table) - self.seen)
        if unknown:
            raise self.wrong(unknown[0], "不认识的项。", f"可用的有：{'、'.join(sorted(self.seen))}。")

    def member(self, name: str, kind: type[Any], default: str | None = None) -> Any:
        found = self.text(name, default)
        try:
            return kind(found)
        except ValueError:
            known = "、".join(m.value for m in kind)
            raise self.wrong(name, f"「{found}」不认识。", f"可用的有：{known}。") from None


def _span(place: _Place, name: str) -> int:
    """Return seconds of `30m`, `2h`, `3d`."""
    text = place.text(name)
    found = _SPAN.fullmatch(text)
    if not found or int(found[1]) == 0:
        raise place.wrong(name, f"「{text}」不是时长。", "写作 30m、2h 或 3d。")
    return int(found[1]) * _UNITS[found[2]]


def _conditions(place: _Place, name: str) -> tuple[Condition, ...]:
    found = place.take(name, dict, {})
    conditions = []
    for field, value in found.items():
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(item, str | bool) for item in values):
            raise place.wrong(f"{name}.{field}", "应是文字、是否，或它们的列表。")
        conditions.append(Condition(field, tuple(as_word(item) for item in values)))
    return tuple(conditions)


def as_word(value: object) -> str:
    """Return a value as conditions compare it: yes and no for booleans, nothing for what is not there."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _asks(place: _Place, name: str) -> tuple[Asked, ...]:
    """Return a form from `["note!", "cause"]`: an exclamation mark demands the field."""
    return tuple(Asked(text.rstrip("!"), text.endswith("!")) for text in place.texts(name))


def _field(place: _Place) -> Field:
    options = []
    for item in place.take("options", list, []):
        if not isinstance(item, list) or len(item) != 2 or not all(isinstance(part, str) for part in item):
            raise place.wrong("options", "每个选项写作 [代码, 名称]。")
        options.append((item[0], item[1]))
    field = Field(
        code=place.code(),
        label=place.text("label"),
        kind=place.member("kind", FieldKind, "text"),
        options=tuple(options),
        help=place.text("help", ""),
        unit=place.text("unit", ""),
        minimum=place.take("min", int, -1) if "min" in place.table else None,
        maximum=place.take("max", int, -1) if "max" in place.table else None,
        each=place.take("each", bool, False),
    )
    place.done()
    return field


def _transition(place: _Place) -> Transition:
    transition = Transition(
        code=place.code(),
        label=place.text("label"),
        source=place.texts("from"),
        target=place.text("to", ""),
        roles=place.texts("by"),
        not_by=place.texts("not_by"),
        asks=_asks(place, "form"),
        after=place.texts("after"),
        when=_conditions(place, "when"),
        attachments=place.take("attachments", int, 0),
        votes=place.take("votes", int, 0),
        covers=place.texts("covers"),
        approved=place.texts("approved"),
        inside=place.pair("inside", str),
        not_before=place.pair("not_before", int),
        ahead=place.pair("ahead", int),
        reopens=place.take("reopens", bool, False),
        fresh_role=place.take("fresh_role", bool, False),
        effect=place.text("effect", ""),
        style=place.text("style", "plain"),
        help=place.text("help", ""),
    )
    place.done()
    return transition


def _clock(place: _Place) -> ClockSpec:
    rules = []
    for row in place.tables("rule"):
        rules.append(
            ClockRule(
                when=_conditions(row, "when"),
                target_seconds=_span(row, "target"),
                calendar=row.text("calendar"),
                strict=row.take("strict", bool, False),
            )
        )
        row.done()
    clock = ClockSpec(
        code=place.code(),
        label=place.text("label"),
        rules=tuple(rules),
        starts=place.texts("start"),
        stops=place.texts("stop"),
        resumes=place.texts("resume"),
        reasons=place.texts("pause"),
        begins_next_day=place.take("begins_next_day", bool, False),
        escalates=place.take("escalates", bool, True),
        source=place.text("source", ""),
        renews=place.texts("renew"),
        from_entry=place.take("from_entry", bool, False),
        ladder=_ladder(place),
        inner=place.take("inner", bool, False),
    )
    place.done()
    return clock


def _ladder(place: _Place) -> tuple[Rung, ...]:
    return tuple(sorted((_rung(p) for p in place.tables("ladder")), key=lambda rung: rung.percent))


def _keyed(places: Sequence[_Place], read: Callable[[_Place], Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for place in places:
        thing = read(place)
        if thing.code in found:
            raise place.wrong("code", f"「{thing.code}」出现了两次。")
        found[thing.code] = thing
    return found


def _state(place: _Place) -> State:
    state = State(place.code(), place.text("label"), place.member("phase", Phase))
    place.done()
    return state


def _reason(place: _Place) -> WaitReason:
    reason = WaitReason(place.code(), place.text("label"), place.take("consent", bool, False))
    place.done()
    return reason


def _rung(place: _Place) -> Rung:
    rung = Rung(place.take("percent", int), place.text("to"))
    if rung.percent <= 0:
        raise place.wrong("percent", "应是正整数。")
    place.done()
    return rung


def read_type(text: str, file: str, *, calendars: Sequence[str] | None = None) -> CaseType:
    """Return the case type that a TOML file describes (读入事项类型).

    Args:
        file: its name, for messages.
        calendars: names of calendars that there are; default: the shipped ones.

    Raises:
        BadInput: anything is missing, unknown, doubled or refers to what is not there; says where.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"事项类型文件「{file}」不是合法的 TOML：{error}。") from error
    place = _Place(file, "", table)
    kind = CaseType(
        code=place.code(),
        label=place.text("label"),
        prefix=place.text("prefix"),
        source=place.text("source"),
        initial=place.text("initial"),
        states=_keyed(place.tables("state"), _state),
        fields=_keyed(place.tables("field"), _field),
        opening=_asks(place, "opening"),
        openers=place.texts("openers"),
        transitions=_keyed(place.tables("transition"), _transition),
        clocks=tuple(_keyed(place.tables("clock"), _clock).values()),
        ladder=_ladder(place),
        reasons=_keyed(place.tables("reason"), _reason),
        urgent_when=_conditions(place, "urgent_when"),
        queue=place.text("queue", ""),
        help=place.text("help", ""),
        digest=sm3(text.encode()),
    )
    place.done()
    problems = check_type(kind, shipped_names() if calendars is None else calendars)
    if problems:
        where, what = problems[0]
        raise place.wrong(where, what)
    return kind
