"""Reading parameter values (参数取值): texts from forms and the command line become what the kind wants."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

from taxops.engines.base import BadInput

from .params import Param

_YES = frozenset({"1", "true", "yes", "on", "是"})
_NO = frozenset({"0", "false", "no", "off", "否", ""})
_MOST_TEXT = 100_000


def read_value(param: Param, value: Any) -> Any:
    """Return one parameter's value in its type, or its default.

    Raises:
        BadInput: it is missing or does not fit; `field` is the parameter's name.
    """
    if value is None or (isinstance(value, str) and not value.strip()) or value in ([], {}):
        if param.required:
            raise BadInput(f"没有填写「{param.label}」。", param.help, field=param.name)
        return param.default
    if isinstance(value, str) and len(value) > _MOST_TEXT:
        raise BadInput(f"「{param.label}」超过 {_MOST_TEXT} 个字符。", field=param.name)
    return _READERS[param.type.value](param, value)


def _wrong(param: Param, wanted: str) -> BadInput:
    return BadInput(f"「{param.label}」应填{wanted}。", param.help, field=param.name)


def _text(param: Param, value: Any) -> str:
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise _wrong(param, "文字")
    text = str(value)
    if param.most is not None and len(text) > param.most:
        raise _wrong(param, f"不超过 {int(param.most)} 个字符的文字")
    return text


def _number(param: Param, value: Any) -> float:
    try:
        number = float(value) if not isinstance(value, bool) else math.nan
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise _wrong(param, "数")
    if (param.least is not None and number < param.least) or (param.most is not None and number > param.most):
        least = f"{param.least:g}" if param.least is not None else "−∞"
        most = f"{param.most:g}" if param.most is not None else "+∞"
        raise _wrong(param, f" {least} 到 {most} 之间的数")
    return number


def _integer(param: Param, value: Any) -> int:
    number = _number(param, value)
    if number != int(number):
        raise _wrong(param, "整数")
    return int(number)


def _boolean(param: Param, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise _wrong(param, "是或否")


def _choice(param: Param, value: Any) -> str:
    if value not in {code for code, _ in param.choices}:
        known = "、".join(f"{code}（{label}）" for code, label in param.choices)
        raise BadInput(
            f"「{param.label}」不能是「{str(value)[:40]}」。", f"可选：{known}。", field=param.name
        )
    return str(value)


def _json(param: Param, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        where = f"第 {error.lineno} 行第 {error.colno} 列" if isinstance(error, json.JSONDecodeError) else ""
        raise BadInput(
            f"「{param.label}」不是有效的 JSON{where and '（' + where + '）'}。", field=param.name
        ) from error
    except RecursionError as error:
        raise BadInput(f"「{param.label}」嵌套太深。", field=param.name) from error


def _map(param: Param, value: Any) -> dict[str, str]:
    """Read an object, or lines such as `Accept: text/html` or `name=value`."""
    if isinstance(value, str):
        if value.lstrip().startswith("{"):
            value = _json(param, value)
        else:
            pairs: dict[str, str] = {}
            for line in value.splitlines():
                if not line.strip():
                    continue
                cut = min((at for at in (line.find(":"), line.find("=")) if at > 0), default=-1)
                if cut < 0:
                    raise _wrong(param, "每行一个「名称: 值」")
                pairs[line[:cut].strip()] = line[cut + 1 :].strip()
            value = pairs
    if not isinstance(value, dict) or not all(
        isinstance(v, str | int | float | bool) for v in value.values()
    ):
        raise _wrong(param, "名称与值")
    return {str(name): str(item) for name, item in value.items()}


def _list(param: Param, value: Any) -> list[str]:
    """Read a JSON list, or words divided by commas or line ends."""
    if isinstance(value, str):
        if value.lstrip().startswith("["):
            value = _json(param, value)
        else:
            value = [part.strip() for part in value.replace("，", ",").replace("\n", ",").split(",")]
    if not isinstance(value, list | tuple) or not all(isinstance(item, str | int | float) for item in value):
        raise _wrong(param, "列表，用逗号或换行分隔")
    return [str(item) for item in value if str(item).strip()]


_READERS: dict[str, Callable[[Param, Any], Any]] = {
    "text": _text,
    "lines": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "choice": _choice,
    "map": _map,
    "list": _list,
    "json": _json,
}
