"""Schemas of asset types (资产属性定义): which fields there are, and whether a value fits."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Any
from urllib.parse import urlsplit

from taxops.engines.base import BadInput, Choices

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_MAX_TEXT, _MAX_LONG, _MAX_FIELDS = 200, 4000, 60


class FieldKind(Choices):
    """The sorts of attributes (属性类型)."""

    TEXT = "text", "单行文字"
    LONG = "long", "多行文字"
    INTEGER = "integer", "整数"
    NUMBER = "number", "数字"
    DATE = "date", "日期"
    YES_NO = "yes_no", "是/否"
    CHOICE = "choice", "选项"
    IP = "ip", "IP 地址"
    URL = "url", "网址"


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute of an asset type (属性)."""

    name: str
    label: str
    kind: str = FieldKind.TEXT.value
    required: bool = False
    choices: tuple[str, ...] = ()
    unit: str = ""
    min: float | None = None
    max: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the field as it is kept, defaults left out."""
        kept: dict[str, Any] = {"name": self.name, "label": self.label, "kind": self.kind}
        if self.required:
            kept["required"] = True
        if self.choices:
            kept["choices"] = list(self.choices)
        if self.unit:
            kept["unit"] = self.unit
        if self.min is not None:
            kept["min"] = self.min
        if self.max is not None:
            kept["max"] = self.max
        return kept


def read_fields(raw: Sequence[Mapping[str, Any]]) -> list[Field]:
    """Return the fields of a kept schema."""
    return [Field(**{**item, "choices": tuple(item.get("choices", ()))}) for item in raw]


def check_fields(fields: Sequence[Field]) -> None:
    """Do nothing when the fields make a schema.

    Raises:
        BadInput: a name is wrong or doubled, a kind unknown, a choice without options, limits crossed.
    """
    if len(fields) > _MAX_FIELDS:
        raise BadInput(f"一个资产类型最多 {_MAX_FIELDS} 个属性。", "请拆分为几个类型。")
    names, labels = [f.name for f in fields], [f.label for f in fields]
    for field in fields:
        where = f"属性「{field.label or field.name}」"
        if not _NAME.fullmatch(field.name):
            raise BadInput(f"{where}的代码不正确。", "请以小写字母开头，只用小写字母、数字和下划线。")
        if not field.label.strip():
            raise BadInput(f"属性 {field.name} 没有名称。", "请填写中文名称。")
        if names.count(field.name) > 1 or labels.count(field.label) > 1:
            raise BadInput(f"{where}出现了不止一次。", "请为每个属性取不同的代码和名称。")
        if field.label in RESERVED:
            raise BadInput(f"{where}与资产的固定栏目同名。", "请换一个名称。")
        if field.kind not in [kind.value for kind in FieldKind]:
            known = "、".join(kind.value for kind in FieldKind)
            raise BadInput(f"{where}的类型「{field.kind}」不存在。", f"可用的有：{known}。")
        if field.kind == FieldKind.CHOICE and not field.choices:
            raise BadInput(f"{where}没有选项。", "请至少填写一个选项。")
        if field.min is not None and field.max is not None and field.min > field.max:
            raise BadInput(f"{where}的下限大于上限。", "请检查后重新填写。")


RESERVED = frozenset(
    (
        "资产编号",
        "名称",
        "资产类型",
        "所属机构",
        "状态",
        "启用日期",
        "停用日期",
        "上级资产",
        "运行于",
        "依赖",
        "位于",
    )
)
"""Column names of imports that no attribute may take."""


def validate(fields: Sequence[Field], values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return clean attributes and, by field name, what is wrong (属性校验); empty values are left out."""
    clean: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    known = {field.name: field for field in fields}
    for name in values:
        if name not in known:
            wrong[name] = f"资产类型没有名为「{name}」的属性。"
    for name, field in known.items():
        value = values.get(name)
        if isinstance(value, str):
            value = value.strip()
        if value is None or value == "":
            if field.required:
                wrong[name] = f"请填写「{field.label}」。"
            continue
        try:
            clean[name] = _READ[FieldKind(field.kind)](field, value)
        except ValueError as error:
            wrong[name] = f"「{field.label}」{error}"
    return clean, wrong


def _text(_field: Field, value: Any, limit: int = _MAX_TEXT) -> str:
    text = str(value)
    if len(text) > limit:
        raise ValueError(f"超过 {limit} 个字。")
    if any(ord(char) < 32 and (limit == _MAX_TEXT or char not in "\r\n\t") for char in text):
        raise ValueError("含有不能显示的字符。")
    return text


def _number(field: Field, value: Any) -> float | int:
    if isinstance(value, bool):
        raise ValueError("不是数字。")
    try:
        number = float(str(value).replace(",", ""))
    except ValueError:
        raise ValueError(f"的值「{str(value)[:20]}」不是数字。") from None
    if not isfinite(number):
        raise ValueError("不是数字。")
    if field.min is not None and number < field.min:
        raise ValueError(f"不能小于 {field.min:g}{field.unit}。")
    if field.max is not None and number > field.max:
        raise ValueError(f"不能大于 {field.max:g}{field.unit}。")
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _integer(field: Field, value: Any) -> int:
    number = _number(field, value)
    if not isinstance(number, int):
        raise ValueError(f"的值「{str(value)[:20]}」不是整数。")
    return number


def _date(_field: Field, value: Any) -> str:
    text = str(value).replace("/", "-").replace(".", "-")
    match = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text)
    try:
        if match is None:
            raise ValueError
        return date(*(int(part) for part in match.groups())).isoformat()
    except ValueError:
        raise ValueError(f"的值「{text[:20]}」不是日期，请按 2026-06-01 的样式填写。") from None


def _yes_no(_field: Field, value: Any) -> bool:
    words = {"是": True, "true": True, "1": True, "yes": True, "on": True}
    words |= {"否": False, "false": False, "0": False, "no": False}
    found = words.get(str(value).lower())
    if found is None:
        raise ValueError("只能填写“是”或“否”。")
    return found


def _choice(field: Field, value: Any) -> str:
    if str(value) not in field.choices:
        raise ValueError(f"的值「{str(value)[:20]}」不在选项中，可选：{'、'.join(field.choices)}。")
    return str(value)


def _ip(_field: Field, value: Any) -> str:
    try:
        return str(ipaddress.ip_address(str(value)))
    except ValueError:
        raise ValueError(f"的值「{str(value)[:40]}」不是 IP 地址。") from None


def _url(field: Field, value: Any) -> str:
    text = _text(field, value)
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ValueError("不是网址。") from None
    if parts.scheme not in {"http", "https", "tcp", "redis", "kafka"} or not parts.hostname:
        raise ValueError("不是网址，请填写以 http:// 或 https:// 开头的完整地址。")
    return text


_READ: Mapping[FieldKind, Callable[[Field, Any], Any]] = {
    FieldKind.TEXT: _text,
    FieldKind.LONG: lambda field, value: _text(field, value, _MAX_LONG),
    FieldKind.INTEGER: _integer,
    FieldKind.NUMBER: _number,
    FieldKind.DATE: _date,
    FieldKind.YES_NO: _yes_no,
    FieldKind.CHOICE: _choice,
    FieldKind.IP: _ip,
    FieldKind.URL: _url,
}


def shown(field: Field, value: Any) -> str:
    """Return a value as pages show it, with its unit.

    >>> shown(Field("a", "内存", "integer", unit="GB"), 64), shown(Field("b", "虚拟机", "yes_no"), False)
    ('64 GB', '否')
    """
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    text = f"{value:,}" if isinstance(value, float) else str(value)
    return f"{text} {field.unit}" if field.unit else text
