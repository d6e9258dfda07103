"""The page of check kinds (检查类型): written from their declarations, so that it cannot be out of date."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from taxops.engines.checks import Kind, Param, ParamType, check_kinds  # the path is set above


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", "<br>")


def _default(param: Param) -> str:
    if param.required:
        return "必填"
    if param.secret or param.default in (None, "", (), [], {}):
        return ""
    if isinstance(param.default, bool):
        return "是" if param.default else "否"
    if isinstance(param.default, tuple | list):
        return "、".join(f"`{item}`" for item in param.default)
    return f"`{param.default}`"


def _help(param: Param) -> str:
    parts = [param.help] if param.help else []
    if param.choices and len(param.choices) < 12:
        parts.append("可选：" + "、".join(f"`{code}` {label}" for code, label in param.choices) + "。")
    if param.secret:
        parts.append("加密保存，不显示。")
    return "".join(parts)


def _verified(kind: Kind) -> str:
    return "由平台判断，不连接外部系统" if kind.passive else kind.verified


def _section(kind: Kind) -> list[str]:
    lines = [f"## {kind.title} `{kind.name}`", "", kind.help, "", f"- **{_verified(kind)}**。"]
    lines.append(f"- {kind.target_label}：{kind.target_help}")
    if kind.conditions:
        lines.append("- 默认条件（全部成立为正常）：" + "；".join(f"`{text}`" for text in kind.conditions))
    if kind.warnings:
        lines.append("- 默认警告条件：" + "；".join(f"`{text}`" for text in kind.warnings))
    if kind.params:
        lines += ["", "| 参数 | 名称 | 类型 | 默认 | 说明 |", "| --- | --- | --- | --- | --- |"]
        lines += [
            f"| `{p.name}` | {_cell(p.label)} | {ParamType(p.type).label} | {_cell(_default(p))} | {_cell(_help(p))} |"
            for p in kind.params
        ]
    lines += ["", "| 判断依据 | 含义 | 单位 |", "| --- | --- | --- |"]
    lines += [f"| `{f.name}` | {_cell(f.meaning)} | {_cell(f.unit)} |" for f in kind.facts]
    return [*lines, ""]


def kind_page() -> str:
    """Return docs/kinds.zh-CN.md: every kind with its parameters, facts and what it was verified against."""
    kinds = [kind for _, kind in sorted(check_kinds.items())]
    lines = [
        "# 检查类型",
        "",
        "由 `./run docs` 从各类型的声明生成，请勿手改。条件的写法见[条件怎么写](conditions.zh-CN.md)。",
        "",
        "“已对真实系统验证”指自动测试中连接过真实的软件；“从未对真实系统验证”指只按厂商公开的接口说明、"
        "用替身测试过，第一次用于真实系统时请与该系统自带的工具对照结果。",
        "",
        "| 类型 | 代码 | 验证情况 |",
        "| --- | --- | --- |",
        *(f"| {kind.title} | `{kind.name}` | {_verified(kind)} |" for kind in kinds),
        "",
    ]
    for kind in kinds:
        lines += _section(kind)
    return "\n".join(lines).rstrip() + "\n"
