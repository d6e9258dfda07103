"""Values of a form (表单值): checked against their fields, in the form in which history keeps them.

Instants are whole UTC seconds, money whole 分, dates ISO text, choices their codes, people their ids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from taxops.engines.base import CHINA, fen_to_yuan
from taxops.engines.crypto import sm3
from taxops.engines.ledger import canonical

from .model import Asked, CaseType, Condition, Field, FieldKind, Refused
from .reading import as_word

_TEXT = 200
_LONG = 20000


def _listed(field: Field, value: object) -> list[str] | Refused:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return _wrong(field, "应是选项的列表。")
    codes = [code for code, _ in field.options]
    unknown = [str(item) for item in value if item not in codes]
    if unknown:
        return _wrong(field, f"没有选项「{unknown[0][:40]}」。")
    return [code for code in codes if code in value]


def _wrong(field: Field, what: str, todo: str = "") -> Refused:
    return Refused("bad_value", f"「{field.label}」{what}", todo, field.code)


def _text(field: Field, value: object) -> str | Refused:
    if not isinstance(value, str):
        return _wrong(field, "应是文字。")
    found = value.strip()
    if "\x00" in found or any("\ud800" <= c <= "\udfff" for c in found):
        return _wrong(field, "含有无法保存的字符。")
    limit = field.maximum or (_LONG if field.kind is FieldKind.LONG else _TEXT)
    if len(found) > limit:
        return _wrong(field, f"最多 {limit} 个字，现有 {len(found)} 个。")
    return found


def _number(field: Field, value: object) -> int | Refused:
    if isinstance(value, bool) or not isinstance(value, int):
        return _wrong(field, "应是整数。")
    if abs(value) > 2**53:
        return _wrong(field, "数字太大。")
    if field.minimum is not None and value < field.minimum:
        return _wrong(field, f"不得小于 {field.minimum}。")
    if field.maximum is not None and value > field.maximum:
        return _wrong(field, f"不得大于 {field.maximum}。")
    return value


def _day(field: Field, value: object) -> str | Refused:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        return _wrong(field, "不是日期。", "写作 2026-06-01。")


def check_value(field: Field, value: object) -> Any:
    """Return a value as history keeps it, None for nothing, or why it is refused."""
    if value is None or value in ("", [], ()):
        return None
    match field.kind:
        case FieldKind.TEXT | FieldKind.LONG:
            return _text(field, value) or None
        case FieldKind.INT | FieldKind.MONEY | FieldKind.INSTANT | FieldKind.PERSON:
            return _number(field, value)
        case FieldKind.BOOL:
            return value if isinstance(value, bool) else _wrong(field, "应是「是」或「否」。")
        case FieldKind.DATE:
            return _day(field, value)
        case FieldKind.CHOICE:
            codes = [code for code, _ in field.options]
            return value if value in codes else _wrong(field, f"没有选项「{str(value)[:40]}」。")
        case _:
            return _listed(field, value) or None


def check_form(
    kind: CaseType, asks: Sequence[Asked], data: Mapping[str, Any], held: Mapping[str, Any]
) -> dict[str, Any] | Refused:
    """Return the values of a form that differ from what is held, or the first thing wrong with it.

    A required field may have been filled earlier, unless it belongs to each step anew. A field that the
    form does not ask for is refused.
    """
    asked = {a.code: a for a in asks}
    for code in data:
        if code not in asked:
            label = kind.fields[code].label if code in kind.fields else code
            return Refused("not_asked", f"这一步不填写「{label}」。", "请刷新页面后重新填写。", code)
    found: dict[str, Any] = {}
    for code, ask in asked.items():
        field = kind.fields[code]
        known = None if field.each else held.get(code)
        value = known
        if code in data:
            value = check_value(field, data[code])
            if isinstance(value, Refused):
                return value
        if value != known or (field.each and (value is not None or code in held)):
            found[code] = value
        if ask.required and value in (None, []):
            return Refused("missing", f"请填写「{field.label}」。", field.help, code)
        if ask.required and field.kind is FieldKind.CHECKLIST:
            left = [label for c, label in field.options if c not in (value or [])]
            if left:
                return Refused(
                    "unchecked", f"「{field.label}」还有 {len(left)} 项未完成：{left[0]}。", "", code
                )
    return found


def meets(condition: Condition, data: Mapping[str, Any]) -> bool:
    """Test whether data fulfil a condition; a condition without values wants the field empty."""
    value = data.get(condition.field)
    words = [as_word(item) for item in value] if isinstance(value, list) else [as_word(value)]
    if not condition.values:
        return words in ([], [""])
    return any(word in condition.values for word in words)


def digest_of(fields: Sequence[str], data: Mapping[str, Any]) -> str:
    """Return the digest of some fields (摘要): what an approval was about."""
    return sm3(canonical({name: data.get(name) for name in fields}).encode())


def shown(field: Field, value: Any) -> str:
    """Return a kept value in words for the reader; instants in China time."""
    if value in (None, [], ""):
        return "—"
    labels = dict(field.options)
    match field.kind:
        case FieldKind.BOOL:
            return "是" if value else "否"
        case FieldKind.CHOICE:
            return labels.get(str(value), str(value))
        case FieldKind.MULTI | FieldKind.CHECKLIST:
            return "、".join(labels.get(str(item), str(item)) for item in value)
        case FieldKind.MONEY:
            return f"{fen_to_yuan(int(value))} 元"
        case FieldKind.INSTANT:
            return datetime.fromtimestamp(int(value), UTC).astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
        case _:
            return f"{value}{field.unit and f' {field.unit}'}"
