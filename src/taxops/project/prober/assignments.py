"""What the centre tells a prober to do (探测任务), read strictly: one bad entry does not spoil the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taxops.engines.base import BadInput
from taxops.engines.checks import CheckSpec, check_kinds


def _number(data: Mapping[str, Any], name: str, default: float) -> float:
    value = data.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise BadInput(f"{name} 应为正数。", field=name)
    return value


def _texts(data: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = data.get(name) or ()
    if not isinstance(value, list | tuple) or not all(isinstance(text, str) for text in value):
        raise BadInput(f"{name} 应为文字列表。", field=name)
    return tuple(value)


def read_spec(data: Any) -> CheckSpec:
    """Return the check that an assignment describes.

    Raises:
        BadInput: a part is missing or of another sort.
    """
    if not isinstance(data, dict):
        raise BadInput("检查定义应为 JSON 对象。")
    number, kind, target = data.get("id"), data.get("kind"), data.get("target")
    if type(number) is not int or number <= 0:
        raise BadInput("检查定义缺少 id。", field="id")
    if not isinstance(kind, str) or not isinstance(target, str):
        raise BadInput("检查定义缺少 kind 或 target。", field="kind")
    params = data.get("params") or {}
    if not isinstance(params, dict):
        raise BadInput("params 应为 JSON 对象。", field="params")
    return CheckSpec(
        id=number,
        kind=kind,
        target=target,
        params=params,
        conditions=_texts(data, "conditions"),
        warnings=_texts(data, "warnings"),
        interval_s=float(_number(data, "interval_s", 60.0)),
        retry_interval_s=float(_number(data, "retry_interval_s", 10.0)),
        timeout_s=float(_number(data, "timeout_s", 5.0)),
        confirm=int(_number(data, "confirm", 3)),
        recover=int(_number(data, "recover", 2)),
        version=int(_number(data, "version", 1)),
    )


def read_assignments(data: Any) -> tuple[str, list[CheckSpec], list[str]]:
    """Return version, checks, and what is wrong with the entries left out.

    Raises:
        BadInput: this is no assignment at all.
    """
    if not isinstance(data, dict) or not isinstance(data.get("checks"), list):
        raise BadInput("平台返回的探测任务无法识别。", "请核对 --url 是否指向 TaxOps 平台。")
    specs: list[CheckSpec] = []
    wrong: list[str] = []
    for item in data["checks"]:
        try:
            specs.append(read_spec(item))
        except BadInput as error:
            wrong.append(f"{item.get('id') if isinstance(item, dict) else item!r:.20}：{error.what}")
    return str(data.get("version", "")), specs, wrong


def without_secrets(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return assignments fit to be kept on disk: checks that need a secret are left out."""
    kept = []
    for item in data["checks"]:
        kind = (
            check_kinds.get(item["kind"])
            if isinstance(item, dict) and item.get("kind") in check_kinds
            else None
        )
        if kind is None:
            continue
        secrets = {param.name for param in kind.params if param.secret}
        if not any(item.get("params", {}).get(name) for name in secrets):
            kept.append(item)
    return {"version": "", "checks": kept}
